"""DAGs: list, one, pause, delete; clear and mark tasks of several runs."""

from __future__ import annotations

from hubflow.db.queries.dags import DagFilter
from hubflow.services import clearing, dags, marking
from hubflow.services.dto import ClearTaskInstances, PatchDag, UpdateTaskInstancesState
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

    async def delete(self, dag_id: str) -> None:
        """Delete a DAG's history, and the DAG if its file is gone. 404; 409 dag-busy."""
        await self.call(dags.delete, dag_id)
        self.reply_nothing()


class ClearTaskInstancesHandler(HubflowHandler):
    async def post(self, dag_id: str) -> None:
        """Clear task instances, or list them (`dry_run`, the default). 404; 409 stale-state."""
        body = self.decode(ClearTaskInstances)
        self.reply(await self.call(clearing.clear, dag_id, body))


class UpdateTaskInstancesStateHandler(HubflowHandler):
    async def post(self, dag_id: str) -> None:
        """Mark task instances, or list them (`dry_run`, the default). 404; 409 stale-state."""
        body = self.decode(UpdateTaskInstancesState)
        self.reply(await self.call(marking.mark_tasks, dag_id, body))
