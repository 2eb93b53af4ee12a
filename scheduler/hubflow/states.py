"""States, events and the legal moves between them, for task instances and DAG runs.

The drawing in `docs/architecture.md` is generated from `TRANSITIONS` and `RUN_TRANSITIONS`.

Source: SEMANTICS 3.1 and 3.2, as in Airflow 1.10 with `queued` runs and `deferred` of 2.x.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from hubflow.errors import InvalidTransition


class TaskState(StrEnum):
    """State of a task instance. `NONE` is written as null in the API."""

    NONE = "none"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    UP_FOR_RETRY = "up_for_retry"
    UPSTREAM_FAILED = "upstream_failed"
    SKIPPED = "skipped"
    REMOVED = "removed"


class RunState(StrEnum):
    """State of a DAG run."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"


class RunType(StrEnum):
    """Why a DAG run exists; also the prefix of its generated run id."""

    SCHEDULED = "scheduled"
    MANUAL = "manual"


class TaskEvent(StrEnum):
    """What can happen to a task instance."""

    DEPENDENCIES_MET = "dependencies_met"
    SLOT_GIVEN = "slot_given"
    STARTED = "started"
    SUCCEEDED = "succeeded"
    SKIPPED = "skipped"
    FAILED = "failed"
    FAILED_WILL_RETRY = "failed_will_retry"
    RETRY_DUE = "retry_due"
    UPSTREAM_FAILED = "upstream_failed"


class RunEvent(StrEnum):
    """What can happen to a DAG run."""

    ADMITTED = "admitted"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


FINISHED = frozenset(
    {
        TaskState.SUCCESS,
        TaskState.FAILED,
        TaskState.UPSTREAM_FAILED,
        TaskState.SKIPPED,
        TaskState.REMOVED,
    }
)
RUN_FINISHED = frozenset({RunState.SUCCESS, RunState.FAILED})

S, E = TaskState, TaskEvent
TRANSITIONS: Mapping[tuple[TaskState, TaskEvent], TaskState] = {
    (S.NONE, E.DEPENDENCIES_MET): S.SCHEDULED,
    (S.NONE, E.SKIPPED): S.SKIPPED,
    (S.NONE, E.UPSTREAM_FAILED): S.UPSTREAM_FAILED,
    (S.SCHEDULED, E.SLOT_GIVEN): S.QUEUED,
    (S.QUEUED, E.STARTED): S.RUNNING,
    (S.QUEUED, E.FAILED): S.FAILED,
    (S.QUEUED, E.FAILED_WILL_RETRY): S.UP_FOR_RETRY,
    (S.RUNNING, E.SUCCEEDED): S.SUCCESS,
    (S.RUNNING, E.SKIPPED): S.SKIPPED,
    (S.RUNNING, E.FAILED): S.FAILED,
    (S.RUNNING, E.FAILED_WILL_RETRY): S.UP_FOR_RETRY,
    (S.UP_FOR_RETRY, E.RETRY_DUE): S.SCHEDULED,
}

RUN_TRANSITIONS: Mapping[tuple[RunState, RunEvent], RunState] = {
    (RunState.QUEUED, RunEvent.ADMITTED): RunState.RUNNING,
    (RunState.RUNNING, RunEvent.SUCCEEDED): RunState.SUCCESS,
    (RunState.RUNNING, RunEvent.FAILED): RunState.FAILED,
}


def next_state(state: TaskState, event: TaskEvent) -> TaskState:
    """Return the state of a task instance after ``event``; raises InvalidTransition."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise InvalidTransition(state, event) from None


def next_run_state(state: RunState, event: RunEvent) -> RunState:
    """Return the state of a DAG run after ``event``; raises InvalidTransition."""
    try:
        return RUN_TRANSITIONS[state, event]
    except KeyError:
        raise InvalidTransition(state, event) from None
