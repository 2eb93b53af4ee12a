"""Mapped tasks in runs: expanded once their values are known, and all that follows from them."""

from __future__ import annotations

from typing import Any

import pytest

from hubflow.db import orm
from hubflow.questions import XComItem
from hubflow.serialization.model import Length, Mapped, SerializedDag, SerializedTask
from hubflow.states import RunState, TaskState
from integration.scheduler.stage import Stage, task

OVER_A = Mapped(factors=(Length(kind="xcom", task_id="a"),))


def dag(*tasks: SerializedTask) -> SerializedDag:
    return SerializedDag(dag_id="d", path="d.py", tasks=tasks)


def result(length: int | None) -> list[XComItem]:
    return [XComItem(key="return_value", encoding="json", data=b"[]", text="[]", length=length)]


def start(stage: Stage, *tasks: SerializedTask) -> None:
    stage.trigger(stage.add_dag(dag(*tasks)))
    stage.turn()


def states(stage: Stage, task_id: str) -> list[tuple[int, TaskState]]:
    rows = stage.rows(orm.TaskInstance)
    return sorted((row.map_index, row.state) for row in rows if row.task_id == task_id)


def errors(stage: Stage) -> list[str]:
    return [row.error for row in stage.rows(orm.TaskTry) if row.error]


def chain(**mapped: Any) -> tuple[SerializedTask, ...]:
    """a -> m (mapped) -> z"""
    return task("a", "m"), task("m", "z", mapped=OVER_A, **mapped), task("z")


def test_a_task_expands_over_what_the_one_before_gave(stage: Stage) -> None:
    start(stage, *chain())
    stage.finish(xcoms=result(3))
    launched = stage.executor.launches
    assert [(launch.task_id, launch.map_index) for launch in launched] == [
        ("m", 0),
        ("m", 1),
        ("m", 2),
    ]
    assert len({launch.log_path for launch in launched}) == 3
    assert stage.finish_all() == ["m", "m", "m", "z"]
    assert stage.run_states() == [RunState.SUCCESS]


def test_what_comes_after_waits_for_all_instances(stage: Stage) -> None:
    start(stage, *chain())
    stage.finish(xcoms=result(2))
    first, _ = stage.executor.take_launches()
    stage.executor.started(first.key)
    stage.executor.finished(first.key)
    stage.turn()
    assert states(stage, "z") == [(-1, TaskState.NONE)]


def test_one_failed_instance_fails_what_comes_after(stage: Stage) -> None:
    start(stage, *chain())
    stage.finish(xcoms=result(2))
    good, bad = stage.executor.take_launches()
    stage.executor.finished(good.key)
    stage.executor.finished(bad.key, "failed")
    stage.turn()
    assert states(stage, "z") == [(-1, TaskState.UPSTREAM_FAILED)]
    assert stage.run_states() == [RunState.FAILED]


def test_no_values_skip_the_task_and_what_needs_it(stage: Stage) -> None:
    start(stage, *chain())
    stage.finish(xcoms=result(0))
    assert states(stage, "m") == [(-1, TaskState.SKIPPED)]
    assert states(stage, "z") == [(-1, TaskState.SKIPPED)]


@pytest.mark.parametrize(
    ("xcoms", "words"),
    [
        ([], "has pushed no XCom 'return_value'"),
        (result(None), "neither a list nor a dict"),
        (result(10_000_000), "10,000,000 instances"),
    ],
)
def test_what_cannot_be_mapped_over_fails_the_task_and_says_why(
    stage: Stage, xcoms: list[XComItem], words: str
) -> None:
    start(stage, *chain())
    stage.finish(xcoms=xcoms)
    assert states(stage, "m") == [(-1, TaskState.FAILED)]
    assert words in errors(stage)[0]
    assert stage.run_states() == [RunState.FAILED]


def test_known_values_expand_at_once_into_all_combinations(stage: Stage) -> None:
    start(stage, task("m", mapped=Mapped(factors=(Length(count=2), Length(count=3)))))
    assert len(stage.executor.launches) == 6
    assert stage.finish_all() == ["m"] * 6
    assert stage.run_states() == [RunState.SUCCESS]


