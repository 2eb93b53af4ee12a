"""The experimental API of Airflow 1.10, below `api/experimental`; errors are `{"error"}`."""

from __future__ import annotations

from typing import Any

import msgspec
from tornado.web import HTTPError

from hubflow.errors import PermissionDenied
from hubflow.services import dags, experimental
from hubflow.services.access import Permission
from hubflow.services.dto import PatchDag
from hubflow.services.dto.experimental import (
    ExperimentalRun,
    MessageDto,
    PausedDto,
    PostOldPool,
    ResponseDto,
)
from hubflow_server import http_errors
from hubflow_server.base import HubflowHandler
from hubflow_server.requests import ListOldRuns


class ExperimentalHandler(HubflowHandler):
    """Base of these handlers. Clients of Airflow 1.10 send numbers and truth as text, too."""

    is_strict = False

    @property
    def run_url(self) -> str:
        """Where runs are found below a DAG's id."""
        return f"{self.site.api_path}/dags"

    def reply_list(self, rows: list[Any]) -> None:
        """Answer with a bare list, as this API does."""
        self.set_header("Content-Type", "application/json")
        self.finish(msgspec.json.encode(rows))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        exc = kwargs["exc_info"][1] if "exc_info" in kwargs else HTTPError(status_code)
        problem = http_errors.problem(exc)
        # This API knows no conflicts: what exists already is a bad request.
        self.set_status(400 if problem.status == 409 else problem.status)
        self.set_header("Content-Type", "application/json")
        self.finish(msgspec.json.encode({"error": problem.detail}))


class UnknownHandler(ExperimentalHandler):
    """Any path below that no route knows."""

    async def prepare(self) -> None:
        raise HTTPError(404, reason=f"there is nothing at {self.request.path}")


class TestHandler(ExperimentalHandler):
    async def get(self) -> None:
        """Whether this API is there."""
        self.reply({"status": "OK"})


class RunsHandler(ExperimentalHandler):
    async def get(self, dag_id: str) -> None:
        """Runs of a DAG, oldest first."""
        state = self.query(ListOldRuns).state
        self.reply_list(await self.call(experimental.list_runs, dag_id, state, self.run_url))

    async def post(self, dag_id: str) -> None:
        """Trigger a run."""
        body = self.decode(ExperimentalRun)
        self.reply(await self.call(experimental.trigger, dag_id, body))


class RunHandler(ExperimentalHandler):
    async def get(self, dag_id: str, date: str) -> None:
        """State of the run at a date."""
        self.reply(await self.call(experimental.run_state, dag_id, date))


class TaskInstanceHandler(ExperimentalHandler):
    async def get(self, dag_id: str, date: str, task_id: str) -> None:
        """A task instance."""
        self.reply(await self.call(experimental.task_instance, dag_id, date, task_id))


class TaskHandler(ExperimentalHandler):
    async def get(self, dag_id: str, task_id: str) -> None:
        """A task."""
        self.reply(await self.call(experimental.task, dag_id, task_id))


class CodeHandler(ExperimentalHandler):
    async def get(self, dag_id: str) -> None:
        """Text of a DAG's file."""
        text = await self.call(experimental.code, dag_id)
        self.set_header("Content-Type", "application/json")
        self.finish(msgspec.json.encode(text))


class PausedHandler(ExperimentalHandler):
    async def get(self, dag_id: str) -> None:
        """Whether a DAG is paused."""
        self.reply(PausedDto(is_paused=(await self.call(dags.get, dag_id)).is_paused))


class PauseHandler(ExperimentalHandler):
    async def get(self, dag_id: str, value: str) -> None:
        """Pause a DAG, or switch it on; only for programs that show their token in a header."""
        if "Authorization" not in self.request.headers:
            # A GET that changes something: any page could have a browser send it.
            raise PermissionDenied(Permission.DAGS_EDIT.value, "a request without a token")
        body = PatchDag(is_paused=value == "true")
        await self.call(dags.patch, dag_id, body)
        self.reply(ResponseDto(response="ok"))


class DagHandler(ExperimentalHandler):
    async def delete(self, dag_id: str) -> None:
        """Delete a DAG's history, and the DAG if its file is gone."""
        await self.call(dags.delete, dag_id)
        self.reply(MessageDto(message=f"Removed the records of {dag_id}"))


class LatestRunsHandler(ExperimentalHandler):
    async def get(self) -> None:
        """Newest run of each DAG."""
        self.reply(await self.call(experimental.latest_runs, self.run_url))


class PoolsHandler(ExperimentalHandler):
    async def get(self) -> None:
        """All pools."""
        self.reply_list(await self.call(experimental.list_pools))

    async def post(self) -> None:
        """Add or change a pool."""
        self.reply(await self.call(experimental.put_pool, self.decode(PostOldPool)))


class PoolHandler(ExperimentalHandler):
    async def get(self, name: str) -> None:
        """One pool."""
        self.reply(await self.call(experimental.get_pool, name))

    async def delete(self, name: str) -> None:
        """Remove a pool."""
        self.reply(await self.call(experimental.delete_pool, name))
