"""Why a task instance does not run: every condition that it does not meet, by name and reason.

The names are those that Airflow uses for the same conditions (SEMANTICS 3.2).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

import msgspec

from hubflow.clock import isoformat
from hubflow.rules.limits import pool_obstacle, queue_obstacle
from hubflow.rules.readiness import Readiness, Upstream, count, readiness
from hubflow.rules.windows import is_over, takes_part
from hubflow.states import HELD, RunState, RunType, TaskState

NAMED = 5
_RUNS = {
    RunState.QUEUED: (
        "the run is queued: it waits until its DAG is on and has room for another run "
        "(max_active_runs)"
    ),
    RunState.SUCCESS: "the run is over, with success; clear a task of it, and it goes on",
    RunState.FAILED: "the run is over, it failed; clear a task of it, and it goes on",
}
_STATES = {
    TaskState.SUCCESS: "the task has succeeded; clear it to run it again",
    TaskState.FAILED: "the task has failed; clear it to run it again",
    TaskState.SKIPPED: "the task was skipped; clear it to have that decided again",
    TaskState.UPSTREAM_FAILED: (
        "a task before it has failed; clear that one with what depends on it"
    ),
    TaskState.REMOVED: "the DAG has no such task any more; nothing runs it again",
    TaskState.QUEUED: "the task has its slot; it starts as soon as a worker takes it",
    TaskState.RUNNING: "the task is running; wait for its end, or clear it to begin anew",
    TaskState.RESTARTING: (
        "the task was cleared while it ran; it begins anew as soon as its process has ended"
    ),
    TaskState.DEFERRED: (
        "the task has begun and waits without a process (deferred); it goes on by itself; "
        "clear it to begin anew"
    ),
}
"""Why a task in this state does not begin, and what to do; the others wait to begin."""


class Unmet(NamedTuple):
    """A condition that is not met."""

    name: str
    reason: str


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """A task instance and all around it that decides whether it runs.

    upstream : direct upstream task id -> its state, or None if it has no instance in this run.
    past_obstacle : what `rules.past` says, None if nothing or if it does not depend on the past.
    ruled_out_by : the task that decided that this one is skipped.
    pool_size : slots altogether, -1 without limit, None if there is no such pool.
    queues_served : queues that the workers serve; none means all.
    *_free : slots that are left; None where there is no limit, or nobody knows.
    """

    now: datetime
    run_state: RunState
    run_type: RunType
    execution_date: datetime
    is_paused: bool
    state: TaskState
    retry_at: datetime | None
    start_date: datetime | None
    end_date: datetime | None
    trigger_rule: str
    upstream: Mapping[str, TaskState | None]
    past_obstacle: str | None
    ruled_out_by: str | None
    pool: str
    pool_slots: int
    pool_size: int | None
    pool_free: int | None
    dag_free: int
    task_free: int | None
    task_free_in_run: int | None
    total_free: int | None
    has_worker: bool
    queue: str
    queues_served: Collection[str]


def unmet_conditions(at: Situation) -> list[Unmet]:
    """List what keeps a task instance from running; nothing for one that runs at once."""
    return [*_of_run(at), *_of_task(at), *_of_neighbours(at), *_of_limits(at)]


def _of_run(at: Situation) -> Iterator[Unmet]:
    if at.run_state is not RunState.RUNNING:
        yield Unmet("Dagrun Running", _RUNS[at.run_state])
    if at.is_paused and at.run_type is not RunType.BACKFILL:
        yield Unmet("Dag Not Paused", "the DAG is paused; switch it on")
    if at.execution_date > at.now:
        yield Unmet("Execution Date", f"{isoformat(at.execution_date)} lies in the future")
    if not takes_part(at.start_date, at.execution_date, at.run_type):
        yield Unmet("Execution Date", f"the run is before the start date {_date(at.start_date)}")
    if is_over(at.end_date, at.execution_date):
        yield Unmet("Execution Date", f"the run is after the end date {_date(at.end_date)}")


def _of_task(at: Situation) -> Iterator[Unmet]:
    if why := _STATES.get(at.state):
        yield Unmet("Task Instance State", why)
    is_waiting = at.retry_at is not None and at.retry_at > at.now
    if at.state is TaskState.UP_FOR_RETRY and is_waiting:
        yield Unmet("Not In Retry Period", f"the next try begins at {_date(at.retry_at)}")
    if at.state is TaskState.UP_FOR_RESCHEDULE and is_waiting:
        yield Unmet("Ready To Reschedule", f"the sensor looks again at {_date(at.retry_at)}")


def _of_neighbours(at: Situation) -> Iterator[Unmet]:
    if at.ruled_out_by is not None:
        yield Unmet("Not Previously Skipped", f"{at.ruled_out_by!r} decided that it is skipped")
    if readiness(at.trigger_rule, _counts(at)) is not Readiness.RUN:
        yield Unmet("Trigger Rule", f"{at.trigger_rule} does not hold: {_upstream(at)}")
    if at.past_obstacle is not None:
        yield Unmet("Previous Dagrun State", at.past_obstacle)


def _of_limits(at: Situation) -> Iterator[Unmet]:
    """Tell which limits are reached, unless the task holds its slot already."""
    if at.state in HELD:
        return
    if at.dag_free <= 0:
        yield Unmet(
            "Task Instance Slots Available",
            "the DAG runs as many tasks as its concurrency allows; wait for the end of one",
        )
    if why := pool_obstacle(at.pool, at.pool_slots, at.pool_size):
        yield Unmet("Pool Slots Available", why)
    elif at.pool_free is not None and at.pool_free < at.pool_slots:
        yield Unmet(
            "Pool Slots Available",
            f"the pool {at.pool!r} has {max(0, at.pool_free)} free slots of {at.pool_size}, and "
            f"the task needs {at.pool_slots}",
        )
    if at.task_free is not None and at.task_free <= 0:
        yield Unmet(
            "Task Concurrency",
            "the task runs as often at once as its task_concurrency allows; "
            "wait for the end of one",
        )
    if at.task_free_in_run is not None and at.task_free_in_run <= 0:
        yield Unmet(
            "Task Concurrency",
            "the task runs as often at once in this run as its max_active_tis_per_dagrun allows; "
            "wait for the end of one",
        )
    if at.total_free is not None and at.total_free <= 0:
        yield Unmet(
            "Parallelism",
            "as many tasks run as Scheduler.parallelism allows; wait for the end of one",
        )
    if not at.has_worker:
        yield Unmet("Worker Connected", "no worker was heard of; start the engine")
    elif why := queue_obstacle(at.queue, at.queues_served):
        yield Unmet("Queue Served", why)


def _counts(at: Situation) -> Upstream:
    """Count upstream states; a task that is not part of the run is never done."""
    return count([state or TaskState.NONE for state in at.upstream.values()])


def _upstream(at: Situation) -> str:
    named = [
        f"{task_id} is {state or 'not part of this run'}" for task_id, state in at.upstream.items()
    ]
    more = len(named) - NAMED
    return ", ".join([*named[:NAMED], *([f"and {more} more"] if more > 0 else [])])


def _date(date: datetime | None) -> str:
    return isoformat(date) if date else "unknown"
