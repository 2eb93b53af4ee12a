"""DAGs: list, one, pause."""

from __future__ import annotations

from hubflow.db.queries.dags import DagFilter
from hubflow.services import dags
from hubflow.services.dto import PatchDag
from hubflow_server.base import HubflowHandler
from hubflow_server.requests import ListDags


class DagsHandler(HubflowHandler):
    async def get(self) -> None:
        """A page of DAGs by id."""
        query = self.query(ListDags)
        narrowed = DagFilter(
            search=query.dag_id_pattern.strip("%"),
            paused=query.paused,
            only_active=query.only_active,
            tags=tuple(query.tags),
        )
        self.reply(await self.call(dags.list_page, narrowed, query.limit, query.offset))


class DagHandler(HubflowHandler):
    async def get(self, dag_id: str) -> None:
        """One DAG. 404 dag-not-found."""
        self.reply(await self.call(dags.get, dag_id))

    async def patch(self, dag_id: str) -> None:
        """Pause or unpause. 404 dag-not-found."""
        self.reply(await self.call(dags.patch, dag_id, self.decode(PatchDag)))
