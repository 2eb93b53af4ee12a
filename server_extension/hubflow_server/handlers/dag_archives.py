"""The DAG folder as a `tar.gz`."""

from __future__ import annotations

from functools import partial

from hubflow.errors import BadRequest
from hubflow.services import dag_archives
from hubflow_server.base import HubflowHandler


class DagArchiveHandler(HubflowHandler):
    async def get(self) -> None:
        """All files of the DAG folder as `tar.gz`."""
        packed = await self.call(dag_archives.pack)
        with packed:
            self.set_header("Content-Type", "application/gzip")
            self.set_header("Content-Disposition", 'attachment; filename="dags.tar.gz"')
            while block := await self.run(partial(packed.read, dag_archives.CHUNK)):
                self.write(block)
                await self.flush()

    async def post(self) -> None:
        """Unpack the `tar.gz` in the form field `sources` into the DAG folder. 400."""
        given = self.request.files.get("sources", [])
        if len(given) != 1:
            raise BadRequest("send one tar.gz as the file `sources` of a multipart/form-data body")
        self.reply(await self.call(dag_archives.unpack, given[0].body))
