"""Mapped task groups in runs: their tasks follow each other by map index (SEMANTICS 6.8)."""

from __future__ import annotations

from typing import Any

import pytest

from hubflow.db import orm
from hubflow.execution.messages import Launch
from hubflow.questions import XComItem
from hubflow.serialization.model import Length, Mapped, SerializedDag, SerializedTask
from hubflow.services import failed_deps, marking
from hubflow.services.dto import UpdateTaskInstancesState
from hubflow.states import RunState, TaskState
from integration.scheduler.outside import ADA, Outside
from integration.scheduler.stage import Stage, task

S = TaskState
GROUP = Mapped(factors=(Length(kind="xcom", task_id="a"),), group_id="g")
TWO = Mapped(factors=(Length(count=2),), group_id="g")


@pytest.fixture
def people(stage: Stage) -> Outside:
    return Outside(stage, "d")


def inside(label: str, *downstream: str, mapped: Mapped = GROUP, **values: Any) -> SerializedTask:
    return task(f"g.{label}", *downstream, mapped=mapped, group_id="g", **values)


A, Z = task("a", "g.x"), task("z")
CHAIN = (A, inside("x", "g.y"), inside("y", "z"), Z)
"""a -> g.x -> g.y -> z, with g mapped over what a gives"""
KNOWN = (inside("x", "g.y", mapped=TWO), inside("y", "z", mapped=TWO), Z)
"""The same over two values, without a"""


def start(stage: Stage, *tasks: SerializedTask, **values: Any) -> None:
    dag = SerializedDag(dag_id="d", path="d.py", tasks=tasks, **values)
    stage.trigger(stage.add_dag(dag))
    stage.turn()


def give(stage: Stage, length: int | None) -> None:
    """Let `a` succeed with so many values; None is no collection."""
    item = XComItem(key="return_value", encoding="json", data=b"[]", text="[]", length=length)
    assert stage.finish(xcoms=[item]) == ["a"]


def states(stage: Stage, label: str) -> list[tuple[int, TaskState]]:
    rows = stage.rows(orm.TaskInstance)
    return sorted((row.map_index, row.state) for row in rows if row.task_id == label)


def names(launches: list[Launch]) -> list[tuple[str, int]]:
    return [(launch.task_id, launch.map_index) for launch in launches]


def end(stage: Stage, launch: Launch, outcome: str = "success", **values: Any) -> None:
    stage.executor.started(launch.key, at=stage.now)
    stage.executor.finished(launch.key, outcome, at=stage.now, **values)
    stage.turn()


def test_all_tasks_of_the_group_get_an_instance_for_each_value(stage: Stage) -> None:
    start(stage, *CHAIN)
    give(stage, 3)
    assert states(stage, "g.y") == [(0, S.NONE), (1, S.NONE), (2, S.NONE)]
    assert stage.finish_all() == ["g.x"] * 3 + ["g.y"] * 3 + ["z"]
    assert stage.run_states() == [RunState.SUCCESS]


def test_an_instance_goes_on_while_others_of_the_group_have_not_begun(stage: Stage) -> None:
    start(stage, *CHAIN)
    give(stage, 3)
    _, second, _ = stage.executor.take_launches()
    end(stage, second)
    assert names(stage.executor.launches) == [("g.y", 1)]
    end(stage, stage.executor.take_launches()[0])
    assert states(stage, "g.y") == [(0, S.NONE), (1, S.SUCCESS), (2, S.NONE)]
    assert states(stage, "z") == [(-1, S.NONE)]


def test_a_failure_and_a_skip_stay_in_their_instance(stage: Stage) -> None:
    start(stage, *CHAIN)
    give(stage, 3)
    for launch, outcome in zip(
        stage.executor.take_launches(), ("failed", "skipped", "success"), strict=True
    ):
        end(stage, launch, outcome)
    assert states(stage, "g.y") == [(0, S.UPSTREAM_FAILED), (1, S.SKIPPED), (2, S.QUEUED)]
    stage.finish_all()
    assert states(stage, "z") == [(-1, S.UPSTREAM_FAILED)]


