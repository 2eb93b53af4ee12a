"""Tasks that depend on the run before (SEMANTICS 3.5)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from hubflow.db import orm
from hubflow.db.queries import event_store
from hubflow.serialization.model import Schedule, SerializedDag, SerializedTask
from hubflow.services import failed_deps
from hubflow.services.unit import Backend
from hubflow.states import RunState, TaskState
from integration.scheduler.outside import ADA
from integration.scheduler.stage import START, Stage, task

DAY = timedelta(days=1)
DAILY = Schedule(kind="cron", cron="0 0 * * *", text="@daily")


def add(stage: Stage, *tasks: SerializedTask, **values: Any) -> int:
    number = values.pop("number", 1)
    dag = SerializedDag(dag_id="d", path="d.py", tasks=tasks, **values)
    return stage.add_dag(dag, number=number)


def add_daily(stage: Stage, *tasks: SerializedTask, days: int = 3, **values: Any) -> int:
    """Add a DAG that has ``days`` runs to catch up with, and let them be created."""
    key = add(stage, *tasks, schedule=DAILY, start_date=START - days * DAY, **values)
    for _ in range(days):
        stage.turn()
    return key


def launched(stage: Stage) -> list[datetime]:
    """Return the execution dates of what was launched, as days before the start."""
    return [launch.context.execution_date for launch in stage.executor.launches]


def days_ago(*counts: int) -> list[datetime]:
    return [START - count * DAY for count in counts]


def finish_one(stage: Stage, outcome: str) -> None:
    (launch,) = stage.executor.take_launches()
    stage.executor.started(launch.key, at=stage.now)
    stage.executor.finished(launch.key, outcome, at=stage.now)
    stage.turn()


def rewrite(stage: Stage, run_id: int, **states: TaskState) -> None:
    """Give tasks of a run other states, as the service does when somebody marks them."""
    with stage.database.write() as session:
        for task_id, state in states.items():
            session.execute(
                update(orm.TaskInstance)
                .where(orm.TaskInstance.dag_run_id == run_id, orm.TaskInstance.task_id == task_id)
                .values(state=state)
            )
        event = event_store.append(session, "run", "d", {}, stage.now)
        session.get_one(orm.DagRun, run_id).change_id = event


@pytest.mark.parametrize("outcome", ["success", "skipped"])
def test_a_task_waits_for_itself_in_the_run_before(stage: Stage, outcome: str) -> None:
    add_daily(stage, task("a", depends_on_past=True))
    for day in (3, 2, 1):
        assert launched(stage) == days_ago(day)
        finish_one(stage, outcome)
    assert stage.run_states() == [RunState.SUCCESS] * 3


def test_a_failure_holds_the_next_run_back_until_it_is_marked(stage: Stage) -> None:
    add_daily(stage, task("a", depends_on_past=True), days=2)
    finish_one(stage, "failed")
    assert not stage.executor.launches
    assert stage.run_states() == [RunState.FAILED, RunState.RUNNING]
    rewrite(stage, stage.runs()[0].id, a=TaskState.SUCCESS)
    stage.turn()
    assert launched(stage) == days_ago(1)


def test_one_run_at_a_time_knows_what_the_one_before_ended_with(stage: Stage) -> None:
    add_daily(stage, task("a", depends_on_past=True), days=2, max_active_runs=1)
    finish_one(stage, "success")
    assert launched(stage) == days_ago(1)


def test_a_new_version_asks_a_run_that_ends_in_this_very_turn(stage: Stage) -> None:
    key = add(stage, task("a"), catchup=False, max_active_runs=1)
    stage.trigger(key, "one", at=START - DAY)
    stage.trigger(key, "two", at=START)
    stage.turn()
    tasks = (task("a", depends_on_past=True),)
    add(stage, *tasks, catchup=False, max_active_runs=1, number=2)
    finish_one(stage, "success")
    assert launched(stage) == [START]


def test_the_past_is_read_again_after_a_restart(stage: Stage) -> None:
    add_daily(stage, task("a", depends_on_past=True), task("b"), days=2)
    keys = [launch.key for launch in stage.executor.launches]
    stage.start_scheduler()
    stage.executor.hello(known=keys)
    stage.turn()
    assert sorted(stage.finish()) == ["a", "b", "b"]
    assert launched(stage) == days_ago(1)
    stage.executor.launches.clear()
    stage.start_scheduler()
    stage.executor.hello()
    stage.turn()
    assert launched(stage) == days_ago(1)


def test_without_catchup_the_latest_earlier_run_counts(stage: Stage) -> None:
    key = add(stage, task("a", depends_on_past=True), catchup=False)
    for hours in (3, 2, 1):
        stage.trigger(key, f"run{hours}", at=START - timedelta(hours=hours))
    stage.turn()
    assert launched(stage) == [START - timedelta(hours=3)]
    finish_one(stage, "success")
    assert launched(stage) == [START - timedelta(hours=2)]


def test_a_run_put_in_between_becomes_the_previous_one(stage: Stage) -> None:
    key = add(stage, task("a", "b"), task("b", depends_on_past=True), catchup=False)
    stage.trigger(key, "early", at=START - 2 * DAY)
    stage.trigger(key, "late", at=START)
    stage.turn()
    early, late = stage.executor.take_launches()
    stage.trigger(key, "between", at=START - DAY)
    stage.turn()
    (between,) = stage.executor.take_launches()
    for launch in (early, late):
        stage.executor.finished(launch.key)
    stage.turn()
    finish_one(stage, "success")  # b of the early run
    assert not stage.executor.launches
    stage.executor.finished(between.key)
    stage.turn()
    assert launched(stage) == [START - DAY]
    finish_one(stage, "success")
    assert launched(stage) == [START]


def test_a_dag_with_catchup_that_is_only_triggered_has_no_past(stage: Stage) -> None:
    key = add(stage, task("a", depends_on_past=True))
    stage.trigger(key, "one", at=START - DAY)
    stage.trigger(key, "two", at=START)
    stage.turn()
    assert len(stage.executor.launches) == 2


def test_a_manual_run_waits_for_the_run_of_the_tick_before(stage: Stage) -> None:
    tasks = (task("a", depends_on_past=True),)
    key = add(stage, *tasks, schedule=DAILY, start_date=START)
    stage.trigger(key, at=START + timedelta(hours=7))
    stage.turn(later=timedelta(hours=7))
    assert not stage.executor.launches
    stage.turn(later=timedelta(hours=17))
    assert launched(stage) == [START]
    finish_one(stage, "success")
    assert launched(stage) == [START + timedelta(hours=7)]


def test_waiting_for_what_comes_directly_after_in_the_run_before(stage: Stage) -> None:
    tasks = (
        task("a", "b", depends_on_past=True, wait_for_downstream=True),
        task("b", "c"),
        task("c"),
    )
    add_daily(stage, *tasks, days=2)
    assert stage.finish() == ["a"]
    assert [launch.task_id for launch in stage.executor.launches] == ["b"]
    assert stage.finish() == ["b"]
    assert sorted(launch.task_id for launch in stage.executor.launches) == ["a", "c"]


def test_a_task_that_the_run_before_did_not_have_waits(stage: Stage) -> None:
    key = add(stage, task("a"), catchup=False)
    stage.trigger(key, "one", at=START - DAY)
    stage.turn()
    stage.finish_all()
    tasks = (task("a"), task("new", depends_on_past=True))
    add(stage, *tasks, catchup=False, number=2)
    stage.trigger(key, "two", at=START)
    stage.turn()
    assert [launch.task_id for launch in stage.executor.launches] == ["a"]
    stage.finish()
    assert stage.run_states() == [RunState.SUCCESS, RunState.RUNNING]


def test_the_very_first_instance_of_a_task_may_ignore_its_past_and_the_second_not(
    stage: Stage,
) -> None:
    key = add(stage, task("a"), catchup=False)
    stage.trigger(key, "one", at=START - DAY)
    stage.turn()
    stage.finish_all()
    new = task("new", depends_on_past=True, ignore_first_depends_on_past=True)
    add(stage, task("a"), new, catchup=False, number=2)
    stage.trigger(key, "two", at=START)
    stage.turn()
    assert stage.finish("failed") == ["a", "new"]
    stage.trigger(key, "three", at=START + timedelta(seconds=1))
    stage.turn(later=timedelta(seconds=1))
    assert [launch.task_id for launch in stage.executor.launches] == ["a"]
    found = failed_deps.get(Backend(stage.database, stage.paths), ADA, "d", "three", "new")
    assert [one.name for one in found.dependencies if "previous run" in one.reason] == [
        "Previous Dagrun State"
    ]


def test_a_task_without_instance_before_its_start_date_has_no_past(stage: Stage) -> None:
    tasks = (task("a"), task("late", depends_on_past=True, start_date=START - DAY))
    add_daily(stage, *tasks, days=2)
    names = sorted(launch.task_id for launch in stage.executor.launches)
    assert names == ["a", "a", "late"]
    assert len(stage.rows(orm.TaskInstance)) == 3


def test_a_task_is_not_run_after_its_end_date(stage: Stage) -> None:
    tasks = (task("a"), task("ended", end_date=START - timedelta(seconds=1)))
    stage.trigger(add(stage, *tasks))
    stage.turn()
    assert [launch.task_id for launch in stage.executor.launches] == ["a"]


def test_what_needs_a_task_whose_time_has_not_come_does_not_run_without_it(stage: Stage) -> None:
    tasks = (task("a", "c"), task("b", "c", start_date=START + DAY), task("c"))
    stage.trigger(add(stage, *tasks))
    stage.turn()
    assert stage.finish_all() == ["a"]
    assert stage.task_states() == {"a": TaskState.SUCCESS, "c": TaskState.NONE}


def skip_with_ruling_out(stage: Stage) -> None:
    """Let `up` in the second run decide that `down` is skipped."""
    (launch,) = stage.executor.take_launches()
    stage.executor.started(launch.key, at=stage.now)
    stage.executor.finished(launch.key, rules_out=("down",), at=stage.now)
    stage.turn()


def skip_with_upstream(stage: Stage) -> None:
    stage.finish("skipped")


def state_of(stage: Stage, run_id: str) -> TaskState:
    """Return the state of `down` in a run."""
    keys = {run.run_id: run.id for run in stage.runs()}
    rows = stage.rows(orm.TaskInstance)
    return next(r.state for r in rows if (r.dag_run_id, r.task_id) == (keys[run_id], "down"))


@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize("skip", [skip_with_upstream, skip_with_ruling_out])
def test_what_is_to_be_skipped_waits_for_the_run_before_if_it_says_so(
    stage: Stage, skip: Callable[[Stage], None], waits: bool
) -> None:
    down = task("down", depends_on_past=True, wait_for_past_depends_before_skipping=waits)
    key = add(stage, task("up", "down"), down, catchup=False)
    stage.trigger(key, "one", at=START - DAY)
    stage.turn()
    assert stage.finish() == ["up"]
    (before,) = stage.executor.take_launches()
    stage.trigger(key, "two", at=START)
    stage.turn()
    skip(stage)
    assert state_of(stage, "two") is (TaskState.NONE if waits else TaskState.SKIPPED)
    assert stage.runs()[1].state is (RunState.RUNNING if waits else RunState.SUCCESS)
    if waits:  # and does not forget it
        stage.start_scheduler()
        stage.executor.hello(known=[before.key])
        stage.turn()
        assert state_of(stage, "two") is TaskState.NONE
    stage.executor.started(before.key, at=stage.now)
    stage.executor.finished(before.key, at=stage.now)
    stage.turn()
    assert state_of(stage, "two") is TaskState.SKIPPED
    assert stage.run_states() == [RunState.SUCCESS] * 2


def test_a_failure_in_the_run_before_keeps_it_from_being_skipped_and_is_no_deadlock(
    stage: Stage,
) -> None:
    down = task("down", depends_on_past=True, wait_for_past_depends_before_skipping=True)
    key = add(stage, task("up", "down"), down, catchup=False)
    stage.trigger(key, "one", at=START - DAY)
    stage.turn()
    stage.finish()
    stage.finish("failed")
    stage.trigger(key, "two", at=START)
    stage.turn()
    stage.finish("skipped")
    assert stage.run_states() == [RunState.FAILED, RunState.RUNNING]
    rewrite(stage, stage.runs()[0].id, down=TaskState.SUCCESS)
    stage.turn()
    assert state_of(stage, "two") is TaskState.SKIPPED
