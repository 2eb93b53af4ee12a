"""Runs that end before all of their tasks are done (SEMANTICS 1.6 and 3.3)."""

from datetime import timedelta
from typing import Any

from hubflow.db import orm
from hubflow.serialization.model import Schedule, SerializedDag, SerializedTask
from hubflow.states import RunReason, RunState, TaskState
from integration.scheduler.stage import START, Stage, chain, task

S = TaskState
HOUR = timedelta(hours=1)


def run(stage: Stage, *tasks: SerializedTask, **values: Any) -> None:
    stage.trigger(stage.add_dag(SerializedDag(dag_id="d", path="d.py", tasks=tasks, **values)))
    stage.turn()


def reason(stage: Stage) -> str | None:
    return stage.runs()[0].reason


def test_a_run_tells_why_it_ended(stage: Stage) -> None:
    run(stage, *chain(1))
    stage.finish()
    assert reason(stage) == RunReason.SUCCESS


def test_a_failed_run_tells_so(stage: Stage) -> None:
    run(stage, *chain(1))
    stage.finish("failed")
    assert reason(stage) == RunReason.TASK_FAILURE


def test_a_run_that_takes_too_long_fails_and_what_is_left_is_skipped(stage: Stage) -> None:
    tasks = (task("running", "after"), task("queued"), task("retried", retries=1), task("after"))
    run(stage, *tasks, dagrun_timeout_s=3600)
    running, _, retried = sorted(
        stage.executor.take_launches(),
        key=lambda launch: ["running", "queued", "retried"].index(launch.task_id),
    )
    stage.executor.started(running.key)
    stage.executor.finished(retried.key, "failed")
    stage.turn(later=HOUR - timedelta(seconds=1))
    assert stage.run_states() == [RunState.RUNNING]
    stage.turn(later=timedelta(seconds=1))
    assert stage.run_states() == [RunState.FAILED]
    assert reason(stage) == RunReason.TIMED_OUT
    assert set(stage.task_states().values()) == {S.SKIPPED}
    assert len(stage.executor.kills) == 2
    assert stage.scheduler._world.held == 0
    told = {row.state: row.error for row in stage.rows(orm.TaskTry)}
    assert told[S.SKIPPED] == "the run took longer than its dagrun_timeout of 3600 s"


def test_the_time_of_a_run_goes_on_over_a_restart_and_a_pause(stage: Stage) -> None:
    dag = SerializedDag(dag_id="d", path="d.py", tasks=chain(2), dagrun_timeout_s=3600)
    key = stage.add_dag(dag)
    stage.trigger(key)
    stage.turn()
    (launch,) = stage.executor.launches
    stage.start_scheduler()
    stage.executor.hello(known=[launch.key])
    stage.turn(later=HOUR / 2)
    stage.pause(key, True)
    stage.turn(later=HOUR / 2)
    assert reason(stage) == RunReason.TIMED_OUT


def test_the_report_of_a_try_that_was_killed_changes_nothing(stage: Stage) -> None:
    run(stage, *chain(1), dagrun_timeout_s=60)
    (launch,) = stage.executor.launches
    stage.turn(later=HOUR)
    stage.executor.finished(launch.key, "failed", error="killed")
    stage.turn()
    assert stage.task_states() == {"t0": S.SKIPPED}
    assert stage.executor.acknowledged == 1


def test_a_run_whose_tasks_can_never_run_is_deadlocked(stage: Stage) -> None:
    tasks = (task("a"), task("ended", "after", end_date=START - HOUR), task("after"))
    run(stage, *tasks)
    assert stage.run_states() == [RunState.RUNNING]
    stage.finish()
    assert stage.run_states() == [RunState.FAILED]
    assert reason(stage) == RunReason.DEADLOCKED
    assert stage.task_states() == {"a": S.SUCCESS, "ended": S.NONE, "after": S.NONE}


def test_what_needs_a_task_that_is_not_there_yet_deadlocks(stage: Stage) -> None:
    run(stage, task("later", "b", start_date=START + HOUR), task("b"))
    assert reason(stage) == RunReason.DEADLOCKED


def test_waiting_for_the_past_is_no_deadlock(stage: Stage) -> None:
    dag = SerializedDag(
        dag_id="d",
        path="d.py",
        tasks=(task("a", "b", depends_on_past=True), task("b")),
        catchup=False,
    )
    key = stage.add_dag(dag)
    stage.trigger(key, "one", at=START - HOUR)
    stage.turn()
    stage.finish("failed")
    stage.trigger(key, "two", at=START)
    stage.turn()
    assert stage.run_states() == [RunState.FAILED, RunState.RUNNING]


def test_an_unknown_pool_is_no_deadlock(stage: Stage) -> None:
    run(stage, task("a", pool="nowhere"))
    stage.turn(later=HOUR)
    assert stage.run_states() == [RunState.RUNNING]


def test_a_dag_that_fails_fast_ends_with_its_first_failure(stage: Stage) -> None:
    tasks = (task("a", "b"), task("b"), task("running"), task("queued"), task("over"))
    run(stage, *tasks, fail_fast=True)
    launches = {launch.task_id: launch for launch in stage.executor.take_launches()}
    stage.executor.started(launches["running"].key)
    stage.executor.finished(launches["over"].key)
    stage.executor.finished(launches["a"].key, "failed")
    stage.turn()
    assert stage.task_states() == {
        "a": S.FAILED,
        "b": S.SKIPPED,
        "running": S.FAILED,
        "queued": S.SKIPPED,
        "over": S.SUCCESS,
    }
    assert stage.run_states() == [RunState.FAILED]
    killed = {kill.key for kill in stage.executor.kills}
    assert killed == {launches["running"].key, launches["queued"].key}


def test_failing_fast_waits_for_the_last_try(stage: Stage) -> None:
    run(stage, task("a", retries=1, retry_delay_s=0), task("b"), fail_fast=True)
    launches = {launch.task_id: launch for launch in stage.executor.take_launches()}
    stage.executor.finished(launches["a"].key, "failed")
    stage.turn()
    assert stage.run_states() == [RunState.RUNNING]


def test_a_teardown_still_runs_after_a_failure(stage: Stage) -> None:
    tasks = (
        task("a", "b", "down"),
        task("b"),
        task("down", trigger_rule="all_done", is_teardown=True),
    )
    run(stage, *tasks, fail_fast=True)
    stage.finish("failed")
    assert stage.finish_all() == ["down"]
    assert stage.run_states() == [RunState.FAILED]


def test_a_limit_beyond_the_calendar_is_none_and_stops_no_other_dag(stage: Stage) -> None:
    endless = timedelta.max.total_seconds()
    tasks = (task("a", sla_s=endless),)
    daily = Schedule(kind="cron", cron="0 0 * * *", text="@daily")
    stage.add_dag(
        SerializedDag(
            dag_id="d",
            path="d.py",
            tasks=tasks,
            schedule=daily,
            start_date=START,
            dagrun_timeout_s=endless,
        )
    )
    stage.turn(later=timedelta(days=1))
    assert stage.finish_all() == ["a"]
    assert stage.run_states() == [RunState.SUCCESS]
