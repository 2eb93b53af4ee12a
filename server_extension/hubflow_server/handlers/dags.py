"""DAGs: list, one, pause, delete; clear and mark tasks of several runs."""

from __future__ import annotations

from hubflow.db.queries.dags import DagFilter
from hubflow.errors import BadRequest
from hubflow.services import clearing, dag_details, dag_stats, dags, marking
from hubflow.services.dag_runs import ANY_DAG
from hubflow.services.dto import ClearTaskInstances, PatchDag, UpdateTaskInstancesState
from hubflow.services.dto.stable import PatchDags
from hubflow_server.base import HubflowHandler
from hubflow_server.requests import (
    Fields,
    ListDags,
    ListDagStats,
    ListDagWarnings,
    ListTasks,
    Patch,
    PatchDagsQuery,
    names,
)


class DagsHandler(HubflowHandler):
    async def get(self) -> None:
        """A page of DAGs by id."""
        query = self.query(ListDags)
        which = (narrowed(query), query.limit, query.offset, query.order_by)
        self.reply_fields(await self.call(dags.list_page, *which), query.fields, "dags")

    async def patch(self) -> None:
        """Pause or unpause all DAGs that the query names. 400 without dag_id_pattern."""
        query, body = self.query(PatchDagsQuery), self.decode(PatchDags)
        check_mask(query.update_mask)
        if not query.dag_id_pattern.strip("%"):
            raise BadRequest("dag_id_pattern is empty; say ~ for all DAGs")
        which = (narrowed(query), body, query.limit, query.offset)
        self.reply(await self.call(dags.patch_many, *which))


class DagHandler(HubflowHandler):
    async def get(self, dag_id: str) -> None:
        """One DAG. 404 dag-not-found."""
        self.reply_fields(await self.call(dags.get, dag_id), self.query(Fields).fields)

    async def patch(self, dag_id: str) -> None:
        """Pause or unpause. 404 dag-not-found."""
        check_mask(self.query(Patch).update_mask)
        self.reply(await self.call(dags.patch, dag_id, self.decode(PatchDag)))

    async def delete(self, dag_id: str) -> None:
        """Delete a DAG's history, and the DAG if its file is gone. 404; 409 dag-busy."""
        await self.call(dags.delete, dag_id)
        self.reply_nothing()


class DagDetailsHandler(HubflowHandler):
    async def get(self, dag_id: str) -> None:
        """One DAG with what its current version says. 404 dag-not-found."""
        self.reply_fields(await self.call(dag_details.get, dag_id), self.query(Fields).fields)


class TasksHandler(HubflowHandler):
    async def get(self, dag_id: str) -> None:
        """All tasks of a DAG. 404 dag-not-found."""
        query = self.query(ListTasks)
        self.reply(await self.call(dag_details.list_tasks, dag_id, query.order_by))


class TaskHandler(HubflowHandler):
    async def get(self, dag_id: str, task_id: str) -> None:
        """One task of a DAG. 404 dag-not-found, task-not-found."""
        self.reply(await self.call(dag_details.get_task, dag_id, task_id))


class DagStatsHandler(HubflowHandler):
    async def get(self) -> None:
        """How many runs DAGs have in each state."""
        query = self.query(ListDagStats)
        self.reply(await self.call(dag_stats.stats, names(query.dag_ids)))


class DagWarningsHandler(HubflowHandler):
    async def get(self) -> None:
        """A page of what is odd about DAGs: arguments without effect, pools that are missing."""
        query = self.query(ListDagWarnings)
        which = (query.dag_id, query.warning_type, query.limit, query.offset, query.order_by)
        self.reply(await self.call(dag_stats.warnings, *which))


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


def check_mask(update_mask: list[str]) -> None:
    """Raise BadRequest for a mask of other fields than the only one that can be changed."""
    if wrong := [name for name in names(update_mask) if name != "is_paused"]:
        raise BadRequest(f"update_mask names {wrong[0]!r}; only is_paused can be changed")


def narrowed(query: ListDags | PatchDagsQuery) -> DagFilter:
    """Return the filter that a query means."""
    pattern = "" if query.dag_id_pattern == ANY_DAG else query.dag_id_pattern.strip("%")
    return DagFilter(
        id_part=pattern,
        paused=query.paused,
        only_active=query.only_active,
        tags=tuple(names(query.tags)),
    )
