"""What a branch or short circuit decides to skip (SEMANTICS 3.4)."""

from __future__ import annotations

from sqlalchemy import update

from hubflow.db import orm
from hubflow.serialization.model import SerializedDag
from hubflow.states import RunState, TaskState
from integration.scheduler.stage import Stage, task

S = TaskState
TASKS = (
    task("branch", "left", "right"),
    task("left", "join"),
    task("right", "join"),
    task("join", "end", trigger_rule="none_failed_or_skipped"),
    task("end", trigger_rule="all_done"),
)


def begin(stage: Stage) -> None:
    stage.trigger(stage.add_dag(SerializedDag(dag_id="d", path="d.py", tasks=TASKS)))
    stage.turn()


def restart_with(stage: Stage, **states: TaskState) -> None:
    """Set states as clearing does, and let a new scheduler read them."""
    with stage.database.write() as session:
        for task_id, state in states.items():
            session.execute(
                update(orm.TaskInstance)
                .where(orm.TaskInstance.task_id == task_id)
                .values(state=state)
            )
        session.execute(update(orm.DagRun).values(state=RunState.RUNNING))
    stage.start_scheduler()
    stage.executor.hello()
    stage.turn()


def test_children_that_a_branch_rules_out_are_skipped_at_once(stage: Stage) -> None:
    begin(stage)
    assert stage.finish(rules_out=["right"]) == ["branch"]
    assert stage.task_states()["right"] is S.SKIPPED
    assert stage.finish_all() == ["left", "join", "end"]
    assert stage.run_states() == [RunState.SUCCESS]


def test_a_short_circuit_skips_whatever_the_trigger_rule(stage: Stage) -> None:
    begin(stage)
    stage.finish(rules_out=["left", "right", "join", "end"])
    assert set(stage.task_states().values()) == {S.SUCCESS, S.SKIPPED}
    assert stage.run_states() == [RunState.SUCCESS]


def test_a_skipped_sensor_takes_what_follows_with_it(stage: Stage) -> None:
    begin(stage)
    stage.finish("skipped", rules_out=["left", "right", "join", "end"])
    assert set(stage.task_states().values()) == {S.SKIPPED}


def test_a_skipped_child_that_is_cleared_alone_is_skipped_again(stage: Stage) -> None:
    begin(stage)
    stage.finish(rules_out=["right"])
    stage.finish_all()
    restart_with(stage, right=S.NONE)
    assert stage.task_states()["right"] is S.SKIPPED
    assert stage.run_states() == [RunState.SUCCESS]


def test_another_decision_replaces_the_first(stage: Stage) -> None:
    begin(stage)
    stage.finish(rules_out=["right"])
    stage.finish_all()
    restart_with(stage, **dict.fromkeys(("branch", "left", "right", "join", "end"), S.NONE))
    assert stage.finish(rules_out=["left"]) == ["branch"]
    assert stage.task_states()["left"] is S.SKIPPED
    assert stage.finish() == ["right"]


def test_a_decision_to_skip_nothing_replaces_the_first_too(stage: Stage) -> None:
    begin(stage)
    stage.finish(rules_out=["right"])
    stage.finish_all()
    restart_with(stage, **dict.fromkeys(("branch", "left", "right", "join", "end"), S.NONE))
    stage.finish()
    assert stage.finish() == ["left", "right"]
    assert stage.rows(orm.TaskInstance)[0].rules_out is None
