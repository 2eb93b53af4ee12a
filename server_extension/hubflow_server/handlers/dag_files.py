"""Texts of DAG files."""

from __future__ import annotations

from hubflow.services import dag_files, parse_requests
from hubflow.services.dto import DagSourceDto
from hubflow_server.base import HubflowHandler


class DagSourceHandler(HubflowHandler):
    async def get(self, file_token: str) -> None:
        """The text of a DAG file, as JSON or text/plain. 404."""
        text = await self.call(dag_files.source, file_token)
        if self.accepts("text/plain"):
            self.reply_text(text)
        else:
            self.reply(DagSourceDto(content=text))


class ParseDagFileHandler(HubflowHandler):
    async def put(self, file_token: str) -> None:
        """Read a DAG file again, changed or not. 201; 404."""
        self.reply(await self.call(parse_requests.ask, file_token), status=201)