def test_trigger_rules_look_at_the_own_instance_only(stage: Stage) -> None:
    clean = inside("y", mapped=TWO, trigger_rule="one_failed")
    start(stage, inside("x", "g.y", mapped=TWO), clean)
    good, bad = stage.executor.take_launches()
    end(stage, good)
    end(stage, bad, "failed")
    assert states(stage, "g.y") == [(0, S.SKIPPED), (1, S.QUEUED)]


def test_a_branch_decides_for_its_own_instance_only(stage: Stage) -> None:
    branch = inside("b", "g.l", "g.r", "z", mapped=TWO)
    start(stage, branch, inside("l", mapped=TWO), inside("r", mapped=TWO), Z)
    first, second = stage.executor.take_launches()
    end(stage, first, rules_out=["g.l", "z"])
    end(stage, second, rules_out=["g.r"])
    assert sorted(names(stage.executor.launches)) == [("g.l", 1), ("g.r", 0), ("z", -1)]
    assert states(stage, "g.l")[0] == (0, S.SKIPPED)
    assert states(stage, "g.r")[1] == (1, S.SKIPPED)


def test_what_comes_from_outside_is_waited_for_by_all_instances(stage: Stage) -> None:
    start(
        stage,
        task("o", "g.y"),
        inside("x", "g.y", mapped=TWO),
        inside("y", mapped=TWO),
    )
    launched = {name: one for one, name in ((x, names([x])[0]) for x in stage.executor.launches)}
    stage.executor.take_launches()
    end(stage, launched["g.x", 0])
    assert stage.executor.launches == []
    end(stage, launched["o", -1])
    assert names(stage.executor.take_launches()) == [("g.y", 0)]
    end(stage, launched["g.x", 1])
    assert names(stage.executor.launches) == [("g.y", 1)]


def test_one_group_after_another_waits_for_all_of_it(stage: Stage) -> None:
    other = Mapped(factors=(Length(count=2),), group_id="h")
    start(stage, inside("x", "h.x", mapped=TWO), task("h.x", mapped=other, group_id="h"))
    first, second = stage.executor.take_launches()
    end(stage, first)
    assert stage.executor.launches == []
    end(stage, second)
    assert names(stage.executor.launches) == [("h.x", 0), ("h.x", 1)]


def test_without_values_the_whole_group_is_skipped(stage: Stage) -> None:
    clean = inside("y", "z", trigger_rule="all_done")
    start(stage, A, inside("x", "g.y"), clean, task("z", trigger_rule="all_done"))
    give(stage, 0)
    assert states(stage, "g.x") == states(stage, "g.y") == [(-1, S.SKIPPED)]
    assert stage.finish_all() == ["z"]


@pytest.mark.parametrize(
    ("length", "words"), [(None, "neither a list nor a dict"), (10_000, "10,000 instances")]
)
def test_a_group_that_cannot_be_expanded_fails_at_its_first_tasks(
    stage: Stage, length: int | None, words: str
) -> None:
    start(stage, *CHAIN)
    give(stage, length)
    assert states(stage, "g.x") == [(-1, S.FAILED)]
    assert states(stage, "g.y") == [(-1, S.UPSTREAM_FAILED)]
    assert [words in row.error for row in stage.rows(orm.TaskTry) if row.error] == [True]
    assert stage.run_states() == [RunState.FAILED]


def test_a_task_that_was_decided_before_the_group_had_instances_stands_for_all(
    stage: Stage,
) -> None:
    clean = inside("y", mapped=TWO, trigger_rule="all_done")
    start(stage, task("a", "g.x"), inside("x", "g.y", mapped=TWO), clean)
    assert stage.finish("failed") == ["a"]
    assert states(stage, "g.x") == [(-1, S.UPSTREAM_FAILED)]
    assert stage.finish_all() == ["g.y", "g.y"]


