"""Clear: what ran is forgotten and runs again, whatever it was doing."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import Any

import pytest

from hubflow.db import orm
from hubflow.db.queries import rendered_store
from hubflow.errors import ClearTooDeep
from hubflow.execution.messages import TryKey
from hubflow.serialization.model import SerializedDag, SerializedTask
from hubflow.states import RunState, TaskState
from integration.scheduler.outside import RUN, Outside, line
from integration.scheduler.stage import START, Stage, chain, task

S = TaskState
DAY = timedelta(days=1)


@pytest.fixture
def people(stage: Stage) -> Outside:
    return Outside(stage)


def failed_run(stage: Stage, dag: SerializedDag) -> None:
    """Run a DAG whose first task fails."""
    stage.trigger(stage.add_dag(dag))
    stage.turn()
    stage.finish("failed")
    assert stage.run_states() == [RunState.FAILED]


def test_a_failed_task_of_a_finished_run_runs_again(stage: Stage, people: Outside) -> None:
    failed_run(stage, line(3))
    touched = people.clear("t0", include_downstream=True)
    assert [item.task_id for item in touched.task_instances] == ["t0", "t1", "t2"]
    assert (touched.total_entries, touched.dag_runs) == (3, 1)
    assert set(stage.task_states().values()) == {S.NONE}
    assert stage.run_states() == [RunState.QUEUED]
    stage.turn(later=timedelta(hours=1))
    run = stage.runs()[0]
    assert (run.state, run.start_date, run.end_date) == (RunState.RUNNING, stage.now, None)
    assert [launch.key.try_number for launch in stage.executor.launches] == [2]
    assert stage.finish_all() == ["t0", "t1", "t2"]
    assert stage.run_states() == [RunState.SUCCESS]
    assert stage.runs()[0].task_counts == {"success": 3}


def test_a_dry_run_lists_and_touches_nothing(stage: Stage, people: Outside) -> None:
    failed_run(stage, line(2))
    before = len(stage.rows(orm.Event)), len(stage.rows(orm.AuditEvent))
    listed = people.clear(dry_run=True)
    assert [(item.task_id, item.state) for item in listed.task_instances] == [
        ("t0", "failed"),
        ("t1", "upstream_failed"),
    ]
    assert stage.run_states() == [RunState.FAILED]
    assert (len(stage.rows(orm.Event)), len(stage.rows(orm.AuditEvent))) == before


def marking(dag_id: str, other: str, **fields: str) -> SerializedDag:
    """A DAG of a task, and of an ExternalTaskMarker that marks the task of another such DAG."""
    given = {"external_dag_id": other, "external_task_id": "t", "recursion_depth": "10", **fields}
    marker = SerializedTask(
        task_id="m",
        operator="ExternalTaskMarker",
        is_dummy="{{" not in given.get("execution_date", ""),
        fields=given,
    )
    return SerializedDag(dag_id=dag_id, path=f"{dag_id}.py", tasks=(task("t", "m"), marker))


def run_all(stage: Stage, *dags: SerializedDag) -> None:
    """Run each DAG at START and a day later."""
    for dag in dags:
        key = stage.add_dag(dag)
        stage.trigger(key)
        stage.trigger(key, "later", at=START + DAY)
    stage.turn(later=DAY)
    stage.finish_all()
    assert set(stage.run_states()) == {RunState.SUCCESS}


def reached(people: Outside, **options: Any) -> list[tuple[str, str]]:
    options = {"include_subdags": True, **options}
    touched = people.clear("t", include_downstream=True, dry_run=True, **options)
    return [(item.dag_id, item.dag_run_id) for item in touched.task_instances]


def test_markers_lead_to_the_run_of_their_date(stage: Stage, people: Outside) -> None:
    later = (START + DAY).isoformat()
    template = "{{ next_execution_date.isoformat() }}"
    run_all(stage, marking("line", "b"), marking("b", "c"), marking("c", "line"))
    assert reached(people) == [(dag_id, RUN) for dag_id in ("line", "b", "c") for _ in "tm"]
    assert reached(people, include_subdags=False) == [("line", RUN)] * 2
    stage.add_dag(marking("b", "c", execution_date=later), number=2)
    assert (
        reached(people)[4:] == [("c", "later")] * 2 + [("line", "later")] * 2 + [("b", "later")] * 2
    )
    stage.add_dag(marking("line", "b", execution_date=template), number=2)
    assert reached(people) == [("line", RUN)] * 2
    with stage.database.write() as session:
        marker = session.query(orm.TaskInstance).filter_by(task_id="m").first()
        assert marker is not None
        rendered_store.put(session, marker.id, 9, {"execution_date": later}, START)
    assert reached(people)[2:4] == [("b", "later")] * 2


@pytest.mark.parametrize(("depth", "reaches"), [("1", False), ("2", True)])
def test_the_first_marker_says_how_far_others_lead(
    stage: Stage, people: Outside, depth: str, reaches: bool
) -> None:
    first = marking("line", "b", recursion_depth=depth)
    run_all(stage, first, marking("b", "c"), marking("c", "nothing"))
    with contextlib.nullcontext() if reaches else pytest.raises(ClearTooDeep, match="depth 1"):
        assert len(reached(people)) == 6


def test_a_cleared_task_has_all_its_retries_again(stage: Stage, people: Outside) -> None:
    dag = line(1, retries=1, retry_delay_s=0)
    failed_run_of_two_tries(stage, dag)
    people.clear("t0")
    assert stage.rows(orm.TaskInstance)[0].max_tries == 4
    stage.turn()
    stage.finish("failed")
    assert [launch.key.try_number for launch in stage.executor.launches] == [4]
    stage.finish()
    assert stage.run_states() == [RunState.SUCCESS]
    tries = [(row.try_number, row.state) for row in stage.rows(orm.TaskTry)]
    assert tries == [(1, S.FAILED), (2, S.FAILED), (3, S.FAILED), (4, S.SUCCESS)]


def failed_run_of_two_tries(stage: Stage, dag: SerializedDag) -> None:
    stage.trigger(stage.add_dag(dag))
    stage.turn()
    stage.finish("failed")
    stage.turn(later=timedelta(seconds=1))
    stage.finish("failed")
    assert stage.run_states() == [RunState.FAILED]


def test_a_running_task_is_ended_and_runs_again(stage: Stage, people: Outside) -> None:
    stage.trigger(stage.add_dag(line(2)))
    stage.turn()
    (key,) = stage.begin()
    people.clear("t0")
    assert stage.task_states()["t0"] is S.RESTARTING
    assert stage.run_states() == [RunState.RUNNING]
    stage.turn()
    assert [kill.key for kill in stage.executor.kills] == [key]
    assert not stage.executor.launches
    stage.executor.finished(key, "failed", error="cleared", at=stage.now)
    stage.turn()
    (launch,) = stage.executor.launches
    assert launch.key == TryKey(key.task_instance_id, 2)
    assert stage.finish_all() == ["t0", "t1"]
    assert stage.run_states() == [RunState.SUCCESS]
    first = stage.rows(orm.TaskTry)[0]
    assert (first.state, first.error) == (S.FAILED, "cleared")


def test_a_try_that_succeeds_before_it_can_be_ended_runs_again_all_the_same(
    stage: Stage, people: Outside
) -> None:
    stage.trigger(stage.add_dag(line(1)))
    stage.turn()
    (key,) = stage.begin()
    people.clear("t0")
    stage.executor.finished(key, "success", at=stage.now)
    stage.turn()
    assert [launch.key.try_number for launch in stage.executor.launches] == [2]
    assert stage.run_states() == [RunState.RUNNING]
    assert stage.rows(orm.TaskTry)[0].state is S.SUCCESS


def test_a_task_that_is_only_queued_is_ended_too(stage: Stage, people: Outside) -> None:
    stage.trigger(stage.add_dag(line(1)))
    stage.turn()
    (launch,) = stage.executor.take_launches()
    people.clear("t0")
    stage.executor.started(launch.key, at=stage.now)  # the worker was quicker than the kill
    stage.turn()
    assert stage.task_states() == {"t0": S.RESTARTING}
    assert [kill.key for kill in stage.executor.kills] == [launch.key]
    stage.executor.finished(launch.key, "failed", at=stage.now)
    stage.turn()
    assert stage.finish() == ["t0"]
    assert len(stage.rows(orm.TaskTry)) == 2


def test_a_task_waiting_for_its_retry_starts_at_once(stage: Stage, people: Outside) -> None:
    stage.trigger(stage.add_dag(line(1, retries=1)))
    stage.turn()
    stage.finish("failed")
    assert stage.task_states() == {"t0": S.UP_FOR_RETRY}
    people.clear("t0")
    stage.turn()
    assert stage.finish() == ["t0"]
    stage.turn(later=timedelta(hours=1))  # the forgotten retry is not due any more
    assert not stage.executor.launches


def test_other_tasks_of_the_run_go_on(stage: Stage, people: Outside) -> None:
    wide = SerializedDag(dag_id="line", path="l.py", tasks=(task("a"), task("b"), task("c")))
    stage.trigger(stage.add_dag(wide))
    stage.turn()
    keys = stage.begin()
    stage.executor.finished(keys[0], at=stage.now)
    stage.turn()
    people.clear("a")
    stage.turn()
    assert not stage.executor.kills
    assert [launch.task_id for launch in stage.executor.launches] == ["a"]
    for key in keys[1:]:
        stage.executor.finished(key, at=stage.now)
    stage.finish()
    assert stage.run_states() == [RunState.SUCCESS]
    assert len(stage.rows(orm.TaskTry)) == 4


def test_clears_reopen_runs_as_far_as_max_active_runs_goes(stage: Stage, people: Outside) -> None:
    dag = SerializedDag(dag_id="line", path="l.py", tasks=chain(1), max_active_runs=1)
    key = stage.add_dag(dag)
    for n in range(3):
        stage.trigger(key, f"r{n}", at=START - timedelta(days=3 - n))
        stage.turn()
        stage.finish()
    people.clear(dag_run_id="r1", include_past=True)
    stage.turn()
    assert stage.run_states() == [RunState.RUNNING, RunState.QUEUED, RunState.SUCCESS]
    stage.finish()
    assert stage.run_states() == [RunState.SUCCESS, RunState.RUNNING, RunState.SUCCESS]
    stage.finish()
    assert stage.run_states() == [RunState.SUCCESS] * 3
    assert len(stage.rows(orm.TaskInstance)) == 3


def test_a_clear_while_no_scheduler_runs_is_found_by_the_next(
    stage: Stage, people: Outside
) -> None:
    stage.trigger(stage.add_dag(line(2)))
    stage.turn()
    (key,) = stage.begin()
    people.clear("t0")
    stage.start_scheduler()
    stage.executor.hello(known=[key])
    stage.turn()
    assert [kill.key for kill in stage.executor.kills] == [key]
    assert stage.task_states()["t0"] is S.RESTARTING
    stage.executor.finished(key, "failed", at=stage.now)
    stage.turn()
    assert stage.finish_all() == ["t0", "t1"]


def test_a_cleared_try_that_died_with_its_worker_runs_again(stage: Stage, people: Outside) -> None:
    stage.trigger(stage.add_dag(line(1)))
    stage.turn()
    stage.begin()
    people.clear("t0")
    stage.turn()
    stage.executor.hello(known=[])
    stage.turn()
    assert [launch.key.try_number for launch in stage.executor.launches] == [2]


def test_slots_of_cleared_tries_are_counted_once(stage: Stage, people: Outside) -> None:
    stage.trigger(stage.add_dag(line(1)))
    stage.turn()
    (key,) = stage.begin()
    for _ in range(3):
        people.clear("t0", only_running=False)
        stage.turn()
    assert stage.scheduler._world.held == 1
    stage.executor.finished(key, "failed", at=stage.now)
    stage.turn()
    stage.finish()
    assert stage.scheduler._world.held == 0


def test_a_cleared_run_takes_the_newest_version(stage: Stage, people: Outside) -> None:
    failed_run(
        stage, SerializedDag(dag_id="line", path="l.py", tasks=(task("t0", "old"), task("old")))
    )
    newer = SerializedDag(dag_id="line", path="l.py", tasks=(task("t0", "new"), task("new")))
    stage.add_dag(newer, number=2)
    people.clear("t0")
    assert stage.task_states() == {"t0": S.NONE, "old": S.REMOVED, "new": S.NONE}
    stage.turn()
    assert stage.finish_all() == ["t0", "new"]
    assert stage.run_states() == [RunState.SUCCESS]
    assert stage.runs()[0].task_counts == {"success": 2, "removed": 1}
    stage.add_dag(SerializedDag(dag_id="line", path="l.py", tasks=(task("old"),)), number=3)
    people.clear_run()
    assert stage.task_states() == {"t0": S.REMOVED, "old": S.NONE, "new": S.REMOVED}
    stage.turn()
    assert stage.finish_all() == ["old"]


def test_a_run_keeps_its_version_while_a_task_that_is_gone_runs(
    stage: Stage, people: Outside
) -> None:
    tasks = (task("a"), task("gone"))
    stage.trigger(stage.add_dag(SerializedDag(dag_id="line", path="l.py", tasks=tasks)))
    stage.turn()
    first, gone = stage.begin()
    stage.executor.finished(first, "failed", at=stage.now)
    stage.turn()
    stage.add_dag(SerializedDag(dag_id="line", path="l.py", tasks=(task("a"),)), number=2)
    people.clear("a")
    stage.turn()
    assert stage.finish() == ["a"]
    stage.executor.finished(gone, at=stage.now)
    stage.turn()
    assert stage.run_states() == [RunState.SUCCESS]
    assert not stage.executor.kills


def test_without_reset_of_runs_a_finished_run_stays_finished(stage: Stage, people: Outside) -> None:
    failed_run(stage, line(1))
    people.clear(reset_dag_runs=False)
    stage.turn()
    assert stage.run_states() == [RunState.FAILED]
    assert stage.task_states() == {"t0": S.NONE}
