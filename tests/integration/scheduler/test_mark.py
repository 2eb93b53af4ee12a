"""Mark, run by hand and delete, while the scheduler has the run in hand or not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hubflow.db import orm
from hubflow.errors import BadRequest, CannotRun, DagBusy, TaskNotFound
from hubflow.serialization.model import Schedule, SerializedDag
from hubflow.services import dag_runs, dags, task_instances
from hubflow.services.dto import SetNote
from hubflow.states import RunState, TaskState
from integration.scheduler.outside import ADA, RUN, Outside, line
from integration.scheduler.stage import START, Stage, chain, task

S = TaskState
DAILY = Schedule(kind="cron", cron="0 0 * * *", text="@daily")


@pytest.fixture
def people(stage: Stage) -> Outside:
    return Outside(stage)


def begun(stage: Stage, count: int = 2) -> None:
    stage.trigger(stage.add_dag(line(count)))
    stage.turn()
    stage.begin()


def test_a_running_task_marked_as_success_is_ended_and_the_run_goes_on(
    stage: Stage, people: Outside
) -> None:
    begun(stage)
    people.mark("t0", "success")
    stage.turn()
    assert [kill.state for kill in stage.executor.kills] == ["success"]
    stage.executor.finished(stage.executor.kills[0].key, "failed", at=stage.now)
    stage.turn()
    assert stage.finish_all() == ["t1"]
    assert stage.run_states() == [RunState.SUCCESS]
    first = stage.rows(orm.TaskTry)[0]
    assert (first.state, first.error) == (S.SUCCESS, "ada marked it as success while it ran")


def test_a_waiting_task_marked_as_failed_fails_what_needs_it(stage: Stage, people: Outside) -> None:
    begun(stage, 3)
    people.mark("t1", "failed")
    stage.turn()
    assert stage.task_states() == {"t0": S.RUNNING, "t1": S.FAILED, "t2": S.UPSTREAM_FAILED}


def test_what_failed_below_a_marked_task_runs(stage: Stage, people: Outside) -> None:
    stage.trigger(stage.add_dag(line(3)))
    stage.turn()
    stage.finish("failed")
    touched = people.mark("t0", "success")
    changes = {item.task_id: item.change for item in touched.task_instances}
    assert changes == {"t0": "marked_success", "t1": "cleared", "t2": "cleared"}
    stage.turn()
    assert stage.finish_all() == ["t1", "t2"]
    assert stage.run_states() == [RunState.SUCCESS]


def test_a_mark_does_not_change_a_finished_run(stage: Stage, people: Outside) -> None:
    stage.trigger(stage.add_dag(line(1)))
    stage.turn()
    stage.finish()
    assert stage.run_states() == [RunState.SUCCESS]
    people.mark("t0", "failed")
    stage.turn()
    assert stage.task_states() == {"t0": S.FAILED}
    assert stage.run_states() == [RunState.SUCCESS]
    assert stage.runs()[0].task_counts == {"failed": 1}


def test_marks_reach_past_future_and_relatives(stage: Stage, people: Outside) -> None:
    key = stage.add_dag(line(3))
    for n in range(3):
        stage.trigger(key, f"r{n}", at=START - timedelta(days=3 - n))
    stage.turn()
    touched = people.mark(
        "t1", "skipped", dag_run_id="r1", include_past=True, include_upstream=True, dry_run=True
    )
    assert {(item.dag_run_id, item.task_id) for item in touched.task_instances} == {
        (run, name) for run in ("r0", "r1") for name in ("t0", "t1")
    }
    later = people.mark("t2", "success", dag_run_id="r1", include_future=True)
    assert [item.dag_run_id for item in later.task_instances] == ["r1", "r2"]
    again = people.mark("t2", "success", dag_run_id="r1", include_future=True)
    assert again.total_entries == 0


def test_a_run_is_named_by_id_or_date_and_the_task_must_exist(
    stage: Stage, people: Outside
) -> None:
    begun(stage, 1)
    by_date = people.mark("t0", "success", dag_run_id=None, execution_date=START, dry_run=True)
    assert by_date.total_entries == 1
    with pytest.raises(BadRequest, match="dag_run_id or by execution_date"):
        people.mark("t0", "success", execution_date=START)
    with pytest.raises(TaskNotFound, match="t9"):
        people.mark("t9", "success")


def test_a_run_marked_as_success_ends_with_all_its_tasks(stage: Stage, people: Outside) -> None:
    begun(stage)
    assert people.mark_run("success").state == "success"
    stage.turn()
    assert set(stage.task_states().values()) == {S.SUCCESS}
    assert [kill.state for kill in stage.executor.kills] == ["success"]
    assert stage.scheduler._world.held == 0
    assert not stage.scheduler._world.runs


def test_a_run_marked_as_failed_fails_what_runs_and_skips_the_rest(
    stage: Stage, people: Outside
) -> None:
    begun(stage)
    people.mark_run("failed")
    stage.turn()
    assert stage.task_states() == {"t0": S.FAILED, "t1": S.SKIPPED}
    assert stage.run_states() == [RunState.FAILED]


def test_a_run_that_waits_can_be_marked(stage: Stage, people: Outside) -> None:
    stage.trigger(stage.add_dag(line(2), is_paused=True))
    stage.turn()
    people.mark_run("success")
    stage.turn()
    assert set(stage.task_states().values()) == {S.SUCCESS}
    assert stage.run_states() == [RunState.SUCCESS]


def test_a_finished_run_can_be_queued_again(stage: Stage, people: Outside) -> None:
    stage.trigger(stage.add_dag(line(1)))
    stage.turn()
    stage.finish()
    people.mark_run("queued")
    assert stage.run_states() == [RunState.QUEUED]
    stage.turn()
    assert stage.run_states() == [RunState.SUCCESS]
    assert not stage.executor.launches


def test_a_single_task_runs_now_whatever_it_waits_for(stage: Stage, people: Outside) -> None:
    begun(stage, 3)
    with pytest.raises(CannotRun, match="Trigger Rule: all_success") as refused:
        people.run_now("t2")
    assert len(refused.value.unmet) == 1
    people.run_now("t2", ignore_task_deps=True)
    stage.turn()
    assert [launch.task_id for launch in stage.executor.launches] == ["t2"]
    assert stage.task_states() == {"t0": S.RUNNING, "t1": S.NONE, "t2": S.QUEUED}


def test_a_single_task_of_a_finished_run_runs_again(stage: Stage, people: Outside) -> None:
    stage.trigger(stage.add_dag(line(2)))
    stage.turn()
    stage.finish_all()
    with pytest.raises(CannotRun, match="Task Instance State"):
        people.run_now("t0")
    people.run_now("t0", ignore_task_state=True)
    stage.turn()
    assert stage.finish_all() == ["t0"]
    assert stage.run_states() == [RunState.SUCCESS]
    assert stage.rows(orm.TaskInstance)[0].try_number == 2


def test_a_deleted_run_is_gone_with_its_process(stage: Stage, people: Outside) -> None:
    begun(stage)
    people.delete_run()
    stage.turn()
    assert len(stage.executor.kills) == 1
    for entity in (orm.DagRun, orm.TaskInstance, orm.TaskTry):
        assert not stage.rows(entity)
    stage.executor.finished(stage.executor.kills[0].key, "failed", at=stage.now)
    stage.turn()
    assert stage.scheduler._world.held == 0
    assert stage.rows(orm.Dag)[0].last_run_id is None


def test_the_last_scheduled_run_is_made_again_once_it_is_deleted(
    stage: Stage, people: Outside
) -> None:
    stage.add_dag(
        SerializedDag(dag_id="line", path="l.py", tasks=chain(1), schedule=DAILY, start_date=START)
    )
    stage.turn(later=timedelta(days=1))
    stage.finish()
    (run,) = stage.runs()
    people.delete_run(run.run_id)
    stage.turn()
    assert [again.run_id for again in stage.runs()] == [run.run_id]


def test_a_dag_with_running_tasks_cannot_be_deleted(stage: Stage, people: Outside) -> None:
    begun(stage)
    with pytest.raises(DagBusy, match="1 tasks"):
        dags.delete(people.backend, ADA, "line")


def test_a_deleted_dag_whose_file_is_there_starts_afresh(stage: Stage, people: Outside) -> None:
    key = stage.add_dag(line(1))
    stage.trigger(key)
    stage.turn()
    stage.finish()
    dags.delete(people.backend, ADA, "line")
    stage.turn()
    assert not stage.runs()
    (dag,) = stage.rows(orm.Dag)
    assert (dag.is_paused, dag.last_run_id) == (True, None)
    stage.pause(key, False)
    stage.trigger(key)
    stage.turn()
    assert stage.finish() == ["t0"]


def test_a_deleted_dag_without_a_file_is_gone(stage: Stage, people: Outside) -> None:
    key = stage.add_dag(line(1))
    stage.trigger(key, at=START + timedelta(days=1))
    stage.turn()
    with stage.database.write() as session:
        session.get_one(orm.Dag, key).is_active = False
    dags.delete(people.backend, ADA, "line")
    stage.turn()
    for entity in (orm.Dag, orm.DagRun, orm.DagVersion):
        assert not stage.rows(entity)
    assert not stage.scheduler._world.dags
    stage.turn(later=timedelta(days=2))


def test_a_child_run_is_cleared_with_the_task_that_started_it(
    stage: Stage, people: Outside
) -> None:
    stage.trigger(stage.add_dag(line(2)))
    stage.turn()
    stage.finish_all()
    child = SerializedDag(dag_id="child", path="c.py", tasks=(task("a"), task("b")))
    child_run = stage.trigger(stage.add_dag(child), "of_t0")
    stage.turn()
    stage.finish_all()
    with stage.database.write() as session:
        parent = session.query(orm.TaskInstance).filter_by(task_id="t0").one()
        session.get_one(orm.DagRun, child_run).parent_id = parent.id
    down = people.clear("t0", include_subdags=True, dry_run=True)
    assert sorted(item.task_id for item in down.task_instances) == ["a", "b", "t0"]
    alone = people.clear("t0", dry_run=True)
    assert [item.task_id for item in alone.task_instances] == ["t0"]
    of_child = Outside(stage, "child")
    up = of_child.clear(
        "a", dag_run_id="of_t0", include_parentdag=True, include_subdags=True, dry_run=True
    )
    assert sorted(item.task_id for item in up.task_instances) == ["a", "t0", "t1"]
    everything = of_child.clear_run("of_t0")
    assert everything.dag_runs == 2
    stage.turn()
    assert sorted(stage.finish_all()) == ["a", "b", "t0", "t1"]


def test_runs_that_start_each_other_without_end_are_refused(stage: Stage, people: Outside) -> None:
    key = stage.add_dag(line(1))
    parent: int | None = None
    for n in range(13):
        run_key = stage.trigger(key, f"r{n}", at=START - timedelta(days=n + 1))
        stage.turn()
        stage.finish()
        with stage.database.write() as session:
            session.get_one(orm.DagRun, run_key).parent_id = parent
            parent = session.query(orm.TaskInstance).filter_by(dag_run_id=run_key).one().id
    with pytest.raises(BadRequest, match="recursion depth 10"):
        people.clear_run("r0")


def test_notes_are_kept(stage: Stage, people: Outside) -> None:
    begun(stage)
    for text, kept in (("why", "why"), ("", None)):
        note = SetNote(note=text)
        assert dag_runs.set_note(people.backend, ADA, "line", RUN, note).note == kept
        of_task = task_instances.set_note(people.backend, ADA, "line", RUN, "t0", note)
        assert of_task.note == kept
