"""Read models: one for each view of the front end."""

from __future__ import annotations

from hubflow.db.queries.dags import DagFilter
from hubflow.services import attention, dag_files, failed_deps, marking, views
from hubflow_server.base import HubflowHandler
from hubflow_server.requests import (
    ChooseMapIndex,
    PreviewMark,
    ViewDags,
    ViewFile,
    ViewGrid,
    ViewVersion,
)

_PAUSED = {"false": False, "true": True, "all": None, "new": None}


class DagRowsHandler(HubflowHandler):
    async def get(self) -> None:
        """A page of the DAG list."""
        query = self.query(ViewDags)
        narrowed = DagFilter(
            search=query.search,
            paused=_PAUSED[query.paused],
            last_run_state=query.state,
            only_new=query.paused == "new",
        )
        self.reply(await self.call(views.dag_rows, narrowed, query.limit, query.page))


class DagRowHandler(HubflowHandler):
    async def get(self, dag_id: str) -> None:
        """One line of the DAG list. 404 dag-not-found."""
        self.reply(await self.call(views.dag_row, dag_id))


class AttentionHandler(HubflowHandler):
    async def get(self) -> None:
        """What needs a person."""
        self.reply(await self.call(attention.list_items))


class GridHandler(HubflowHandler):
    async def get(self, dag_id: str) -> None:
        """The latest runs with their tasks. 404 dag-not-found."""
        query = self.query(ViewGrid)
        self.reply(await self.call(views.grid, dag_id, query.limit, query.before))


class StructureHandler(HubflowHandler):
    async def get(self, dag_id: str) -> None:
        """The graph of one version. 404."""
        self.reply(await self.call(views.structure, dag_id, self.query(ViewVersion).version))


class SourceHandler(HubflowHandler):
    async def get(self, dag_id: str) -> None:
        """The code of one version. 404."""
        self.reply(await self.call(views.source, dag_id, self.query(ViewVersion).version))


class FileHandler(HubflowHandler):
    async def get(self) -> None:
        """A DAG file, and why it cannot be read if it cannot. 404."""
        self.reply(await self.call(dag_files.view, self.query(ViewFile).path))


class MarkPreviewHandler(HubflowHandler):
    async def get(self, dag_id: str, run_id: str) -> None:
        """What a mark of a whole run would touch. 404."""
        state = self.query(PreviewMark).state
        self.reply(await self.call(marking.preview_run, dag_id, run_id, state))


class TaskDependenciesHandler(HubflowHandler):
    async def get(self, dag_id: str, run_id: str, task_id: str) -> None:
        """Why a task does not run. 404."""
        map_index = self.query(ChooseMapIndex).map_index
        self.reply(await self.call(failed_deps.get, dag_id, run_id, task_id, map_index))


class TaskPanelHandler(HubflowHandler):
    async def get(self, dag_id: str, run_id: str, task_id: str) -> None:
        """A task instance with tries and XComs; of several the first that failed. 404."""
        map_index = self.query(ChooseMapIndex).map_index
        self.reply(await self.call(views.task_panel, dag_id, run_id, task_id, map_index))