def test_a_mapped_task_maps_over_the_results_of_another(stage: Stage) -> None:
    over_m = Mapped(factors=(Length(kind="xcom", task_id="m"),))
    known = Mapped(factors=(Length(count=3),))
    start(stage, task("m", "n", mapped=known), task("n", mapped=over_m))
    stage.finish(xcoms=result(None))
    assert [launch.map_index for launch in stage.executor.launches] == [0, 1, 2]


def test_each_instance_has_its_own_retries(stage: Stage) -> None:
    start(stage, *chain(retries=1, retry_delay_s=0.0))
    stage.finish(xcoms=result(2))
    good, bad = stage.executor.take_launches()
    stage.executor.finished(good.key, at=stage.now)
    stage.executor.finished(bad.key, "failed", at=stage.now)
    stage.turn()
    stage.turn()
    assert [(again.map_index, again.key.try_number) for again in stage.executor.launches] == [
        (1, 2)
    ]
    stage.finish_all()
    assert stage.run_states() == [RunState.SUCCESS]


def test_a_new_scheduler_goes_on_with_the_instances_that_are_there(stage: Stage) -> None:
    start(stage, *chain())
    stage.finish(xcoms=result(3))
    before = stage.executor.take_launches()
    stage.start_scheduler()
    stage.executor.hello([launch.key for launch in before])
    stage.turn()
    assert stage.executor.take_launches() == []
    for launch in before:
        stage.executor.finished(launch.key)
    stage.turn()
    assert stage.finish_all() == ["z"]
    assert stage.run_states() == [RunState.SUCCESS]


def test_a_new_scheduler_launches_instances_that_no_worker_has(stage: Stage) -> None:
    start(stage, *chain())
    stage.finish(xcoms=result(2))
    stage.executor.take_launches()
    stage.start_scheduler()
    stage.executor.hello()
    stage.turn()
    assert stage.finish_all() == ["m", "m", "z"]


def test_a_teardown_runs_though_work_failed_and_does_not_decide_over_the_run(
    stage: Stage,
) -> None:
    teardown = task(
        "t", trigger_rule="all_done_setup_success", is_teardown=True, can_fail_run=False
    )
    start(stage, task("s", "t", "w", is_setup=True), task("w", "t"), teardown)
    stage.finish()
    stage.finish("failed")
    assert stage.finish("failed") == ["t"]
    assert stage.run_states() == [RunState.FAILED]


def test_a_failed_teardown_alone_fails_nothing(stage: Stage) -> None:
    teardown = task(
        "t", trigger_rule="all_done_setup_success", is_teardown=True, can_fail_run=False
    )
    start(stage, task("s", "t", "w", is_setup=True), task("w", "t"), teardown)
    stage.finish()
    stage.finish()
    stage.finish("failed")
    assert stage.run_states() == [RunState.SUCCESS]


def test_a_teardown_without_its_setup_has_nothing_to_do(stage: Stage) -> None:
    teardown = task(
        "t", trigger_rule="all_done_setup_success", is_teardown=True, can_fail_run=False
    )
    start(stage, task("s", "t", "w", is_setup=True), task("w", "t"), teardown)
    stage.finish("failed")
    assert states(stage, "t") == [(-1, TaskState.UPSTREAM_FAILED)]


def test_instances_that_wait_for_the_same_share_what_is_counted_before_them(stage: Stage) -> None:
    known = Mapped(factors=(Length(count=3),))
    late = task("n", mapped=known, trigger_rule="one_failed")
    start(stage, task("m", "n", mapped=known), late)
    (run,) = stage.scheduler._world.runs.values()
    first, second, third = stage.executor.take_launches()
    stage.executor.finished(first.key)
    stage.turn()
    assert run.nodes["m"].children == []
    stage.executor.finished(second.key, "failed")
    stage.turn()
    assert len({id(node.gate) for node in run.instances("n")}) == 1
    assert stage.finish_all() == ["n"] * 3
    assert run.nodes["m"].children == []
    stage.executor.finished(third.key)
    stage.turn()
    assert stage.run_states() == [RunState.SUCCESS]
