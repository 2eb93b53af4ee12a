"""Versions of a DAG: list, one, what differs between two."""

from __future__ import annotations

from hubflow.errors import NotFound
from hubflow.services import dag_versions
from hubflow_server.base import HubflowHandler
from hubflow_server.requests import Page, whole_number


class DagVersionsHandler(HubflowHandler):
    async def get(self, dag_id: str) -> None:
        """A page of the versions of a DAG, newest first. 404 dag-not-found."""
        query = self.query(Page)
        self.reply(await self.call(dag_versions.list_page, dag_id, query.limit, query.offset))


class DagVersionHandler(HubflowHandler):
    async def get(self, dag_id: str, number: str) -> None:
        """One version. 404 dag-not-found, version-not-found."""
        self.reply(await self.call(dag_versions.get, dag_id, _number(number)))


class DagVersionDiffHandler(HubflowHandler):
    async def get(self, dag_id: str, number: str, other: str) -> None:
        """What differs from one version to another: tasks, arguments, source. 404."""
        self.reply(await self.call(dag_versions.diff, dag_id, _number(number), _number(other)))


def _number(text: str) -> int:
    return whole_number(text, NotFound(f"there is no version {text!r}"))
