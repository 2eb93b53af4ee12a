"""Waiting tries that people clear or mark."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from hubflow.cli.local import local_actor
from hubflow.config import Core
from hubflow.db import orm
from hubflow.execution.messages import Deferral, Launch
from hubflow.serialization.model import SerializedDag
from hubflow.services import clearing, marking
from hubflow.services.dto import ClearTaskInstances, PatchDagRun, UpdateTaskInstancesState
from hubflow.services.unit import Backend
from hubflow.states import TaskState
from integration.scheduler.stage import Stage, chain

LATER = timedelta(minutes=1)


def begin(stage: Stage, outcome: str, **facts: Any) -> Launch:
    """Start a run whose first task then waits."""
    stage.trigger(stage.add_dag(SerializedDag(dag_id="d", path="d.py", tasks=chain(2))))
    stage.turn()
    (launch,) = [one for one in stage.executor.take_launches() if one.dag_id == "d"]
    stage.executor.started(launch.key, at=stage.now)
    stage.executor.finished(launch.key, outcome, at=stage.now, **facts)
    stage.turn()
    return launch


def trigger() -> Deferral:
    return Deferral(trigger="some.Trigger", trigger_kwargs=b"{}", method="go_on")


def clear(stage: Stage, core: Core) -> None:
    body = ClearTaskInstances(dry_run=False, only_failed=False, task_ids=["t0"])
    clearing.clear(Backend(stage.database, core.paths), local_actor(), "d", body)
    stage.turn()


def mark(stage: Stage, core: Core, state: Any) -> None:
    body = UpdateTaskInstancesState(
        dry_run=False, task_id="t0", dag_run_id="manual", new_state=state
    )
    marking.mark_tasks(Backend(stage.database, core.paths), local_actor(), "d", body)
    stage.turn()


@pytest.mark.parametrize("outcome", ["rescheduled", "deferred"])
def test_a_cleared_wait_begins_again_as_a_new_try(stage: Stage, core: Core, outcome: str) -> None:
    waits = trigger() if outcome == "deferred" else None
    first = begin(stage, outcome, deferral=waits, reschedule_at=stage.now + LATER)
    clear(stage, core)
    (again,) = stage.executor.take_launches()
    assert (again.key.try_number, again.key.leg, again.resume) == (2, 0, None)
    assert len(stage.executor.kills) == len(stage.executor.awaits)
    assert {kill.key for kill in stage.executor.kills} == {
        awaited.key for awaited in stage.executor.awaits
    }
    [ended] = stage.rows(orm.TaskTry)
    assert (ended.state, ended.end_date is not None) == (TaskState.FAILED, True)
    stage.turn(later=2 * LATER)  # what was due for the first try is nobody's business now
    assert not stage.executor.launches
    assert first.key.try_number == 1


@pytest.mark.parametrize("state", ["success", "failed"])
def test_a_marked_wait_ends_its_trigger(stage: Stage, core: Core, state: str) -> None:
    begin(stage, "deferred", deferral=trigger())
    mark(stage, core, state)
    (awaited,) = stage.executor.awaits
    assert [kill.key for kill in stage.executor.kills] == [awaited.key]
    assert stage.task_states()["t0"] == state
    assert stage.rows(orm.TaskTry)[0].state == state


def test_a_resumed_try_that_is_cleared_while_it_runs_is_ended(stage: Stage, core: Core) -> None:
    begin(stage, "deferred", deferral=Deferral(
        trigger="x", trigger_kwargs=b"{}", method="go_on", due_at=stage.now
    ))  # fmt: skip
    stage.turn()
    (resumed,) = stage.executor.take_launches()
    stage.executor.started(resumed.key, at=stage.now)
    stage.turn()
    clear(stage, core)
    assert stage.task_states()["t0"] is TaskState.RESTARTING
    assert [kill.key for kill in stage.executor.kills] == [resumed.key]
    stage.executor.finished(resumed.key, "failed", at=stage.now)
    stage.turn()
    (again,) = stage.executor.take_launches()
    assert (again.key.try_number, again.key.leg, again.resume) == (2, 0, None)


def test_a_parent_is_woken_when_somebody_marks_the_run_that_it_waits_for(
    stage: Stage, core: Core
) -> None:
    child = SerializedDag(dag_id="child", path="c.py", tasks=chain(1))
    key = stage.trigger(stage.add_dag(child), "child_run")
    begin(
        stage,
        "deferred",
        deferral=Deferral(trigger="x", trigger_kwargs=b"{}", method="go_on", run_key=key),
    )
    stage.executor.take_launches()
    body = PatchDagRun(state="success")
    marking.mark_run(Backend(stage.database, core.paths), local_actor(), "child", "child_run", body)
    stage.turn()
    (resumed,) = [launch for launch in stage.executor.take_launches() if launch.dag_id == "d"]
    assert resumed.resume is not None
    assert b'"state":"success"' in resumed.resume.event
