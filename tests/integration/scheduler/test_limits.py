"""Pools, their slots, and the limits of DAGs and tasks (SEMANTICS 1.6, 2.1, 5.5)."""

import logging
from datetime import timedelta

import pytest
from sqlalchemy import delete

from hubflow.db import orm
from hubflow.db.queries import event_store
from hubflow.serialization.model import Length, Mapped, SerializedDag, SerializedTask
from hubflow.states import RunState, TaskState
from integration.scheduler.stage import START, Stage, task


def set_pool(stage: Stage, name: str, slots: int | None, *, include_deferred: bool = False) -> None:
    """Create, change or (None) delete a pool, as the service does."""
    with stage.database.write() as session:
        session.execute(delete(orm.Pool).where(orm.Pool.name == name))
        if slots is not None:
            session.add(orm.Pool(name=name, slots=slots, include_deferred=include_deferred))
        event_store.append(session, "pool", None, {}, stage.now)


def run_dag(stage: Stage, *tasks: SerializedTask, name: str = "d", runs: int = 1) -> None:
    key = stage.add_dag(SerializedDag(dag_id=name, path=f"{name}.py", tasks=tasks))
    for number in range(runs):
        stage.trigger(key, f"run{number}", at=START - timedelta(hours=runs - number))
    stage.turn()


def launched(stage: Stage) -> list[str]:
    return [launch.task_id for launch in stage.executor.launches]


def test_a_pool_lets_as_many_tries_run_as_it_has_slots(stage: Stage) -> None:
    set_pool(stage, "p", 2)
    for name in "ab":
        run_dag(stage, *(task(f"{name}{n}", pool="p") for n in range(3)), name=name)
    assert launched(stage) == ["a0", "a1"]
    finished = [stage.finish() for _ in range(3)]
    assert [len(tasks) for tasks in finished] == [2, 2, 2]


def test_a_task_with_many_slots_is_passed_over_until_they_are_free(stage: Stage) -> None:
    set_pool(stage, "p", 3)
    tasks = (
        task("big", pool="p", pool_slots=3, priority_weight=1),
        task("first", pool="p", priority_weight=9),
        task("last", pool="p", priority_weight=0),
    )
    run_dag(stage, *tasks)
    assert stage.finish_all() == ["first", "last", "big"]


