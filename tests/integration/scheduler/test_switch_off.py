"""DAGs of which too many runs in a row have failed (SEMANTICS 1.6)."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import event

from hubflow.db import orm
from hubflow.serialization.model import Schedule, SerializedDag
from hubflow.states import RunState
from integration.scheduler.stage import START, Stage, task

DAILY = Schedule(kind="cron", cron="0 0 * * *", text="@daily")
DAY = timedelta(days=1)


def add(stage: Stage, limit: int = 2, **values: Any) -> int:
    """Store a daily DAG that has many days to catch up."""
    values = {"dag_id": "d", "path": "d.py", "tasks": (task("a"),), "max_active_runs": 1, **values}
    key = stage.add_dag(
        SerializedDag(
            schedule=DAILY,
            start_date=START - 20 * DAY,
            max_consecutive_failed_dag_runs=limit,
            **values,
        )
    )
    stage.turn()
    return key


def is_paused(stage: Stage, dag_id: str = "d") -> bool:
    return next(row.is_paused for row in stage.rows(orm.Dag) if row.dag_id == dag_id)


def outcomes(stage: Stage, *names: str) -> None:
    for name in names:
        stage.finish(name)
        stage.turn()


def test_a_dag_is_switched_off_before_its_next_run_begins(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    add(stage)
    outcomes(stage, "failed", "success", "failed")
    assert not is_paused(stage)
    with caplog.at_level(logging.WARNING, "hubflow.scheduler"):
        outcomes(stage, "failed")
    assert is_paused(stage)
    assert "the DAG d is switched off: its last 2 runs failed" in caplog.text
    stage.turn(later=DAY)
    assert RunState.RUNNING not in stage.run_states()
    assert stage.executor.take_launches() == []


def test_the_audit_log_and_the_pages_are_told(stage: Stage) -> None:
    add(stage, 1)
    outcomes(stage, "failed")
    (audit,) = stage.rows(orm.AuditEvent)
    assert (audit.event, audit.dag_id, audit.owner) == ("paused", "d", "scheduler")
    assert msgspec.json.decode(audit.extra) == {"is_paused": True, "failed_runs": 1}
    told = [row for row in stage.rows(orm.Event) if row.kind == "dag"]
    assert {"dag_id": "d", "change": "paused"} in [row.data for row in told]


def test_a_dag_that_was_switched_on_again_has_one_more_chance(stage: Stage) -> None:
    key = add(stage)
    outcomes(stage, "failed", "failed")
    for outcome, is_off in (("failed", True), ("success", False)):
        stage.pause(key, False)
        stage.turn()
        outcomes(stage, outcome)
        assert is_paused(stage) is is_off


def test_a_run_that_still_goes_on_may_succeed(stage: Stage) -> None:
    add(stage, max_active_runs=3)
    while len(stage.executor.launches) < 3:
        stage.turn()
    launches = sorted(stage.executor.take_launches(), key=lambda one: one.key.task_instance_id)
    for launch in launches[:2]:
        stage.executor.finished(launch.key, "failed")
    stage.turn()
    assert not is_paused(stage)


def test_runs_that_fail_in_one_turn_count_together(stage: Stage) -> None:
    add(stage, max_active_runs=2)
    while len(stage.executor.launches) < 2:
        stage.turn()
    outcomes(stage, "failed")
    assert is_paused(stage)


def test_a_run_that_takes_too_long_has_failed(stage: Stage) -> None:
    add(stage, 1, dagrun_timeout_s=60)
    stage.turn(later=timedelta(minutes=2))
    assert is_paused(stage)


def test_sub_dags_are_switched_off_with_their_dag_and_never_alone(stage: Stage) -> None:
    child = SerializedDag(
        dag_id="d.sub",
        path="d.py",
        tasks=(task("a"),),
        parent_dag_id="d",
        max_consecutive_failed_dag_runs=1,
    )
    key = stage.add_dag(child)
    with stage.database.write() as session:
        session.get_one(orm.Dag, key).kind = orm.SUBDAG
    stage.trigger(key)
    stage.turn()
    outcomes(stage, "failed")
    assert not is_paused(stage, "d.sub")
    add(stage, 1)
    outcomes(stage, "failed")
    assert is_paused(stage, "d.sub")
    assert is_paused(stage)


def test_without_the_argument_nothing_is_asked_and_nothing_done(stage: Stage) -> None:
    add(stage, 0)
    asked: list[str] = []
    engine = stage.database.engine
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    outcomes(stage, "failed", "failed", "failed")
    assert not is_paused(stage)
    assert not [one for one in asked if "ORDER BY dag_run.execution_date DESC" in one]
