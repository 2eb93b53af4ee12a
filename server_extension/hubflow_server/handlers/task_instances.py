"""Task instances of a run: list, one, mark, run now, annotate."""

from __future__ import annotations

from hubflow.services import marking, run_task, task_instances
from hubflow.services.dto import PatchTaskInstance, RunTask, SetNote
from hubflow_server.base import HubflowHandler
from hubflow_server.requests import Page


class TaskInstancesHandler(HubflowHandler):
    async def get(self, dag_id: str, run_id: str) -> None:
        """A page of task instances. 404 dag-run-not-found."""
        query = self.query(Page)
        self.reply(
            await self.call(task_instances.list_page, dag_id, run_id, query.limit, query.offset)
        )


class TaskInstanceHandler(HubflowHandler):
    async def get(self, dag_id: str, run_id: str, task_id: str) -> None:
        """One task instance. 404 dag-run-not-found, task-not-found."""
        self.reply(await self.call(task_instances.get, dag_id, run_id, task_id))

    async def patch(self, dag_id: str, run_id: str, task_id: str) -> None:
        """Mark a task instance, or list what that touches (`dry_run`, the default). 404."""
        body = self.decode(PatchTaskInstance)
        self.reply(await self.call(marking.mark_task, dag_id, run_id, task_id, body))


class RunTaskInstanceHandler(HubflowHandler):
    async def post(self, dag_id: str, run_id: str, task_id: str) -> None:
        """Run a task instance now. 404; 409 dependencies-not-met, with all of these."""
        body = self.decode(RunTask)
        self.reply(await self.call(run_task.run_now, dag_id, run_id, task_id, body))


class TaskInstanceNoteHandler(HubflowHandler):
    async def patch(self, dag_id: str, run_id: str, task_id: str) -> None:
        """Write a note on a task instance. 404."""
        body = self.decode(SetNote)
        self.reply(await self.call(task_instances.set_note, dag_id, run_id, task_id, body))
