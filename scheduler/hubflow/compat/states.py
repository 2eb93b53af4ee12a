"""`airflow.utils.state` and `airflow.utils.types`: names of states and of kinds of runs."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar

from hubflow.states import RunState, TaskState


class _Named(StrEnum):
    def __repr__(self) -> str:
        return repr(self.value)


class TaskInstanceState(_Named):
    """States of a task that are written down; a task that nobody has looked at has None."""

    REMOVED = TaskState.REMOVED
    SCHEDULED = TaskState.SCHEDULED
    QUEUED = TaskState.QUEUED
    RUNNING = TaskState.RUNNING
    SUCCESS = TaskState.SUCCESS
    RESTARTING = TaskState.RESTARTING
    FAILED = TaskState.FAILED
    UP_FOR_RETRY = TaskState.UP_FOR_RETRY
    UP_FOR_RESCHEDULE = TaskState.UP_FOR_RESCHEDULE
    UPSTREAM_FAILED = TaskState.UPSTREAM_FAILED
    SKIPPED = TaskState.SKIPPED
    DEFERRED = TaskState.DEFERRED
    SHUTDOWN = "shutdown"


class DagRunState(_Named):
    """States of a DAG run."""

    QUEUED = RunState.QUEUED
    RUNNING = RunState.RUNNING
    SUCCESS = RunState.SUCCESS
    FAILED = RunState.FAILED


class DagRunType(_Named):
    """What made a run."""

    MANUAL = "manual"
    SCHEDULED = "scheduled"
    BACKFILL_JOB = "backfill"
    DATASET_TRIGGERED = "dataset_triggered"

    @staticmethod
    def from_run_id(run_id: str) -> DagRunType:
        """Read the kind of a run from how its id begins."""
        kinds = [kind for kind in DagRunType if run_id.startswith(f"{kind.value}_")]
        return kinds[0] if kinds else DagRunType.MANUAL


_COLOURS: Mapping[str | None, str] = {
    None: "lightblue",
    "removed": "lightgrey",
    "scheduled": "tan",
    "queued": "gray",
    "running": "lime",
    "success": "green",
    "shutdown": "blue",
    "restarting": "violet",
    "failed": "red",
    "up_for_retry": "gold",
    "up_for_reschedule": "turquoise",
    "upstream_failed": "orange",
    "skipped": "pink",
    "deferred": "mediumpurple",
}


class State:
    """All states by name, as plain text."""

    NONE = None
    REMOVED = "removed"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCESS = "success"
    SHUTDOWN = "shutdown"
    RESTARTING = "restarting"
    FAILED = "failed"
    UP_FOR_RETRY = "up_for_retry"
    UP_FOR_RESCHEDULE = "up_for_reschedule"
    UPSTREAM_FAILED = "upstream_failed"
    SKIPPED = "skipped"
    DEFERRED = "deferred"

    task_states: ClassVar[tuple[str | None, ...]] = (None, *(s.value for s in TaskInstanceState))
    dag_states: ClassVar[tuple[str, ...]] = tuple(state.value for state in DagRunState)
    failed_states: ClassVar[frozenset[str]] = frozenset({FAILED, UPSTREAM_FAILED})
    success_states: ClassVar[frozenset[str]] = frozenset({SUCCESS, SKIPPED})

    @classmethod
    def finished(cls) -> list[str]:
        return [cls.SUCCESS, cls.FAILED, cls.SKIPPED, cls.UPSTREAM_FAILED, cls.REMOVED]

    @classmethod
    def color(cls, state: str | None) -> str:
        """Return the CSS colour that Airflow draws a state in; white for an unknown one."""
        return _COLOURS.get(state, "white")

    @classmethod
    def color_fg(cls, state: str | None) -> str:
        """Return a colour that can be read on it."""
        return "white" if cls.color(state) in {"green", "red"} else "black"

    @classmethod
    def unfinished(cls) -> list[str | None]:
        return [state for state in cls.task_states if state not in cls.finished()]
