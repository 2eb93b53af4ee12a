"""The wall clock is set back by an hour: whoever waits for a while waits no longer for that."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from hubflow.db import orm
from hubflow.db.queries import alert_store, process_beats, processes
from hubflow.db.queries.process_beats import Beat
from hubflow.serialization.model import SerializedDag
from hubflow.services.health import is_alive
from hubflow.states import TaskState
from integration.scheduler.stage import Stage, task

HOUR = timedelta(hours=1)


def run(stage: Stage) -> None:
    dag = SerializedDag(dag_id="d", path="d.py", tasks=(task("a", retries=1, retry_delay_s=60),))
    stage.trigger(stage.add_dag(dag))
    stage.executor.hello()
    stage.turn()


def outcome(name: str, stage: Stage) -> dict[str, object]:
    again = stage.now + timedelta(seconds=60)
    return {"reschedule_at": again} if name == "rescheduled" else {}


@pytest.mark.parametrize("name", ["failed", "rescheduled"])
def test_a_wait_goes_on_in_time_when_the_clock_is_set_back(stage: Stage, name: str) -> None:
    run(stage)
    stage.finish(name, **outcome(name, stage))
    stage.turn(later=-HOUR)
    stage.turn(later=timedelta(seconds=30))
    assert stage.executor.take_launches() == []
    stage.turn(later=timedelta(seconds=31))
    assert [launch.task_id for launch in stage.executor.take_launches()] == ["a"]
    assert stage.task_states() == {"a": TaskState.QUEUED}


def test_a_run_of_now_does_not_wait_for_a_clock_that_was_set_back(stage: Stage) -> None:
    dag = stage.add_dag(SerializedDag(dag_id="d", path="d.py", tasks=(task("a"),)))
    stage.executor.hello()
    stage.turn()
    stage.trigger(dag)
    stage.turn(later=-HOUR)
    assert [launch.task_id for launch in stage.executor.take_launches()] == ["a"]


@pytest.mark.parametrize("name", ["failed", "rescheduled"])
def test_what_was_reported_before_the_clock_was_set_back_waits_as_long(
    stage: Stage, name: str
) -> None:
    run(stage)
    (launch,) = stage.executor.take_launches()
    stage.executor.finished(launch.key, name, at=stage.now, **outcome(name, stage))
    stage.turn(later=-HOUR)
    stage.turn(later=timedelta(seconds=59))
    assert stage.executor.take_launches() == []
    stage.turn(later=timedelta(seconds=2))
    assert [launch.task_id for launch in stage.executor.take_launches()] == ["a"]


def test_the_wait_is_shorter_in_the_database_too(stage: Stage) -> None:
    run(stage)
    stage.finish("failed")
    stage.turn(later=-HOUR)
    (row,) = stage.rows(orm.TaskInstance)
    assert timedelta(0) < row.retry_at - stage.now <= timedelta(seconds=60)


def test_a_mail_that_waits_is_not_an_hour_late(stage: Stage) -> None:
    run(stage)
    with stage.database.write() as session:
        dag_key = session.scalar(select(orm.Dag.id))
        values = {"kind": "mail", "reason": "task_failure", "dag_id": dag_key, "data": {}}
        alert_store.add(session, values, stage.now)
    stage.turn()
    stage.turn(later=-HOUR)
    with stage.database.read() as session:
        due = alert_store.list_due(session, "mail", stage.now + timedelta(seconds=1), 10)
    assert len(due) == 1


def test_heartbeats_from_before_the_clock_was_set_back_are_old_ones(stage: Stage) -> None:
    now = stage.now
    with stage.database.write() as session:
        for pid, at in ((1, now + HOUR), (2, now)):
            process_beats.beat(session, Beat("worker", "h", pid, "0"), at)
    with stage.database.read() as session:
        newest = processes.newest_by_kind(session, now)["worker"]
        dead = next(row for row in processes.list_of_kind(session, "worker") if row.pid == 1)
    assert newest.pid == 2
    assert is_alive(newest, now)
    assert not is_alive(dead, now)
