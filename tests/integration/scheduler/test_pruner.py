"""What is old goes, in small steps; what runs, and the newest runs, stay."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from command import Command
from hubflow.config import Core, Paths, Retention
from hubflow.db import orm
from hubflow.db.engine import Database
from hubflow.db.queries import event_store, outside_moves
from hubflow.scheduler import pruner as module
from hubflow.scheduler.pruner import Plan, Pruner
from hubflow.states import RunState, RunType, TaskState
from hubflow.tasklog import callback_path, relative_path
from waiting import until

NOW = datetime(2026, 11, 26, tzinfo=UTC)
KEEP = {"run_days": 100.0, "details_days": 10.0, "most_runs": 0, "least_runs": 1}


class Past:
    """DAGs with runs of many days, each with two tasks, their logs, XComs and a notebook."""

    def __init__(self, database: Database, paths: Paths) -> None:
        self.database, self.paths = database, paths

    def add_dag(self, dag_id: str, **columns: int) -> int:
        with self.database.write() as session:
            file = orm.DagFile(path=f"{dag_id}.py")
            session.add(file)
            session.flush()
            dag = orm.Dag(dag_id=dag_id, dag_file_id=file.id, created_at=NOW, **columns)
            session.add(dag)
            session.flush()
            return dag.id

    def add_run(self, dag: int, days_ago: int, state: RunState = RunState.SUCCESS) -> int:
        at = NOW - timedelta(days=days_ago)
        ended = None if state is RunState.RUNNING else at
        with self.database.write() as session:
            run = orm.DagRun(
                dag_id=dag, run_id=f"r{days_ago}", execution_date=at, data_interval_start=at,
                data_interval_end=at, state=state, run_type=RunType.SCHEDULED,
                external_trigger=False, queued_at=at, start_date=at, end_date=ended,
            )  # fmt: skip
            session.add(run)
            session.flush()
            for task_id in ("a", "b"):
                instance = orm.TaskInstance(
                    dag_run_id=run.id, task_id=task_id, state=TaskState.SUCCESS, operator="X"
                )
                session.add(instance)
                session.flush()
                notebook = f"{dag}/{days_ago}/{task_id}.ipynb"
                session.add_all(
                    [
                        orm.TaskTry(
                            task_instance_id=instance.id, try_number=1, state=TaskState.SUCCESS,
                            artifacts={"notebook": notebook},
                        ),
                        orm.XCom(
                            task_instance_id=instance.id, key="k", encoding="json", data=b"1",
                            text="1", at=at,
                        ),
                        orm.RenderedFields(task_instance_id=instance.id, fields={}, at=at),
                    ]
                )  # fmt: skip
                self.touch(self.paths.artifacts / notebook)
                name = session.get_one(orm.Dag, dag).dag_id
                self.touch(self.paths.logs / relative_path(name, task_id, at, 1))
                self.touch(self.paths.logs / callback_path(name, "on_failure", at))
            return run.id

    def touch(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    def pruner(self, **settings: float) -> Pruner:
        return Pruner(Retention(**{**KEEP, **settings}), self.database, self.paths)

    def prune(self, **settings: float) -> int:
        """Prune; returns in how many transactions."""
        return len(list(self.pruner(**settings).batches(NOW)))

    def runs(self, *, thinned: bool | None = None) -> list[str]:
        query = select(orm.DagRun.run_id).order_by(orm.DagRun.execution_date.desc())
        if thinned is not None:
            query = query.where(orm.DagRun.is_thinned == thinned)
        with self.database.read() as session:
            return list(session.scalars(query))

    def count(self, entity: type[orm.Base]) -> int:
        with self.database.read() as session:
            return len(session.scalars(select(entity)).all())

    def files(self) -> int:
        found = [*self.paths.logs.rglob("*"), *self.paths.artifacts.rglob("*")]
        return sum(path.is_file() for path in found)


@pytest.fixture
def past(core: Core, database: Database) -> Iterator[Past]:
    return Past(database, core.paths)


def test_details_go_first_and_runs_later(past: Past) -> None:
    dag = past.add_dag("sales")
    for days in (1, 5, 20, 50, 200, 300):
        past.add_run(dag, days)
    assert past.pruner().plan(NOW) == [Plan("sales", 2, 2)]
    past.prune()
    assert past.runs() == ["r1", "r5", "r20", "r50"]
    assert past.runs(thinned=True) == ["r20", "r50"]
    assert past.count(orm.TaskInstance) == past.count(orm.TaskTry) == 8
    assert past.count(orm.XCom) == past.count(orm.RenderedFields) == 4
    assert past.files() == 2 * (2 + 2 + 1)  # of two runs: logs, notebooks, the callback's log
    assert past.pruner().plan(NOW) == []


def test_folders_of_what_is_gone_are_gone(past: Past) -> None:
    past.add_run(past.add_dag("sales"), 20)
    past.prune()
    assert list(past.paths.logs.iterdir()) == list(past.paths.artifacts.iterdir()) == []


def test_the_newest_runs_stay_whatever_their_age(past: Past) -> None:
    dag = past.add_dag("sales")
    for days in (200, 300, 400, 500):
        past.add_run(dag, days)
    past.prune(least_runs=2)
    assert past.runs() == ["r200", "r300"]


def test_only_so_many_runs_are_kept(past: Past) -> None:
    dag = past.add_dag("sales")
    for days in range(1, 9):
        past.add_run(dag, days)
    past.prune(most_runs=3)
    assert past.runs() == ["r1", "r2", "r3"]


def test_a_dag_says_itself_what_is_kept(past: Past) -> None:
    short, few, usual = (
        past.add_dag("short", keep_days=2),
        past.add_dag("few", keep_runs=1),
        past.add_dag("usual"),
    )
    for dag in (short, few, usual):
        for days in (1, 3, 4):
            past.add_run(dag, days)
    past.prune()
    assert sorted(past.runs()) == ["r1", "r1", "r1", "r3", "r4"]


def test_what_runs_stays(past: Past) -> None:
    dag = past.add_dag("sales")
    past.add_run(dag, 1)
    past.add_run(dag, 300, RunState.RUNNING)
    past.prune()
    assert past.runs(thinned=False) == ["r1", "r300"]


def test_a_run_that_goes_on_meanwhile_is_left_alone(past: Past) -> None:
    dag = past.add_dag("sales")
    past.add_run(dag, 1)
    old = past.add_run(dag, 300)
    batches = past.pruner().batches(NOW)
    next(batches)  # its details are gone
    with past.database.write() as session:
        outside_moves.reopen(session, session.get_one(orm.DagRun, old))
    list(batches)
    assert past.runs(thinned=False) == ["r1", "r300"]


def test_no_limit_keeps_everything(past: Past) -> None:
    dag = past.add_dag("sales")
    for days in (1, 9000):
        past.add_run(dag, days)
    assert past.prune(run_days=0, details_days=0, audit_days=0) == 0
    assert past.runs(thinned=False) == ["r1", "r9000"]


def test_large_runs_go_in_several_steps(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROWS_A_BATCH", 1)
    dag = past.add_dag("sales")
    past.add_run(dag, 1)
    past.add_run(dag, 300)
    past.prune()
    assert past.runs() == ["r1"]


def test_watchers_hear_which_runs_are_gone(past: Past) -> None:
    dag = past.add_dag("sales")
    past.add_run(dag, 1)
    old = past.add_run(dag, 300)
    past.prune()
    with past.database.read() as session:
        assert [gone["key"] for gone in event_store.deleted_after(session, 0)] == [old]


def test_old_rows_of_other_tables_go(past: Past) -> None:
    dag = past.add_dag("sales")
    past.add_run(dag, 1)
    ages = (1, 2000)
    with past.database.write() as session:
        for days in ages:
            at = NOW - timedelta(days=days)
            session.add_all(
                [
                    orm.AuditEvent(at=at, event="x", owner="ann"),
                    orm.Alert(
                        kind="mail", reason="x", dag_id=dag, data={}, next_at=at, created_at=at,
                        done_at=at,
                    ),
                    orm.SlaMiss(dag_id=dag, task_id="a", execution_date=at, deadline=at, at=at),
                    orm.Backfill(
                        dag_id=dag, from_date=at, to_date=at, created_by="ann", created_at=at,
                        completed_at=at,
                    ),
                ]
            )  # fmt: skip
    past.prune()
    for entity in (orm.AuditEvent, orm.Alert, orm.SlaMiss, orm.Backfill):
        assert past.count(entity) == 1, entity


def test_the_schedulers_process_prunes_by_itself(past: Past) -> None:
    dag = past.add_dag("sales")
    past.add_run(dag, 1)
    past.add_run(dag, 5000)

    async def story() -> None:
        running = asyncio.create_task(past.pruner(every_s=1).run())
        await until(lambda: past.runs() == ["r1"])
        running.cancel()

    asyncio.run(story())


def test_the_command_says_what_would_go_and_removes_it(
    past: Past, core: Core, capsys: pytest.CaptureFixture[str]
) -> None:
    hubflow = Command(core, capsys)
    dag = past.add_dag("sales")
    for days in (0, *range(4000, 4006)):
        past.add_run(dag, days)
    rows = json.loads(hubflow("runs", "prune", "--dry-run", "-o", "json").out)
    assert rows == [{"dag_id": "sales", "delete": 2, "thin": 4}]
    assert hubflow("runs", "prune", "absent", "-y").status == 1
    assert len(past.runs()) == 7
    said = hubflow("runs", "prune", "sales", "-y")
    assert said.out == "deleted 2 runs, and logs and XComs of 4 more\n"
    assert len(past.runs()) == 5
    with past.database.read() as session:
        (audit,) = session.scalars(select(orm.AuditEvent))
    assert (audit.event, audit.dag_id) == ("prune", "sales")
