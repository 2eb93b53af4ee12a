"""Tries without a process: rescheduled, and deferred until a moment, a trigger, or a run's end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from hubflow.db import orm
from hubflow.db.queries import xcom_store
from hubflow.execution.messages import Deferral, Launch, Resume, TryKey
from hubflow.questions import XComItem
from hubflow.serialization.model import SerializedDag
from hubflow.states import RunState, TaskState
from integration.scheduler.stage import START, Stage, chain, task

MINUTE = timedelta(minutes=1)
ITEM = XComItem(key="k", encoding="json", data=b"1", text="1")


def deferral(**facts: Any) -> Deferral:
    return Deferral(trigger="some.Trigger", trigger_kwargs=b"{}", method="go_on", **facts)


def begin(stage: Stage, *tasks: Any) -> Launch:
    """Start a run of these tasks; returns the first launch, whose process is up."""
    dag = SerializedDag(dag_id="d", path="d.py", tasks=tasks or chain(2))
    stage.trigger(stage.add_dag(dag))
    stage.turn()
    return up(stage)


def up(stage: Stage) -> Launch:
    """Start the only launch."""
    (launch,) = stage.executor.take_launches()
    stage.executor.started(launch.key, at=stage.now)
    stage.turn()
    return launch


def give_back(stage: Stage, launch: Launch, outcome: str, **facts: Any) -> None:
    stage.executor.finished(launch.key, outcome, at=stage.now, **facts)
    stage.turn()


def test_a_rescheduled_try_frees_its_slot_and_goes_on_as_the_same_try(stage: Stage) -> None:
    first = begin(stage)
    give_back(stage, first, "rescheduled", reschedule_at=stage.now + MINUTE)
    assert stage.task_states()["t0"] is TaskState.UP_FOR_RESCHEDULE
    assert stage.scheduler._world.held == 0
    stage.turn(later=MINUTE - timedelta(seconds=1))
    assert not stage.executor.launches
    stage.turn(later=timedelta(seconds=1))
    second = up(stage)
    assert second.key == TryKey(first.key.task_instance_id, 1, 1)
    assert second.log_path == first.log_path
    assert second.began_at == START
    (instance, _) = stage.rows(orm.TaskInstance)
    assert instance.start_date == START
    give_back(stage, second, "success")
    assert stage.finish_all() == ["t1"]
    assert [(row.try_number, row.state) for row in stage.rows(orm.TaskTry)] == [
        (1, TaskState.SUCCESS),
        (1, TaskState.SUCCESS),
    ]
    assert stage.rows(orm.TaskInstance)[0].deferral is None


def test_a_rescheduled_try_forgets_what_it_pushed_and_a_deferred_one_does_not(
    stage: Stage,
) -> None:
    for outcome, left in (("rescheduled", 0), ("deferred", 1)):
        dag = SerializedDag(dag_id=outcome, path="d.py", tasks=chain(1))
        stage.trigger(stage.add_dag(dag))
        stage.turn()
        launch = up(stage)
        with stage.database.write() as session:
            xcom_store.put(session, [(launch.key.task_instance_id, ITEM)], stage.now)
        waits = deferral(due_at=stage.now) if outcome == "deferred" else None
        give_back(stage, launch, outcome, reschedule_at=stage.now, deferral=waits)
        stage.turn()
        up(stage)
        assert len(stage.rows(orm.XCom)) == left


def test_what_comes_late_from_an_earlier_leg_changes_nothing(stage: Stage) -> None:
    first = begin(stage)
    give_back(stage, first, "rescheduled", reschedule_at=stage.now)
    stage.turn()
    up(stage)
    stage.executor.finished(first.key, "rescheduled", reschedule_at=stage.now + MINUTE)
    stage.turn()
    assert stage.task_states()["t0"] is TaskState.RUNNING


def test_a_failure_after_waiting_is_retried_as_a_new_try(stage: Stage) -> None:
    first = begin(stage, task("t0", retries=1, retry_delay_s=0))
    give_back(stage, first, "rescheduled", reschedule_at=stage.now)
    stage.turn()
    give_back(stage, up(stage), "failed")
    stage.turn()
    again = up(stage)
    assert (again.key, again.began_at) == (TryKey(first.key.task_instance_id, 2), None)


@pytest.mark.parametrize("restarts", [False, True])
def test_a_moment_needs_no_process(stage: Stage, restarts: bool) -> None:
    first = begin(stage)
    give_back(stage, first, "deferred", deferral=deferral(due_at=stage.now + MINUTE, kwargs=b"[]"))
    assert stage.task_states()["t0"] is TaskState.DEFERRED
    assert not stage.executor.awaits
    if restarts:
        stage.start_scheduler()
        stage.executor.hello()
        stage.turn()
    stage.turn(later=MINUTE)
    resumed = up(stage)
    assert resumed.key == TryKey(first.key.task_instance_id, 1, 2)
    assert resumed.resume == Resume(
        method="go_on", kwargs=b"[]", event=b'"2026-01-01T00:01:00+00:00"'
    )
    give_back(stage, resumed, "success")
    assert stage.finish_all() == ["t1"]


def test_a_trigger_is_run_by_the_worker_until_it_fires(stage: Stage) -> None:
    first = begin(stage)
    give_back(stage, first, "deferred", deferral=deferral())
    (awaited,) = stage.executor.awaits
    assert awaited.key == TryKey(first.key.task_instance_id, 1, 1)
    assert (awaited.path, awaited.log_path) == (first.path, first.log_path)
    resume = Resume(method="go_on", event=b"7")
    for _ in range(2):  # the report comes twice
        stage.executor.fired(awaited.key, resume)
    stage.turn()
    resumed = up(stage)
    assert (resumed.key.leg, resumed.resume) == (2, resume)
    give_back(stage, resumed, "success")
    assert stage.finish_all() == ["t1"]
    assert stage.run_states() == [RunState.SUCCESS]


def test_triggers_are_handed_to_a_new_worker(stage: Stage) -> None:
    give_back(stage, begin(stage), "deferred", deferral=deferral())
    (awaited,) = stage.executor.awaits
    stage.executor.awaits.clear()
    stage.executor.hello(known=[awaited.key])
    stage.turn()
    assert not stage.executor.awaits
    stage.start_scheduler()
    stage.executor.hello()
    stage.turn()
    assert stage.executor.awaits == [awaited]
    assert stage.task_states()["t0"] is TaskState.DEFERRED


def test_a_resumed_launch_that_never_arrived_is_sent_again(stage: Stage) -> None:
    give_back(stage, begin(stage), "deferred", deferral=deferral(due_at=stage.now))
    stage.turn()
    (launch,) = stage.executor.take_launches()
    stage.start_scheduler()
    stage.executor.hello()
    stage.turn()
    assert stage.executor.launches == [launch]


def test_a_trigger_that_takes_too_long_is_an_error_of_the_task(stage: Stage) -> None:
    give_back(stage, begin(stage), "deferred", deferral=deferral(timeout_at=stage.now + MINUTE))
    (awaited,) = stage.executor.awaits
    stage.turn(later=MINUTE)
    assert [kill.key for kill in stage.executor.kills] == [awaited.key]
    resume = up(stage).resume
    assert resume is not None
    assert resume.timed_out
    assert "longer than its timeout" in str(resume.error)


def test_a_trigger_of_a_task_that_was_marked_is_ended(stage: Stage) -> None:
    give_back(stage, begin(stage), "deferred", deferral=deferral())
    (awaited,) = stage.executor.awaits
    world = stage.scheduler._world
    node = world.nodes[awaited.key.task_instance_id]
    node.run._set(node, TaskState.SUCCESS)  # as when somebody marked it
    stage.trigger(stage.add_dag(SerializedDag(dag_id="other", path="o.py")))
    stage.turn()
    assert [kill.key for kill in stage.executor.kills] == [awaited.key]


def test_a_trigger_of_a_task_that_the_scheduler_itself_moved_is_ended(stage: Stage) -> None:
    give_back(stage, begin(stage), "deferred", deferral=deferral(timeout_at=stage.now + MINUTE))
    (awaited,) = stage.executor.awaits
    stage.turn(later=MINUTE)
    assert [kill.key for kill in stage.executor.kills] == [awaited.key]
    stage.turn(later=MINUTE)
    assert len(stage.executor.kills) == 1


def test_a_run_that_takes_too_long_ends_the_waits_in_it(stage: Stage) -> None:
    dag = SerializedDag(dag_id="d", path="d.py", tasks=chain(2), dagrun_timeout_s=60)
    stage.trigger(stage.add_dag(dag))
    stage.turn()
    give_back(stage, up(stage), "deferred", deferral=deferral())
    (awaited,) = stage.executor.awaits
    stage.turn(later=MINUTE)
    assert stage.run_states() == [RunState.FAILED]
    assert stage.task_states()["t0"] is TaskState.SKIPPED
    assert [kill.key for kill in stage.executor.kills] == [awaited.key]
    assert stage.rows(orm.TaskInstance)[0].deferral is None
    [ended] = stage.rows(orm.TaskTry)
    assert ended.end_date is not None


def child_run(stage: Stage) -> int:
    """Start a run of another DAG with one task; returns its key."""
    return stage.trigger(
        stage.add_dag(SerializedDag(dag_id="child", path="c.py", tasks=(task("c"),)))
    )


def test_the_end_of_a_child_run_wakes_its_parent(stage: Stage) -> None:
    parent = begin(stage)
    key = child_run(stage)
    give_back(stage, parent, "deferred", deferral=deferral(run_key=key))
    assert not stage.executor.awaits
    assert stage.finish("failed") == ["c"]
    resume = up(stage).resume
    assert resume is not None
    assert resume.event == (
        b'{"dag_id":"child","run_id":"manual","execution_date":"2026-01-01T00:00:00+00:00",'
        b'"state":"failed"}'
    )


def test_a_parent_is_woken_by_a_run_that_is_over_already(stage: Stage) -> None:
    parent = begin(stage)
    key = child_run(stage)
    stage.turn()
    stage.finish_all()
    give_back(stage, parent, "deferred", deferral=deferral(run_key=key))
    resume = up(stage).resume
    assert resume is not None
    assert b'"state":"success"' in resume.event


def test_a_run_that_ends_as_its_parent_begins_to_wait_is_not_missed(stage: Stage) -> None:
    parent = begin(stage)
    key = child_run(stage)
    stage.turn()
    (child,) = stage.executor.take_launches()
    stage.executor.finished(child.key)
    stage.executor.finished(parent.key, "deferred", deferral=deferral(run_key=key))
    stage.turn()
    assert up(stage).resume is not None


@pytest.mark.parametrize("is_deleted", [False, True])
def test_a_run_that_ends_while_the_scheduler_is_away_is_not_missed(
    stage: Stage, is_deleted: bool
) -> None:
    parent = begin(stage)
    key = child_run(stage)
    give_back(stage, parent, "deferred", deferral=deferral(run_key=key))
    with stage.database.write() as session:
        run = session.get_one(orm.DagRun, key)
        if is_deleted:
            session.delete(run)
        else:
            run.state = RunState.SUCCESS
    stage.executor.take_launches()
    stage.start_scheduler()
    stage.executor.hello()
    stage.turn()
    (launch,) = stage.executor.take_launches()
    assert launch.resume is not None
    assert ("deleted" in str(launch.resume.error)) is is_deleted
