"""Mapped tasks whose values, version or neighbours change after they were expanded."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hubflow.db import orm
from hubflow.errors import BadRequest
from hubflow.execution.messages import Launch
from hubflow.questions import XComItem
from hubflow.serialization.model import Length, Mapped, Schedule, SerializedDag, SerializedTask
from hubflow.services import backfills, dags
from hubflow.services.dto import CreateBackfill
from hubflow.states import RunState, TaskState
from integration.scheduler.outside import ADA, Outside
from integration.scheduler.stage import START, Stage, task

S = TaskState
DAY = timedelta(days=1)
OVER_A = Mapped(factors=(Length(kind="xcom", task_id="a"),))
A, M, Z = task("a", "m"), task("m", "z", mapped=OVER_A), task("z")


@pytest.fixture
def people(stage: Stage) -> Outside:
    return Outside(stage, "d")


def dag(*tasks: SerializedTask, **values: object) -> SerializedDag:
    return SerializedDag(dag_id="d", path="d.py", tasks=tasks, **values)  # type: ignore[arg-type]


def give(stage: Stage, length: int | None) -> None:
    """Let `a` succeed with so many values; None is no collection."""
    item = XComItem(key="return_value", encoding="json", data=b"[]", text="[]", length=length)
    assert stage.finish(xcoms=[item]) == ["a"]


def run_over(stage: Stage, count: int) -> None:
    """Run a -> m (mapped over ``count`` values) -> z to its end."""
    stage.trigger(stage.add_dag(dag(A, M, Z)))
    stage.turn()
    give(stage, count)
    assert stage.finish_all() == ["m"] * count + ["z"]


def states(stage: Stage, task_id: str = "m") -> list[tuple[int, TaskState]]:
    rows = stage.rows(orm.TaskInstance)
    return sorted((row.map_index, row.state) for row in rows if row.task_id == task_id)


def test_instances_come_back_when_there_are_more_values_again(
    stage: Stage, people: Outside
) -> None:
    run_over(stage, 3)
    people.clear_run()
    stage.turn()
    give(stage, 1)
    assert stage.finish_all() == ["m", "z"]
    assert states(stage) == [(0, S.SUCCESS), (1, S.REMOVED), (2, S.REMOVED)]
    people.clear_run()
    stage.turn()
    give(stage, 4)
    assert stage.finish_all() == ["m"] * 4 + ["z"]
    assert states(stage) == [(index, S.SUCCESS) for index in range(4)]
    assert stage.run_states() == [RunState.SUCCESS]


def test_without_values_all_earlier_instances_are_gone(stage: Stage, people: Outside) -> None:
    run_over(stage, 3)
    people.clear_run()
    stage.turn()
    give(stage, 0)
    assert states(stage) == [(0, S.SKIPPED), (1, S.REMOVED), (2, S.REMOVED)]
    assert stage.run_states() == [RunState.SUCCESS]


def test_what_cannot_be_mapped_over_any_more_fails_as_a_try_of_its_own(
    stage: Stage, people: Outside
) -> None:
    run_over(stage, 3)
    people.clear_run()
    stage.turn()
    give(stage, None)
    assert states(stage) == [(0, S.FAILED), (1, S.REMOVED), (2, S.REMOVED)]
    assert stage.run_states() == [RunState.FAILED]


def test_a_backfill_without_the_task_that_gives_the_values_fails(
    stage: Stage, people: Outside
) -> None:
    daily = Schedule(kind="cron", cron="0 0 * * *", text="@daily")
    stage.add_dag(dag(A, M, Z, schedule=daily, start_date=START))
    values = {"from_date": START - DAY, "to_date": START - DAY}
    body = CreateBackfill(dag_id="d", task_regex="^m$", ignore_dependencies=True, **values)
    backfills.create(people.backend, ADA, body)
    stage.turn()
    assert states(stage) == [(-1, S.FAILED)]
    (tried,) = stage.rows(orm.TaskTry)
    assert "'a'" in tried.error


def test_values_are_counted_anew_after_an_instance_was_cleared_while_it_ran(
    stage: Stage, people: Outside
) -> None:
    stage.trigger(stage.add_dag(dag(A, M, Z)))
    stage.turn()
    give(stage, 2)
    ended = stage.begin()
    people.clear_run()
    stage.turn()
    for key in ended[:1]:
        stage.executor.finished(key, "failed", at=stage.now)
    give(stage, 3)
    assert states(stage) == [(0, S.NONE), (1, S.RESTARTING)]
    stage.executor.finished(ended[1], "failed", at=stage.now)
    stage.turn()
    assert stage.finish_all() == ["m", "m", "m", "z"]
    assert stage.run_states() == [RunState.SUCCESS]


def test_a_new_version_brings_no_instance_back_that_has_no_value(
    stage: Stage, people: Outside
) -> None:
    run_over(stage, 3)
    people.clear_run()
    stage.turn()
    give(stage, 1)
    stage.finish_all()
    stage.add_dag(dag(A, M, Z), number=2)
    people.clear("z")
    stage.turn()
    assert states(stage) == [(0, S.SUCCESS), (1, S.REMOVED), (2, S.REMOVED)]
    assert stage.finish_all() == ["z"]


def test_a_mapped_task_that_is_gone_is_removed_with_all_its_instances(
    stage: Stage, people: Outside
) -> None:
    run_over(stage, 2)
    stage.add_dag(dag(task("a", "z"), Z), number=2)
    people.clear_run()
    assert states(stage) == [(0, S.REMOVED), (1, S.REMOVED)]
    stage.turn()
    assert stage.finish_all() == ["a", "z"]
    assert stage.run_states() == [RunState.SUCCESS]


def test_a_mapped_task_that_is_back_is_counted_anew(stage: Stage, people: Outside) -> None:
    run_over(stage, 2)
    stage.add_dag(dag(task("a", "z"), Z), number=2)
    people.clear_run()
    stage.turn()
    stage.finish_all()
    stage.add_dag(dag(A, M, Z), number=3)
    people.clear_run()
    stage.turn()
    give(stage, 3)
    assert stage.finish_all() == ["m", "m", "m", "z"]
    assert states(stage) == [(index, S.SUCCESS) for index in range(3)]


def test_memory_is_empty_after_the_run(stage: Stage, people: Outside) -> None:
    run_over(stage, 3)
    people.clear_run()
    stage.turn()
    give(stage, 1)
    stage.finish_all()
    assert stage.scheduler._world.nodes == {}


def test_a_task_that_is_not_mapped_any_more_has_one_instance(stage: Stage, people: Outside) -> None:
    run_over(stage, 3)
    stage.add_dag(dag(A, task("m", "z"), Z), number=2)
    people.clear_run()
    stage.turn()
    assert stage.finish_all() == ["a", "m", "z"]
    assert states(stage) == [(-1, S.SUCCESS), (1, S.REMOVED), (2, S.REMOVED)]
    assert stage.run_states() == [RunState.SUCCESS]


def test_one_mapped_task_without_values_does_not_end_the_run_for_another(stage: Stage) -> None:
    none = Mapped(factors=(Length(count=0),))
    two = Mapped(factors=(Length(count=2),))
    stage.trigger(
        stage.add_dag(dag(task("a", "m", "n"), task("m", mapped=none), task("n", mapped=two)))
    )
    stage.turn()
    assert stage.finish_all() == ["a", "n", "n"]
    assert stage.run_states() == [RunState.SUCCESS]


def test_what_cannot_be_mapped_over_fails_fast(stage: Stage) -> None:
    tasks = task("a", "m"), task("b"), task("m", mapped=OVER_A)
    stage.trigger(stage.add_dag(dag(*tasks, fail_fast=True)))
    stage.turn()
    a, b = stage.executor.take_launches()
    stage.executor.finished(a.key, at=stage.now)
    stage.executor.started(b.key, at=stage.now)
    stage.turn()
    assert stage.run_states() == [RunState.FAILED]
    assert [kill.key for kill in stage.executor.kills] == [b.key]


TWO = Mapped(factors=(Length(count=2),))
DAILY = Schedule(kind="cron", cron="0 0 * * *", text="@daily")


def finish_one(stage: Stage, launch: Launch, outcome: str = "success") -> None:
    stage.executor.started(launch.key, at=stage.now)
    stage.executor.finished(launch.key, outcome, at=stage.now)
    stage.turn()


def test_a_failed_instance_holds_the_next_run_back_though_another_ended_later(
    stage: Stage,
) -> None:
    past = task("m", mapped=TWO, depends_on_past=True)
    stage.add_dag(dag(past, schedule=DAILY, start_date=START - 2 * DAY))
    stage.turn()
    stage.turn()
    bad, good = stage.executor.take_launches()
    finish_one(stage, bad, "failed")
    finish_one(stage, good)
    assert stage.executor.launches == []
    assert stage.run_states() == [RunState.FAILED, RunState.RUNNING]


def test_instances_without_a_value_hold_no_later_run_back(stage: Stage, people: Outside) -> None:
    past = task("m", mapped=OVER_A, depends_on_past=True)
    tasks = task("a", "m"), past
    key = stage.add_dag(dag(*tasks, catchup=False))
    stage.trigger(key)
    stage.turn()
    give(stage, 3)
    stage.finish_all()
    people.clear_run()
    stage.turn()
    give(stage, 1)
    stage.finish_all()
    stage.trigger(key, "later", START + DAY)
    stage.turn(later=DAY)
    give(stage, 1)
    assert stage.finish_all() == ["m"]


def test_a_mapped_task_misses_its_deadline_while_one_instance_goes_on(stage: Stage) -> None:
    late = task("m", mapped=TWO, sla_s=3600.0)
    stage.add_dag(dag(late, schedule=DAILY, start_date=START))
    stage.turn(later=DAY)
    first, _ = stage.executor.take_launches()
    finish_one(stage, first)
    stage.turn(later=timedelta(hours=1))
    assert [miss.task_id for miss in stage.rows(orm.SlaMiss)] == ["m"]


def test_a_dag_that_is_deleted_just_after_its_tasks_moved_is_forgotten(
    stage: Stage, people: Outside
) -> None:
    key = stage.add_dag(dag(task("m", depends_on_past=True)))
    stage.trigger(key)
    stage.turn()
    people.mark_run("failed")
    with stage.database.write() as session:
        session.get_one(orm.Dag, key).is_active = False
    dags.delete(people.backend, ADA, "d")
    stage.turn()
    assert stage.scheduler._world.dags == {}


def test_a_mapped_task_without_instances_is_not_run_by_hand(stage: Stage, people: Outside) -> None:
    stage.trigger(stage.add_dag(dag(A, M, Z)))
    stage.turn()
    with pytest.raises(BadRequest, match="'m' is mapped"):
        people.run_now("m", ignore_all_deps=True)