def test_a_task_of_an_unknown_pool_waits_and_the_log_says_so_once(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        run_dag(stage, task("lost", pool="nowhere"), task("found"))
        assert stage.finish_all() == ["found"]
        stage.turn()
    assert stage.task_states()["lost"] is TaskState.SCHEDULED
    assert [record.getMessage() for record in caplog.records] == [
        "tasks of d never run: there is no pool 'nowhere'; create it, or name another pool in "
        "the DAG file"
    ]
    set_pool(stage, "nowhere", 1)
    stage.turn()
    assert launched(stage) == ["lost"]


@pytest.mark.parametrize(("slots", "words"), [(0, "has no slots at all"), (1, "needs 2 slots")])
def test_a_pool_that_is_too_small_is_reported_and_starts_once_it_grows(
    stage: Stage, caplog: pytest.LogCaptureFixture, slots: int, words: str
) -> None:
    set_pool(stage, "p", slots)
    with caplog.at_level(logging.WARNING):
        run_dag(stage, task("a", pool="p", pool_slots=2))
    assert not stage.executor.launches
    assert words in caplog.text
    set_pool(stage, "p", -1)
    stage.turn()
    assert launched(stage) == ["a"]


def test_a_shrunk_pool_starts_nothing_until_enough_tries_are_over(stage: Stage) -> None:
    set_pool(stage, "p", 2)
    run_dag(stage, *(task(f"t{n}", pool="p") for n in range(4)))
    set_pool(stage, "p", 1)
    first, second = stage.executor.take_launches()
    stage.executor.finished(first.key)
    stage.turn()
    assert not stage.executor.launches
    stage.executor.finished(second.key)
    stage.turn()
    assert launched(stage) == ["t2"]


def test_slots_are_counted_again_after_a_restart(stage: Stage) -> None:
    set_pool(stage, "p", 2)
    run_dag(stage, task("big", pool="p", pool_slots=2, priority_weight=2), task("t", pool="p"))
    (launch,) = stage.executor.launches
    stage.start_scheduler()
    stage.executor.hello(known=[launch.key])
    stage.turn()
    assert stage.task_states() == {"big": TaskState.QUEUED, "t": TaskState.SCHEDULED}
    assert stage.finish_all() == ["big", "t"]


def test_instances_keep_where_they_run(stage: Stage) -> None:
    run_dag(
        stage, task("a", "b", pool="p", pool_slots=2, queue="gpu", priority_weight=7), task("b")
    )
    kept = [(row.pool, row.pool_slots, row.queue, row.priority_weight) for row in instances(stage)]
    assert kept == [("p", 2, "gpu", 7), ("default_pool", 1, "default", 1)]


def test_task_concurrency_holds_over_all_runs(stage: Stage) -> None:
    run_dag(stage, task("one", task_concurrency=1), task("any"), runs=3)
    assert sorted(launched(stage)) == ["any", "any", "any", "one"]
    assert [stage.finish().count("one") for _ in range(3)] == [1, 1, 1]
    assert stage.run_states() == [RunState.SUCCESS] * 3


def test_the_limit_of_instances_within_a_run_holds_in_each_run(stage: Stage) -> None:
    mapped = Mapped(factors=(Length(count=3),))
    run_dag(stage, task("m", mapped=mapped, max_active_tis_per_dagrun=2), runs=2)
    assert launched(stage) == ["m"] * 4
    assert [stage.finish().count("m") for _ in range(2)] == [4, 2]
    assert stage.run_states() == [RunState.SUCCESS] * 2
    assert not stage.scheduler._world.occupancy.run_tasks


def test_a_new_scheduler_counts_what_runs_in_each_run(stage: Stage) -> None:
    mapped = Mapped(factors=(Length(count=3),))
    run_dag(stage, task("m", mapped=mapped, max_active_tis_per_dagrun=1))
    (first,) = stage.executor.take_launches()
    stage.start_scheduler()
    stage.executor.hello([first.key])
    stage.turn()
    assert launched(stage) == []
    stage.executor.finished(first.key, at=stage.now)
    stage.turn()
    assert launched(stage) == ["m"]


def test_weight_decides_over_all_dags_of_a_pool_then_the_older_date(stage: Stage) -> None:
    set_pool(stage, "p", 1)
    run_dag(stage, task("blocker", pool="p"), name="first")
    run_dag(stage, task("light", pool="p", priority_weight=1), name="light", runs=2)
    run_dag(stage, task("heavy", pool="p", priority_weight=5), name="heavy")
    assert stage.finish_all() == ["blocker", "heavy", "light", "light"]
    ran = sorted(instances(stage), key=lambda row: row.id)
    light = [row for row in ran if row.task_id == "light"]
    dates = {run.id: run.execution_date for run in stage.runs()}
    by_start = sorted(light, key=lambda row: (row.queued_at, row.id))
    assert dates[by_start[0].dag_run_id] < dates[by_start[1].dag_run_id]


def instances(stage: Stage) -> list[orm.TaskInstance]:
    return stage.rows(orm.TaskInstance)


def test_a_worker_takes_the_tasks_of_its_queues_only(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    tasks = (task("a", queue="gpu"), task("b"), task("c", queue="tape"))
    stage.trigger(stage.add_dag(SerializedDag(dag_id="d", path="d.py", tasks=tasks)))
    stage.executor.hello(queues=["default", "gpu"])
    stage.turn()
    stage.turn()
    assert sorted(launch.task_id for launch in stage.executor.take_launches()) == ["a", "b"]
    assert caplog.text.count("no worker serves the queue 'tape'") == 1
    stage.executor.hello()
    stage.turn()
    assert "c" in [launch.task_id for launch in stage.executor.take_launches()]
