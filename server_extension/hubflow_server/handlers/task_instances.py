"""Task instances of a run: list, one, mark, run now, annotate."""

from __future__ import annotations

from typing import Any

from hubflow.db.queries.instance_search import DATES, InstanceFilter
from hubflow.errors import NotFound
from hubflow.services import failed_deps, marking, run_task, task_instances
from hubflow.services.dto import PatchTaskInstance, RunTask, SetNote
from hubflow.services.dto.stable import ExtraLinksDto
from hubflow.services.dto.stable import ListTaskInstances as ListTaskInstancesBody
from hubflow.services.selection import windows_of
from hubflow.states import TaskState
from hubflow_server.base import HubflowHandler
from hubflow_server.requests import ListTaskInstances, ListTries, whole_number


class TaskInstancesHandler(HubflowHandler):
    async def get(self, dag_id: str, run_id: str) -> None:
        """A page of task instances; `~` is any DAG or run. 404 dag-run-not-found."""
        await self.list_narrowed(dag_id, run_id, InstanceFilter())

    async def list_narrowed(self, dag_id: str, run_id: str, wanted: InstanceFilter) -> None:
        query = self.query(ListTaskInstances)
        wanted = wanted._replace(
            states=query.state,
            pools=query.pool,
            queues=query.queue,
            executors=query.executor,
            dates=windows_of(query, tuple(DATES)),
            durations=(query.duration_gte, query.duration_lte),
        )
        page = await self.call(
            task_instances.list_page,
            dag_id,
            run_id,
            query.limit,
            query.offset,
            wanted=wanted,
            order_by=query.order_by,
        )
        self.reply(page)


class MappedTaskInstancesHandler(TaskInstancesHandler):
    async def get(self, dag_id: str, run_id: str, task_id: str) -> None:  # type: ignore[override]
        """A page of the instances of a mapped task. 404 dag-run-not-found."""
        await self.list_narrowed(dag_id, run_id, InstanceFilter(task_ids=[task_id], is_mapped=True))


class TaskInstancesBatchHandler(HubflowHandler):
    async def post(self) -> None:
        """A page of task instances of several DAGs and runs, as the body narrows it."""
        body = self.decode(ListTaskInstancesBody)
        wanted = InstanceFilter(
            dag_ids=body.dag_ids,
            run_ids=body.dag_run_ids,
            task_ids=body.task_ids,
            states=[state or TaskState.NONE for state in body.state],
            pools=body.pool,
            queues=body.queue,
            executors=body.executor,
            dates=windows_of(body, tuple(DATES)),
            durations=(body.duration_gte, body.duration_lte),
        )
        page = await self.call(
            task_instances.list_page,
            task_instances.ANY,
            task_instances.ANY,
            body.page_limit,
            body.page_offset,
            wanted=wanted,
            order_by=body.order_by,
        )
        self.reply(page)


class TaskInstanceHandler(HubflowHandler):
    async def get(self, dag_id: str, run_id: str, task_id: str) -> None:
        """One task instance. 404 dag-run-not-found, task-not-found."""
        self.reply(await self.call(task_instances.get, dag_id, run_id, task_id))

    async def patch(self, dag_id: str, run_id: str, task_id: str) -> None:
        """Mark a task instance, unless `dry_run` (the default). 404; 409 stale-state."""
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


class MappedTaskInstanceHandler(HubflowHandler):
    async def get(self, dag_id: str, run_id: str, task_id: str, map_index: str) -> None:
        """One instance of a mapped task. 404."""
        which = (dag_id, run_id, task_id, int(map_index))
        self.reply(await self.call(task_instances.get, *which))

    async def patch(self, dag_id: str, run_id: str, task_id: str, map_index: str) -> None:
        """Mark one instance of a mapped task, unless `dry_run` (the default). 404; 409."""
        body = self.decode(PatchTaskInstance)
        which = (dag_id, run_id, task_id, body, int(map_index))
        self.reply(await self.call(marking.mark_task, *which))


class MappedTaskInstanceNoteHandler(HubflowHandler):
    async def patch(self, dag_id: str, run_id: str, task_id: str, map_index: str) -> None:
        """Write a note on one instance of a mapped task. 404."""
        which = (dag_id, run_id, task_id, self.decode(SetNote), int(map_index))
        self.reply(await self.call(task_instances.set_note, *which))


class TriesHandler(HubflowHandler):
    async def get(self, dag_id: str, run_id: str, task_id: str) -> None:
        """The task instance as it was in each of its tries. 404."""
        await self.list_tries(dag_id, run_id, task_id, None)

    async def list_tries(self, *which: Any) -> None:
        query = self.query(ListTries)
        page = await self.call(
            task_instances.list_tries,
            *which,
            order_by=query.order_by,
            limit=query.limit,
            offset=query.offset,
        )
        self.reply(page)


class TryHandler(HubflowHandler):
    async def get(self, dag_id: str, run_id: str, task_id: str, number: str) -> None:
        """The task instance as it was in one try. 404."""
        which = (dag_id, run_id, task_id, try_number(number))
        self.reply(await self.call(task_instances.get_try, *which))


class MappedTriesHandler(TriesHandler):
    async def get(  # type: ignore[override]
        self, dag_id: str, run_id: str, task_id: str, map_index: str
    ) -> None:
        """One instance of a mapped task as it was in each of its tries. 404."""
        await self.list_tries(dag_id, run_id, task_id, int(map_index))


class MappedTryHandler(HubflowHandler):
    async def get(
        self, dag_id: str, run_id: str, task_id: str, map_index: str, number: str
    ) -> None:
        """One instance of a mapped task as it was in one try. 404."""
        which = (dag_id, run_id, task_id, try_number(number), int(map_index))
        self.reply(await self.call(task_instances.get_try, *which))


class DependenciesHandler(HubflowHandler):
    async def get(self, dag_id: str, run_id: str, task_id: str) -> None:
        """Conditions that keep the task instance from running. 404."""
        self.reply(await self.call(failed_deps.get, dag_id, run_id, task_id))


class MappedDependenciesHandler(HubflowHandler):
    async def get(self, dag_id: str, run_id: str, task_id: str, map_index: str) -> None:
        """Conditions that keep an instance of a mapped task from running. 404."""
        await self.call(task_instances.get, dag_id, run_id, task_id, int(map_index))
        self.reply(await self.call(failed_deps.get, dag_id, run_id, task_id, int(map_index)))


class LinksHandler(HubflowHandler):
    async def get(self, dag_id: str, run_id: str, task_id: str) -> None:
        """Extra links of the task instance; hubflow's operators have none. 404."""
        links = await self.call(task_instances.links, dag_id, run_id, task_id)
        self.reply(ExtraLinksDto(extra_links=links))


def try_number(text: str) -> int:
    """Read the number of a try in a URL; raises NotFound."""
    return whole_number(text[:9], NotFound(f"{text!r} is no number of a try"))
