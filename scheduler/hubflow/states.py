"""States, events and the legal moves between them, for task instances and DAG runs.

The drawings in `docs/reference/states.md` are generated from these tables.

Source: SEMANTICS 3.1 and 3.2, as in Airflow 1.10 with `queued` runs and `deferred` of 2.x.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from hubflow.errors import InvalidTransition


class TaskState(StrEnum):
    """State of a task instance. `NONE` is written as null in the API.

    `RESTARTING` was cleared while it ran, and its process is being ended.
    """

    NONE = "none"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    UP_FOR_RETRY = "up_for_retry"
    UP_FOR_RESCHEDULE = "up_for_reschedule"
    DEFERRED = "deferred"
    RESTARTING = "restarting"
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
    BACKFILL = "backfill"


class RunReason(StrEnum):
    """Why a DAG run ended as it did."""

    SUCCESS = "success"
    TASK_FAILURE = "task_failure"
    DEADLOCKED = "all_tasks_deadlocked"
    TIMED_OUT = "dagrun_timeout"


class BackfillState(StrEnum):
    """State of a backfill."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    CANCELLED = "cancelled"


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
    RESCHEDULED = "rescheduled"
    """A sensor gave its slot back until its next poke."""
    RESCHEDULE_DUE = "reschedule_due"
    DEFERRED = "deferred"
    """The task waits for a trigger and has no process."""
    TRIGGER_FIRED = "trigger_fired"
    CLEARED = "cleared"
    ENDED_FOR_RESTART = "ended_for_restart"
    """The process of a try that was cleared while it ran is gone."""
    MARKED_SUCCESS = "marked_success"
    MARKED_FAILED = "marked_failed"
    MARKED_SKIPPED = "marked_skipped"
    RUN_BY_HAND = "run_by_hand"
    """Somebody wants it to run now, whatever it waits for or how it ended."""
    REMOVED = "removed"
    """The DAG file has no such task any more."""
    RESTORED = "restored"


class RunEvent(StrEnum):
    """What can happen to a DAG run."""

    ADMITTED = "admitted"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REOPENED = "reopened"
    """Tasks were cleared; a finished run waits for its turn again (max_active_runs)."""
    MARKED_SUCCESS = "marked_success"
    MARKED_FAILED = "marked_failed"


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


def meant_by(state: RunState) -> tuple[RunState, ...]:
    """Return which runs somebody looks for who names a state: a queued one is running to people
    who know Airflow 1 (SEMANTICS C17). The stable API takes the word as it is."""
    return (RunState.QUEUED, state) if state is RunState.RUNNING else (state,)


BACKFILL_ACTIVE = (BackfillState.QUEUED, BackfillState.RUNNING)

S, E = TaskState, TaskEvent
HELD = frozenset({S.QUEUED, S.RUNNING, S.RESTARTING})
"""A worker has it, or will: it takes a slot."""
PAUSED = frozenset({S.UP_FOR_RESCHEDULE, S.DEFERRED})
"""Its try goes on later, and has no process meanwhile."""

OWN_MOVES: Mapping[tuple[TaskState, TaskEvent], TaskState] = {
    (S.NONE, E.DEPENDENCIES_MET): S.SCHEDULED,
    (S.NONE, E.SKIPPED): S.SKIPPED,
    (S.NONE, E.UPSTREAM_FAILED): S.UPSTREAM_FAILED,
    (S.NONE, E.FAILED): S.FAILED,
    (S.SCHEDULED, E.SLOT_GIVEN): S.QUEUED,
    (S.QUEUED, E.STARTED): S.RUNNING,
    (S.QUEUED, E.FAILED): S.FAILED,
    (S.QUEUED, E.FAILED_WILL_RETRY): S.UP_FOR_RETRY,
    (S.RUNNING, E.SUCCEEDED): S.SUCCESS,
    (S.RUNNING, E.SKIPPED): S.SKIPPED,
    (S.RUNNING, E.FAILED): S.FAILED,
    (S.RUNNING, E.FAILED_WILL_RETRY): S.UP_FOR_RETRY,
    (S.RUNNING, E.RESCHEDULED): S.UP_FOR_RESCHEDULE,
    (S.RUNNING, E.DEFERRED): S.DEFERRED,
    (S.UP_FOR_RETRY, E.RETRY_DUE): S.SCHEDULED,
    (S.UP_FOR_RESCHEDULE, E.RESCHEDULE_DUE): S.SCHEDULED,
    (S.DEFERRED, E.TRIGGER_FIRED): S.SCHEDULED,
    (S.DEFERRED, E.FAILED): S.FAILED,
    (S.DEFERRED, E.FAILED_WILL_RETRY): S.UP_FOR_RETRY,
    (S.RESTARTING, E.ENDED_FOR_RESTART): S.NONE,
}
"""What happens by itself."""
OUTSIDE_MOVES: Mapping[tuple[TaskState, TaskEvent], TaskState] = {
    **{(state, E.CLEARED): S.NONE for state in S if state not in (*HELD, S.REMOVED)},
    (S.QUEUED, E.CLEARED): S.RESTARTING,
    (S.RUNNING, E.CLEARED): S.RESTARTING,
    (S.RESTARTING, E.CLEARED): S.RESTARTING,
    **{(state, E.MARKED_SUCCESS): S.SUCCESS for state in S if state is not S.REMOVED},
    **{(state, E.MARKED_FAILED): S.FAILED for state in S if state is not S.REMOVED},
    **{(state, E.MARKED_SKIPPED): S.SKIPPED for state in S if state is not S.REMOVED},
    **{
        (state, E.RUN_BY_HAND): S.SCHEDULED
        for state in S
        if state not in (*HELD, S.SCHEDULED, S.DEFERRED, S.REMOVED)
    },
    **{(state, E.REMOVED): S.REMOVED for state in S if state not in HELD},
    (S.REMOVED, E.RESTORED): S.NONE,
}
"""What people do: clear, mark, and edit the DAG file."""
TRANSITIONS: Mapping[tuple[TaskState, TaskEvent], TaskState] = {**OWN_MOVES, **OUTSIDE_MOVES}

OWN_RUN_MOVES: Mapping[tuple[RunState, RunEvent], RunState] = {
    (RunState.QUEUED, RunEvent.ADMITTED): RunState.RUNNING,
    (RunState.RUNNING, RunEvent.SUCCEEDED): RunState.SUCCESS,
    (RunState.RUNNING, RunEvent.FAILED): RunState.FAILED,
}
OUTSIDE_RUN_MOVES: Mapping[tuple[RunState, RunEvent], RunState] = {
    **{
        (state, RunEvent.REOPENED): RunState.QUEUED
        for state in RunState
        if state is not RunState.RUNNING
    },
    (RunState.RUNNING, RunEvent.REOPENED): RunState.RUNNING,
    **{(state, RunEvent.MARKED_SUCCESS): RunState.SUCCESS for state in RunState},
    **{(state, RunEvent.MARKED_FAILED): RunState.FAILED for state in RunState},
}
RUN_TRANSITIONS: Mapping[tuple[RunState, RunEvent], RunState] = {
    **OWN_RUN_MOVES,
    **OUTSIDE_RUN_MOVES,
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
