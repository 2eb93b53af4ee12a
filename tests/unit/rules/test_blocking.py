"""Why a task does not run, one row for each condition of SEMANTICS 3.2."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from hubflow.rules.blocking import Situation, Unmet, unmet_conditions
from hubflow.states import RunState, RunType, TaskState

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SECOND = timedelta(seconds=1)
S = TaskState
FREE = Situation(
    now=NOW,
    run_state=RunState.RUNNING,
    run_type=RunType.SCHEDULED,
    execution_date=NOW,
    is_paused=False,
    state=S.NONE,
    retry_at=None,
    start_date=None,
    end_date=None,
    trigger_rule="all_success",
    upstream={"a": S.SUCCESS},
    past_obstacle=None,
    ruled_out_by=None,
    pool="p",
    pool_slots=2,
    pool_size=4,
    pool_free=2,
    dag_free=1,
    task_free=None,
    task_free_in_run=None,
    total_free=None,
    has_worker=True,
    queue="q",
    queues_served=(),
)


def found(**change: Any) -> list[Unmet]:
    return unmet_conditions(replace(FREE, **change))


def test_a_task_that_runs_at_once_lacks_nothing() -> None:
    assert found() == []
    assert found(task_free=1, task_free_in_run=1, total_free=1, start_date=NOW, end_date=NOW) == []
    assert found(pool_size=-1, pool_free=None) == []
    assert found(queues_served={"q", "gpu"}) == []


@pytest.mark.parametrize("state", [S.NONE, S.SCHEDULED, S.UP_FOR_RETRY, S.UP_FOR_RESCHEDULE])
def test_these_states_wait_for_nothing_else(state: TaskState) -> None:
    assert found(state=state, retry_at=NOW) == []


RETRY = {"state": S.UP_FOR_RETRY, "retry_at": NOW + SECOND}
POKE = {"state": S.UP_FOR_RESCHEDULE, "retry_at": NOW + SECOND}
MANY = {f"t{n}": S.RUNNING for n in range(7)}


@pytest.mark.parametrize(
    ("change", "name", "words"),
    [
        ({"run_state": RunState.QUEUED}, "Dagrun Running", "queued: it waits until"),
        ({"run_state": RunState.FAILED}, "Dagrun Running", "it failed; clear a task of it"),
        ({"run_state": RunState.SUCCESS}, "Dagrun Running", "over, with success; clear a task"),
        ({"is_paused": True}, "Dag Not Paused", "paused"),
        ({"execution_date": NOW + SECOND}, "Execution Date", "in the future"),
        ({"start_date": NOW + SECOND}, "Execution Date", "before the start date 2026-01-02T00"),
        ({"end_date": NOW - SECOND}, "Execution Date", "after the end date 2026-01-01T23"),
        ({"state": S.SUCCESS}, "Task Instance State", "has succeeded; clear it"),
        ({"state": S.FAILED}, "Task Instance State", "has failed; clear it"),
        ({"state": S.SKIPPED}, "Task Instance State", "was skipped; clear it"),
        ({"state": S.UPSTREAM_FAILED}, "Task Instance State", "clear that one"),
        ({"state": S.REMOVED}, "Task Instance State", "no such task any more"),
        ({"state": S.QUEUED}, "Task Instance State", "as soon as a worker takes it"),
        ({"state": S.RUNNING}, "Task Instance State", "is running; wait for its end"),
        ({"state": S.RESTARTING}, "Task Instance State", "as soon as its process has ended"),
        ({"state": S.DEFERRED}, "Task Instance State", "goes on by itself; clear it"),
        (RETRY, "Not In Retry Period", "2026-01-02T00:00:01+00:00"),
        (POKE, "Ready To Reschedule", "2026-01-02T00:00:01+00:00"),
        ({"ruled_out_by": "branch"}, "Not Previously Skipped", "'branch' decided"),
        ({"upstream": {"a": S.FAILED}}, "Trigger Rule", "all_success does not hold: a is failed"),
        ({"upstream": {"a": None}}, "Trigger Rule", "a is not part of this run"),
        ({"upstream": MANY}, "Trigger Rule", "t4 is running, and 2 more"),
        ({"past_obstacle": "it failed before"}, "Previous Dagrun State", "it failed before"),
        ({"dag_free": 0}, "Task Instance Slots Available", "concurrency"),
        ({"pool_size": None}, "Pool Slots Available", "no pool 'p'"),
        ({"pool_size": 1}, "Pool Slots Available", "only 1 altogether"),
        ({"pool_free": 1}, "Pool Slots Available", "1 free slots of 4, and the task needs 2"),
        ({"pool_free": -3}, "Pool Slots Available", "0 free slots of 4"),
        ({"task_free": 0}, "Task Concurrency", "task_concurrency"),
        ({"task_free_in_run": 0}, "Task Concurrency", "max_active_tis_per_dagrun"),
        ({"total_free": 0}, "Parallelism", "Scheduler.parallelism"),
        ({"has_worker": False}, "Worker Connected", "start the engine"),
        (
            {"queues_served": {"tape", "gpu"}},
            "Queue Served",
            "no worker serves the queue 'q'; workers serve: gpu, tape",
        ),
    ],
)
def test_each_condition_has_its_name_and_its_reason(
    change: dict[str, Any], name: str, words: str
) -> None:
    (unmet,) = found(**change)
    assert unmet.name == name
    assert words in unmet.reason


def test_a_task_that_holds_its_slot_is_not_held_back_by_limits() -> None:
    full = {"dag_free": 0, "pool_free": 0, "task_free": 0, "total_free": 0}
    assert [unmet.name for unmet in found(state=S.QUEUED, **full)] == ["Task Instance State"]


def test_all_conditions_are_told_at_once() -> None:
    names = [unmet.name for unmet in found(is_paused=True, dag_free=0, state=S.FAILED)]
    assert names == ["Dag Not Paused", "Task Instance State", "Task Instance Slots Available"]


def test_a_backfill_may_run_before_the_start_date() -> None:
    assert found(start_date=NOW + SECOND, run_type=RunType.BACKFILL) == []


def test_a_backfill_runs_while_its_dag_is_paused() -> None:
    assert found(is_paused=True, run_type=RunType.BACKFILL) == []
