"""Backfills: a run for each date, with the real scheduler."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from hubflow.db import orm
from hubflow.errors import BackfillExists, BackfillNotFound, BadRequest, DagNotFound
from hubflow.serialization.model import Schedule, SerializedDag
from hubflow.services import backfills, dag_runs
from hubflow.services.dto import BackfillDto, CreateBackfill
from hubflow.states import RunState, RunType, TaskState
from integration.scheduler.outside import ADA, Outside
from integration.scheduler.stage import START, Stage, chain, task

S = TaskState
DAY = timedelta(days=1)
DAILY = Schedule(kind="cron", cron="0 0 * * *", text="@daily")


def daily(count: int = 1, **values: Any) -> SerializedDag:
    given = {"tasks": chain(count), "schedule": DAILY, "start_date": START, **values}
    return SerializedDag(dag_id="line", path="line.py", **given)


class Backfills(Outside):
    def create(self, days: int = 3, **options: Any) -> BackfillDto:
        """Ask for the days before the first of January."""
        return backfills.create(self.backend, ADA, self.body(days, **options))

    def body(self, days: int = 3, **options: Any) -> CreateBackfill:
        values = {"from_date": START - days * DAY, "to_date": START - DAY, **options}
        return CreateBackfill(dag_id=self.dag_id, **values)

    def get(self, key: int = 1) -> BackfillDto:
        return backfills.get(self.backend, ADA, key)


@pytest.fixture
def people(stage: Stage) -> Backfills:
    return Backfills(stage)


def dates(stage: Stage) -> list[datetime]:
    return [run.execution_date for run in stage.runs()]


def finish_everything(stage: Stage) -> list[str]:
    """Turn until nothing is launched nor due any more; returns the task ids."""
    done: list[str] = []
    for _ in range(60):
        stage.turn()
        done += stage.finish_all()
    return done


def test_a_run_for_each_date_even_before_the_start_and_while_paused(
    stage: Stage, people: Backfills
) -> None:
    stage.add_dag(daily(), is_paused=True)
    made = people.create()
    assert (made.state, made.total, made.done) == ("queued", 3, 0)
    assert finish_everything(stage) == ["t0"] * 3
    assert dates(stage) == [START - n * DAY for n in (3, 2, 1)]
    first = stage.runs()[0]
    assert first.run_id == "backfill__2025-12-29T00:00:00+00:00"
    assert (first.run_type, first.external_trigger) == (RunType.BACKFILL, False)
    assert first.data_interval_end == START - 2 * DAY
    over = people.get()
    assert (over.state, over.done, over.failed) == ("success", 3, 0)
    assert over.completed_at is not None


def test_as_many_at_a_time_as_the_dag_allows(stage: Stage, people: Backfills) -> None:
    stage.add_dag(daily(max_active_runs=2))
    people.create(5)
    stage.turn()
    assert stage.run_states() == [RunState.RUNNING] * 2
    assert people.get().state == "running"
    stage.finish()
    stage.turn()
    assert stage.run_states() == [RunState.SUCCESS] * 2 + [RunState.RUNNING] * 2
    assert people.get().done == 2


def test_its_runs_are_counted_apart_from_others(stage: Stage, people: Backfills) -> None:
    key = stage.add_dag(daily(max_active_runs=1))
    stage.trigger(key)
    stage.turn()
    people.create(2, max_active_runs=5)
    stage.turn()
    assert stage.run_states() == [RunState.RUNNING, RunState.RUNNING, RunState.QUEUED]


def test_newest_first(stage: Stage, people: Backfills) -> None:
    stage.add_dag(daily(max_active_runs=1))
    people.create(run_backwards=True)
    finish_everything(stage)
    assert dates(stage) == [START - n * DAY for n in (1, 2, 3)]


def test_a_failed_run_fails_the_backfill_and_is_named(stage: Stage, people: Backfills) -> None:
    stage.add_dag(daily(max_active_runs=1))
    people.create(2)
    stage.turn()
    stage.finish("failed")
    finish_everything(stage)
    over = people.get()
    assert (over.state, over.done, over.failed) == ("failed", 2, 1)
    failed = backfills.list_failed_runs(people.backend, ADA, over.id)
    assert [run.dag_run_id for run in failed] == ["backfill__2025-12-30T00:00:00+00:00"]


def test_some_tasks_and_what_they_need(stage: Stage, people: Backfills) -> None:
    stage.add_dag(daily(4))
    people.create(1, task_regex="t[12]$")
    assert finish_everything(stage) == ["t0", "t1", "t2"]
    assert stage.run_states() == [RunState.SUCCESS]
    people.create(1, task_regex="t2", ignore_dependencies=True, reprocess_behavior="completed")
    assert finish_everything(stage) == ["t2"]
    assert set(stage.task_states()) == {"t0", "t1", "t2"}


def test_some_tasks_only_after_a_restart_too(stage: Stage, people: Backfills) -> None:
    stage.add_dag(daily(3))
    with pytest.raises(BadRequest, match="no pool 'narrow'"):
        people.create(1, pool="narrow")
    with stage.database.write() as session:
        session.add(orm.Pool(name="narrow", slots=1, include_deferred=False))
    people.create(1, task_regex="t0", pool="narrow")
    stage.turn()
    (key,) = stage.begin()
    stage.start_scheduler()
    stage.executor.hello(known=[key])
    stage.turn()
    (run,) = stage.scheduler._world.runs.values()
    assert [node.needs.pool for node in run.nodes.values()] == ["narrow"]
    stage.executor.finished(key, at=stage.now)
    stage.turn()
    finish_everything(stage)
    assert people.get().state == "success"


def test_a_cleared_run_of_some_tasks_gets_no_others(stage: Stage, people: Backfills) -> None:
    stage.add_dag(daily(3))
    people.create(1, task_regex="t0")
    finish_everything(stage)
    stage.add_dag(daily(4), number=2)
    people.clear_run("backfill__2025-12-31T00:00:00+00:00")
    assert finish_everything(stage) == ["t0"]


@pytest.mark.parametrize("ignored", [True, False])
def test_the_first_date_may_do_without_its_past(
    stage: Stage, people: Backfills, ignored: bool
) -> None:
    dag = daily(start_date=START - 30 * DAY, tasks=chain(1, depends_on_past=True))
    stage.add_dag(dag, is_paused=True)
    people.create(2, ignore_first_depends_on_past=ignored)
    assert finish_everything(stage) == (["t0"] * 2 if ignored else [])


def past_dag(*names: str, **values: Any) -> SerializedDag:
    tasks = tuple(task(name, depends_on_past=True) for name in names)
    return daily(tasks=tasks, **{"start_date": START - 30 * DAY, **values})


def test_what_waits_for_a_past_that_never_was_is_deadlocked(
    stage: Stage, people: Backfills
) -> None:
    stage.add_dag(past_dag("a"), is_paused=True)
    people.create(3)
    assert finish_everything(stage) == []
    over = people.get()
    assert (over.state, over.done, over.failed) == ("failed", 3, 3)
    deadlocked = backfills.list_deadlocked_runs(people.backend, ADA, over.id)
    assert deadlocked == [run.run_id for run in stage.runs()]


@pytest.mark.parametrize("restarts", [False, True])
def test_a_failure_ends_what_waits_for_it(stage: Stage, people: Backfills, restarts: bool) -> None:
    stage.add_dag(past_dag("a", "b"), is_paused=True)
    people.create(2, ignore_first_depends_on_past=True)
    stage.turn()
    first, second = stage.begin()
    stage.executor.finished(first, "failed", at=stage.now)
    stage.turn()
    assert stage.run_states() == [RunState.RUNNING] * 2
    if restarts:
        stage.start_scheduler()
        stage.executor.hello(known=[second])
        stage.turn()
    stage.executor.finished(second, at=stage.now)
    finish_everything(stage)
    assert stage.run_states() == [RunState.FAILED] * 2
    assert len(backfills.list_deadlocked_runs(people.backend, ADA, 1)) == 1
    assert people.get().state == "failed"


def test_a_good_past_that_ends_in_the_same_turn_is_no_deadlock(
    stage: Stage, people: Backfills
) -> None:
    stage.add_dag(past_dag("a", "b"), is_paused=True)
    people.create(3, ignore_first_depends_on_past=True)
    stage.turn()
    for outcomes in (["success", "success"], ["failed", "success"]):
        for key, outcome in zip(stage.begin(), outcomes, strict=True):
            stage.executor.finished(key, outcome, at=stage.now)
        stage.turn()
    assert stage.run_states()[:2] == [RunState.SUCCESS, RunState.FAILED]
    assert finish_everything(stage) == ["b"]
    assert people.get().failed == 2


@pytest.mark.parametrize("reprocess", ["failed", "completed"])
def test_a_deadlocked_run_is_run_by_another_backfill(
    stage: Stage, people: Backfills, reprocess: str
) -> None:
    stage.add_dag(past_dag("a"), is_paused=True)
    people.create(2)
    finish_everything(stage)
    people.create(2, reprocess_behavior=reprocess, ignore_first_depends_on_past=True)
    assert finish_everything(stage) == ["a", "a"]
    assert people.get(2).state == "success"


def test_marked_as_success_nothing_runs(stage: Stage, people: Backfills) -> None:
    stage.add_dag(daily(2))
    people.create(120, mark_success=True)
    for _ in range(3):
        stage.turn()
    assert not stage.executor.launches
    assert stage.run_states() == [RunState.SUCCESS] * 120
    assert stage.runs()[0].task_counts == {"success": 2}
    stage.turn()
    assert (people.get().state, people.get().done) == ("success", 120)


@pytest.mark.parametrize(
    ("reprocess", "again"), [("none", []), ("failed", ["b"]), ("completed", ["a", "b"])]
)
def test_finished_runs_are_left_or_cleared(
    stage: Stage, people: Backfills, reprocess: str, again: list[str]
) -> None:
    key = stage.add_dag(daily(tasks=(task("a"), task("b"))))
    stage.trigger(key, at=START - DAY)
    stage.turn()
    keys = stage.begin()
    stage.executor.finished(keys[0], at=stage.now)
    stage.executor.finished(keys[1], "failed", at=stage.now)
    stage.turn()
    people.create(1, reprocess_behavior=reprocess, dag_run_conf={"x": 1})
    assert finish_everything(stage) == again
    (run,) = stage.runs()
    assert run.run_id.startswith("backfill__")
    assert run.conf == {"x": 1}
    assert people.get().state == ("success" if again else "failed")


def test_a_run_that_is_under_way_is_taken_over(stage: Stage, people: Backfills) -> None:
    stage.trigger(stage.add_dag(daily(2)), at=START - DAY)
    stage.turn()
    people.create(1)
    stage.turn()
    assert people.get().state == "running"
    finish_everything(stage)
    assert people.get().state == "success"
    assert [run.run_type for run in stage.runs()] == [RunType.BACKFILL]


def test_a_run_that_is_taken_over_does_not_wait_for_a_failure(
    stage: Stage, people: Backfills
) -> None:
    key = stage.add_dag(past_dag("a", start_date=START - 2 * DAY))
    stage.trigger(key, "one", at=START - 2 * DAY)
    stage.trigger(key, "two", at=START - DAY)
    stage.turn()
    stage.finish("failed")
    assert stage.run_states() == [RunState.FAILED, RunState.RUNNING]
    people.create(1)
    finish_everything(stage)
    assert stage.run_states() == [RunState.FAILED] * 2
    assert people.get().state == "failed"


def test_cancelled_it_makes_no_more_runs(stage: Stage, people: Backfills) -> None:
    stage.add_dag(daily(max_active_runs=1))
    people.create(4, max_active_runs=2)
    stage.turn()
    over = backfills.cancel(people.backend, ADA, 1)
    assert (over.state, over.done, over.failed) == ("cancelled", 1, 1)
    finish_everything(stage)
    assert stage.run_states() == [RunState.SUCCESS, RunState.FAILED]
    over = people.get()
    assert (over.state, over.done, over.failed) == ("cancelled", 2, 1)
    assert backfills.list_page(people.backend, ADA, None, 9, 0).backfills == [over]
    assert backfills.cancel(people.backend, ADA, 1).state == "cancelled"


def test_it_goes_on_after_a_restart(stage: Stage, people: Backfills) -> None:
    stage.add_dag(daily(max_active_runs=1))
    people.create(3)
    stage.turn()
    stage.finish()
    stage.start_scheduler()
    stage.executor.hello(known=[launch.key for launch in stage.executor.launches])
    assert finish_everything(stage) == ["t0"] * 2
    assert people.get().state == "success"


def test_runs_of_a_backfill_deleted_or_marked_meanwhile_hold_nothing_up(
    stage: Stage, people: Backfills
) -> None:
    stage.add_dag(daily(max_active_runs=2))
    people.create(3)
    stage.turn()
    first, second = (run.run_id for run in stage.runs())
    dag_runs.delete(people.backend, ADA, "line", first)
    people.mark_run("success", second)
    finish_everything(stage)
    assert (people.get().state, people.get().done) == ("success", 2)


def test_the_schedule_goes_on_after_the_newest_backfilled_date(
    stage: Stage, people: Backfills
) -> None:
    stage.add_dag(daily(start_date=START - 10 * DAY), is_paused=True)
    people.create(2)
    finish_everything(stage)
    stage.pause(1, False)
    stage.turn(later=DAY)
    assert dates(stage) == [START - 2 * DAY, START - DAY, START]


def test_a_dry_run_says_what_happens_at_each_date(stage: Stage, people: Backfills) -> None:
    stage.trigger(stage.add_dag(daily()), at=START - DAY)
    body = CreateBackfill(dag_id="line", from_date=START - 2 * DAY, to_date=START - DAY)
    found = backfills.dry_run(people.backend, ADA, body).backfills
    assert [(item.action, item.state) for item in found] == [
        ("create", None),
        ("take over", "queued"),
    ]
    assert not stage.rows(orm.Backfill)


@pytest.mark.parametrize(
    ("asked", "bad", "action"),
    [
        ("none", False, "leave"),
        ("failed", False, "leave"),
        ("failed", True, "clear"),
        ("completed", False, "clear"),
    ],
)
def test_a_dry_run_says_of_finished_runs_which_are_cleared(
    stage: Stage, people: Backfills, asked: str, bad: bool, action: str
) -> None:
    stage.trigger(stage.add_dag(daily()), at=START - DAY)
    finish_everything(stage)
    if bad:
        with stage.database.write() as session:
            session.query(orm.DagRun).one().task_counts = {"success": 1, "failed": 1}
    body = CreateBackfill(dag_id="line", from_date=START - DAY, reprocess_behavior=asked)
    (found,) = backfills.dry_run(people.backend, ADA, body).backfills
    assert (found.action, found.state) == (action, "success")


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"from_date": None, "to_date": None}, "at least one"),
        ({"to_date": START - 9 * DAY}, "before from_date"),
        ({"from_date": START.replace(tzinfo=None)}, "time zone"),
        ({"to_date": START.replace(year=2999)}, "future"),
        ({"from_date": START.replace(year=1)}, "between 1900 and 9000"),
        ({"pool": "absent"}, "no pool 'absent'"),
        ({"task_regex": "("}, "regular expression"),
        ({"task_regex": "absent"}, "in no task id"),
        ({"max_active_runs": 0}, "max_active_runs"),
        ({"run_backwards": True}, "'t0' depends on its past"),
        ({"from_date": START.replace(year=1950)}, "more than 10000"),
        (
            {"from_date": START - DAY / 2, "to_date": START - DAY / 4},
            "no run from",
        ),
    ],
)
def test_what_cannot_be_is_refused(
    stage: Stage, people: Backfills, options: dict[str, Any], named: str
) -> None:
    stage.add_dag(daily(tasks=chain(1, depends_on_past=True)))
    for refuse in (backfills.create, backfills.dry_run):
        with pytest.raises(BadRequest, match=named):
            refuse(people.backend, ADA, people.body(**options))


def test_one_at_a_time(stage: Stage, people: Backfills) -> None:
    with pytest.raises(DagNotFound):
        people.create()
    stage.add_dag(daily())
    people.create()
    with pytest.raises(BackfillExists, match="backfill 1 of DAG 'line'"):
        people.create()
    with pytest.raises(BackfillNotFound):
        people.get(99)


def test_an_id_that_somebody_took_stops_nothing(stage: Stage, people: Backfills) -> None:
    stage.trigger(stage.add_dag(daily()), "backfill__2025-12-31T00:00:00+00:00")
    stage.turn()
    people.create(1)
    finish_everything(stage)
    assert people.get().state == "success"
    assert len(stage.runs()) == 2


def test_a_cancelled_backfill_leaves_nothing_in_memory(stage: Stage, people: Backfills) -> None:
    stage.add_dag(daily())
    people.create()
    stage.turn()
    assert list(stage.scheduler._world.backfills) == [1]
    backfills.cancel(people.backend, ADA, 1)
    stage.turn()
    assert stage.scheduler._world.backfills == {}
