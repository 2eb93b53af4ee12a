"""Task instances of a run."""

from __future__ import annotations

from hubflow.services import task_instances
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
