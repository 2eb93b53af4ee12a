"""Runs: list, one, trigger."""

from __future__ import annotations

from hubflow.services import dag_runs
from hubflow.services.dto import TriggerRun
from hubflow_server.base import HubflowHandler
from hubflow_server.requests import ListDagRuns


class DagRunsHandler(HubflowHandler):
    async def get(self, dag_id: str) -> None:
        """A page of runs of one DAG, or of all with `~`. 404 dag-not-found."""
        query = self.query(ListDagRuns)
        page = await self.call(
            dag_runs.list_page,
            dag_id,
            states=query.state,
            order_by=query.order_by,
            limit=query.limit,
            offset=query.offset,
        )
        self.reply(page)

    async def post(self, dag_id: str) -> None:
        """Trigger a run. 404 dag-not-found; 409 run-exists."""
        self.reply(await self.call(dag_runs.trigger, dag_id, self.decode(TriggerRun)))


class DagRunHandler(HubflowHandler):
    async def get(self, dag_id: str, run_id: str) -> None:
        """One run. 404 dag-run-not-found."""
        self.reply(await self.call(dag_runs.get, dag_id, run_id))
