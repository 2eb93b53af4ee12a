"""Why a task does not run, asked about runs that a real scheduler holds back."""

from datetime import timedelta
from typing import Any

import pytest

from hubflow.clock import utcnow
from hubflow.config import Core
from hubflow.db import orm
from hubflow.db.engine import Database
from hubflow.db.queries import event_store, process_beats
from hubflow.db.queries.process_beats import Beat
from hubflow.errors import DagRunNotFound, TaskNotFound
from hubflow.serialization.model import Length, Mapped, SerializedDag, SerializedTask
from hubflow.services import failed_deps
from hubflow.services.access import READING, Actor
from hubflow.services.unit import Backend
from integration.scheduler.stage import START, Stage, task

ACTOR = Actor("bob", READING)
HOUR = timedelta(hours=1)


@pytest.fixture
def stage(core: Core, database: Database) -> Stage:
    with database.write() as session:
        process_beats.beat(session, Beat("worker", "h", 1, "0", slots=8), utcnow())
    return Stage(core, database)


@pytest.fixture
def backend(core: Core, database: Database) -> Backend:
    return Backend(database, core.paths)


def add(stage: Stage, *tasks: SerializedTask, **values: Any) -> int:
    values = {"catchup": False, **values}
    return stage.add_dag(SerializedDag(dag_id="d", path="d.py", tasks=tasks, **values))


def add_pool(stage: Stage, name: str, slots: int) -> None:
    with stage.database.write() as session:
        session.add(orm.Pool(name=name, slots=slots))
        event_store.append(session, "pool", None, {}, stage.now)


def unmet(backend: Backend, task_id: str, run_id: str = "manual") -> dict[str, str]:
    found = failed_deps.get(backend, ACTOR, "d", run_id, task_id)
    return {one.name: one.reason for one in found.dependencies}


def test_a_task_that_waits_for_others(stage: Stage, backend: Backend) -> None:
    stage.trigger(add(stage, task("a", "b"), task("b")))
    stage.turn()
    assert unmet(backend, "b") == {"Trigger Rule": "all_success does not hold: a is queued"}
    assert list(unmet(backend, "a")) == ["Task Instance State"]
    stage.finish()
    stage.finish()
    assert list(unmet(backend, "b")) == ["Dagrun Running", "Task Instance State"]


def test_pools(stage: Stage, backend: Backend) -> None:
    add_pool(stage, "p", 3)
    tasks = (
        task("first", pool="p", pool_slots=2, priority_weight=9),
        task("second", pool="p", pool_slots=2),
        task("large", pool="p", pool_slots=4),
        task("lost", pool="nowhere"),
    )
    stage.trigger(add(stage, *tasks))
    stage.turn()
    told = [unmet(backend, name)["Pool Slots Available"] for name in ("second", "large", "lost")]
    assert told[0] == "the pool 'p' has 1 free slots of 3, and the task needs 2"
    assert told[1].startswith("the task needs 4 slots and the pool 'p' has only 3 altogether")
    assert told[2].startswith("there is no pool 'nowhere'")


def test_the_limits_of_the_dag_of_the_task_and_of_everything(
    stage: Stage, backend: Backend
) -> None:
    stage.scheduler.settings.parallelism = 2
    tasks = (task("a", task_concurrency=1, priority_weight=9), task("b", priority_weight=5))
    key = add(stage, *tasks, concurrency=2)
    stage.trigger(key, "one", at=START - HOUR)
    stage.trigger(key, "two", at=START)
    stage.turn()
    assert [launch.task_id for launch in stage.executor.launches] == ["a", "b"]
    limits = ["Task Instance Slots Available", "Task Concurrency", "Parallelism"]
    assert list(unmet(backend, "a", "two")) == limits
    stage.finish()
    assert unmet(backend, "a", "two").keys() == {"Task Instance State"}


def test_the_limit_within_a_run(stage: Stage, backend: Backend) -> None:
    two = Mapped(factors=(Length(count=2),))
    key = add(stage, task("a", mapped=two, max_active_tis_per_dagrun=1))
    stage.trigger(key, "one", at=START - HOUR)
    stage.turn()
    found = failed_deps.get(backend, ACTOR, "d", "one", "a", 1).dependencies
    assert [one.name for one in found] == ["Task Concurrency"]


def test_the_run_before(stage: Stage, backend: Backend) -> None:
    key = add(stage, task("a", depends_on_past=True))
    stage.trigger(key, "one", at=START - HOUR)
    stage.trigger(key, "two", at=START)
    stage.turn()
    assert unmet(backend, "a", "two") == {
        "Previous Dagrun State": "the task is queued in the previous run, at "
        "2025-12-31T23:00:00+00:00"
    }
    stage.finish()
    assert "Previous Dagrun State" not in unmet(backend, "a", "two")


def test_a_run_that_waits_for_its_turn(stage: Stage, backend: Backend) -> None:
    key = add(stage, task("a"), task("late", start_date=START + HOUR))
    stage.pause(key, True)
    stage.trigger(key)
    stage.turn()
    assert list(unmet(backend, "a")) == ["Dagrun Running", "Dag Not Paused"]
    assert "Execution Date" in unmet(backend, "late")


def test_a_task_that_a_branch_ruled_out(stage: Stage, backend: Backend) -> None:
    stage.trigger(add(stage, task("branch", "b"), task("b")))
    stage.turn()
    with stage.database.write() as session:
        session.get_one(orm.TaskInstance, 1).rules_out = ["b"]
    assert unmet(backend, "b")["Not Previously Skipped"] == "'branch' decided that it is skipped"


def test_a_retry_and_no_worker(stage: Stage, backend: Backend) -> None:
    far = 400 * 24 * 3600.0
    stage.now = utcnow()
    stage.trigger(add(stage, task("a", retries=1, retry_delay_s=far)))
    stage.turn()
    stage.finish("failed")
    with stage.database.write() as session:
        process_beats.stop(session, "worker", "h", 1, utcnow())
    assert list(unmet(backend, "a")) == ["Not In Retry Period", "Worker Connected"]


def test_a_queue_that_no_worker_serves(stage: Stage, backend: Backend) -> None:
    stage.now = utcnow()
    stage.trigger(add(stage, task("a", queue="gpu"), task("b")))
    stage.executor.hello(queues=["default", "tape"])
    stage.turn()
    why = "no worker serves the queue 'gpu'; workers serve: default, tape"
    assert unmet(backend, "a") == {"Queue Served": why}
    assert "Queue Served" not in unmet(backend, "b")
    stage.executor.hello()
    stage.turn()
    assert list(unmet(backend, "a")) == ["Task Instance State"]


def test_what_does_not_exist_is_named(stage: Stage, backend: Backend) -> None:
    stage.trigger(add(stage, task("a")))
    with pytest.raises(TaskNotFound, match="'b'"):
        unmet(backend, "b")
    with pytest.raises(DagRunNotFound, match="'other'"):
        unmet(backend, "a", "other")