def test_a_new_scheduler_goes_on_by_map_index(stage: Stage) -> None:
    start(stage, *CHAIN)
    give(stage, 3)
    first, second, third = stage.executor.take_launches()
    end(stage, first, "failed")
    stage.start_scheduler()
    stage.executor.hello([second.key, third.key])
    stage.turn()
    end(stage, second)
    assert names(stage.executor.launches) == [("g.y", 1)]
    end(stage, third)
    assert stage.finish_all() == ["g.y", "g.y"]
    assert states(stage, "g.y") == [(0, S.UPSTREAM_FAILED), (1, S.SUCCESS), (2, S.SUCCESS)]


def test_a_cleared_group_is_counted_anew(stage: Stage, people: Outside) -> None:
    start(stage, *CHAIN)
    give(stage, 3)
    stage.finish_all()
    people.clear_run()
    stage.turn()
    give(stage, 2)
    assert stage.finish_all() == ["g.x", "g.x", "g.y", "g.y", "z"]
    assert states(stage, "g.y") == [(0, S.SUCCESS), (1, S.SUCCESS), (2, S.REMOVED)]
    people.clear_run()
    stage.turn()
    give(stage, 4)
    assert stage.finish_all() == ["g.x"] * 4 + ["g.y"] * 4 + ["z"]
    assert stage.run_states() == [RunState.SUCCESS]
    assert stage.scheduler._world.nodes == {}


def test_a_part_of_the_group_is_cleared_and_follows_the_rest(stage: Stage, people: Outside) -> None:
    start(stage, *CHAIN)
    give(stage, 2)
    stage.finish_all()
    people.clear("g.y", include_downstream=True)
    stage.turn()
    assert stage.finish_all() == ["g.y", "g.y", "z"]
    assert states(stage, "g.x") == [(0, S.SUCCESS), (1, S.SUCCESS)]


def test_one_instance_is_cleared_with_its_own_and_what_comes_after_all(
    stage: Stage, people: Outside
) -> None:
    start(stage, *CHAIN)
    give(stage, 2)
    stage.finish_all()
    touched = people.clear("g.x", include_downstream=True, map_index=1)
    found = [(one.task_id, one.map_index) for one in touched.task_instances]
    assert sorted(found) == [("g.x", 1), ("g.y", 1), ("z", -1)]
    stage.turn()
    assert stage.finish_all() == ["g.x", "g.y", "z"]


def test_a_marked_instance_lets_only_its_own_go_on(stage: Stage, people: Outside) -> None:
    start(stage, *KNOWN)
    assert stage.finish("failed") == ["g.x", "g.x"]
    whole = UpdateTaskInstancesState(
        task_id="g.x", new_state="success", dag_run_id="manual", dry_run=False, map_index=1
    )
    marking.mark_tasks(people.backend, ADA, "d", whole)
    assert states(stage, "g.y") == [(0, S.UPSTREAM_FAILED), (1, S.NONE)]
    stage.turn()
    assert names(stage.executor.launches) == [("g.y", 1)]


def test_each_instance_says_what_of_its_own_it_waits_for(stage: Stage, people: Outside) -> None:
    start(stage, *KNOWN)
    good, _ = stage.executor.take_launches()
    end(stage, good)

    def unmet(index: int) -> list[str]:
        found = failed_deps.get(people.backend, ADA, "d", "manual", "g.y", index)
        return [one.reason for one in found.dependencies if one.name == "Trigger Rule"]

    assert unmet(0) == []
    assert unmet(1) == ["all_success does not hold: g.x is queued"]


def test_each_instance_says_which_of_its_own_has_ruled_it_out(
    stage: Stage, people: Outside
) -> None:
    start(stage, inside("b", "g.l", mapped=TWO), inside("l", mapped=TWO))
    first, _ = stage.executor.take_launches()
    end(stage, first, rules_out=["g.l"])
    for index, names in ((0, ["Not Previously Skipped"]), (1, [])):
        found = failed_deps.get(people.backend, ADA, "d", "manual", "g.l", index).dependencies
        assert [one.name for one in found if one.name == "Not Previously Skipped"] == names
