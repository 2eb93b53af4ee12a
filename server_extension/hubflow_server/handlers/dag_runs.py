"""Runs: list, one, trigger, mark, clear, annotate, delete."""

from __future__ import annotations

from hubflow.services import clearing, dag_runs, marking
from hubflow.services.dto import ClearDagRun, PatchDagRun, SetNote, TriggerRun
from hubflow.services.dto.stable import ListDagRuns as ListDagRunsBody
from hubflow.services.selection import windows_of
from hubflow_server.base import HubflowHandler
from hubflow_server.requests import Fields, ListDagRuns


class DagRunsHandler(HubflowHandler):
    async def get(self, dag_id: str) -> None:
        """A page of runs of one DAG, or of all with `~`. 404 dag-not-found."""
        query = self.query(ListDagRuns)
        page = await self.call(
            dag_runs.list_page,
            dag_id,
            states=query.state,
            dates=windows_of(query, dag_runs.RUN_DATES),
            order_by=query.order_by,
            limit=query.limit,
            offset=query.offset,
        )
        self.reply_fields(page, query.fields, "dag_runs")

    async def post(self, dag_id: str) -> None:
        """Trigger a run. 404 dag-not-found; 409 run-exists."""
        self.reply(await self.call(dag_runs.trigger, dag_id, self.decode(TriggerRun)))


class DagRunsBatchHandler(HubflowHandler):
    async def post(self) -> None:
        """A page of runs of several DAGs, as the body narrows it."""
        body = self.decode(ListDagRunsBody)
        page = await self.call(
            dag_runs.list_page,
            dag_runs.ANY_DAG,
            states=body.states,
            dag_ids=body.dag_ids,
            dates=windows_of(body, dag_runs.RUN_DATES),
            order_by=body.order_by,
            limit=body.page_limit,
            offset=body.page_offset,
        )
        self.reply(page)


class DagRunHandler(HubflowHandler):
    async def get(self, dag_id: str, run_id: str) -> None:
        """One run. 404 dag-run-not-found."""
        found = await self.call(dag_runs.get, dag_id, run_id)
        self.reply_fields(found, self.query(Fields).fields)

    async def patch(self, dag_id: str, run_id: str) -> None:
        """End a run as success or failed with its tasks, or queue it again. 404; 409."""
        self.reply(await self.call(marking.mark_run, dag_id, run_id, self.decode(PatchDagRun)))

    async def delete(self, dag_id: str, run_id: str) -> None:
        """Delete a run and end what runs of it. 404 dag-run-not-found."""
        await self.call(dag_runs.delete, dag_id, run_id)
        self.reply_nothing()


class ClearDagRunHandler(HubflowHandler):
    async def post(self, dag_id: str, run_id: str) -> None:
        """Clear all tasks of a run, or list them (`dry_run`). 404 dag-run-not-found."""
        self.reply(await self.call(clearing.clear_run, dag_id, run_id, self.decode(ClearDagRun)))


class DagRunNoteHandler(HubflowHandler):
    async def patch(self, dag_id: str, run_id: str) -> None:
        """Write a note on a run. 404 dag-run-not-found."""
        self.reply(await self.call(dag_runs.set_note, dag_id, run_id, self.decode(SetNote)))
