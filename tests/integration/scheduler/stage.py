"""A scheduler on a real database, with the test as its worker and its clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import select

from fakes import FakeExecutor
from hubflow.config import Core
from hubflow.config import Scheduler as Settings
from hubflow.db import orm
from hubflow.db.engine import Database
from hubflow.db.queries import event_store, run_moves
from hubflow.execution.messages import TryKey
from hubflow.execution.server import ExecutionServer
from hubflow.scheduler.loop import Scheduler
from hubflow.serialization.model import SerializedDag, SerializedTask
from hubflow.states import RunState, RunType, TaskState

START = datetime(2026, 1, 1, tzinfo=UTC)


def task(task_id: str, *downstream: str, **values: Any) -> SerializedTask:
    return SerializedTask(
        task_id=task_id, operator="PythonOperator", downstream=downstream, **values
    )


def chain(count: int, **values: Any) -> tuple[SerializedTask, ...]:
    """A line of tasks t0 -> t1 -> …"""
    return tuple(
        task(f"t{n}", *([f"t{n + 1}"] if n < count - 1 else []), **values) for n in range(count)
    )


class Stage:
    """A database with DAGs, a scheduler on it, and the clock."""

    def __init__(self, core: Core, database: Database) -> None:
        self.database = database
        self.executor = FakeExecutor()
        self.now = START
        self.paths = core.paths
        self._core = core
        self.start_scheduler()

    def start_scheduler(self) -> None:
        """Start one with empty memory, as after a kill."""
        server = ExecutionServer(
            self._core.paths.scheduler_socket, answer=lambda _: None, on_poke=lambda: None
        )
        self.scheduler = Scheduler(Settings(), self.database, self.executor, server)

    def add_dag(self, dag: SerializedDag, *, is_paused: bool = False, number: int = 1) -> int:
        """Store a DAG, or a new version of it; returns its primary key."""
        with self.database.write() as session:
            source = session.scalar(select(orm.Source)) or orm.Source(sha256="s", text="#")
            session.add(source)
            session.flush()
            row = session.scalar(select(orm.Dag).where(orm.Dag.dag_id == dag.dag_id))
            if row is None:
                file = orm.DagFile(path=f"{dag.dag_id}.py", source_id=source.id)
                session.add(file)
                session.flush()
                row = orm.Dag(dag_id=dag.dag_id, dag_file_id=file.id, created_at=self.now)
                session.add(row)
                session.flush()
            version = orm.DagVersion(
                dag_id=row.id,
                number=number,
                hash=str(number),
                data=msgspec.json.encode(dag),
                source_id=source.id,
                created_at=self.now,
            )
            session.add(version)
            session.flush()
            row.version_id, row.is_paused = version.id, is_paused
            row.change_id = event_store.append(session, "dag", dag.dag_id, {}, self.now)
            return row.id

    def pause(self, dag_key: int, is_paused: bool) -> None:
        with self.database.write() as session:
            row = session.get_one(orm.Dag, dag_key)
            row.is_paused = is_paused
            row.change_id = event_store.append(session, "dag", row.dag_id, {}, self.now)

    def trigger(self, dag_key: int, run_id: str = "manual", at: datetime | None = None) -> int:
        """Add a manual run; returns its primary key."""
        with self.database.write() as session:
            date = at or self.now
            values = {
                "dag_id": dag_key,
                "run_id": run_id,
                "run_type": RunType.MANUAL,
                "external_trigger": True,
                "execution_date": date,
                "data_interval_start": date,
                "data_interval_end": date,
                "queued_at": self.now,
                "conf": {"a": 1},
            }
            run = run_moves.add(session, values)
            event_store.append(session, "run", None, {}, self.now)
            return run.id

    def turn(self, *, later: timedelta = timedelta(0)) -> None:
        """Let the scheduler take one turn, ``later`` than the last."""
        self.now += later
        self.scheduler._turn(self.now)

    def begin(self) -> list[TryKey]:
        """Say of everything that was launched that it runs; returns its keys."""
        keys = [launch.key for launch in self.executor.take_launches()]
        for key in keys:
            self.executor.started(key, at=self.now)
        self.turn()
        return keys

    def finish(self, outcome: str = "success", **values: Any) -> list[str]:
        """Start and finish everything that was launched; returns the task ids."""
        launches = self.executor.take_launches()
        for launch in launches:
            self.executor.started(launch.key, at=self.now)
            self.executor.finished(launch.key, outcome, at=self.now, **values)
        self.turn()
        return [launch.task_id for launch in launches]

    def finish_all(self) -> list[str]:
        """Succeed until nothing is launched any more; returns the task ids in order."""
        done: list[str] = []
        while more := self.finish():
            done += more
        return done

    def run_states(self) -> list[RunState]:
        with self.database.read() as session:
            return list(session.scalars(select(orm.DagRun.state).order_by(orm.DagRun.id)))

    def runs(self) -> list[orm.DagRun]:
        with self.database.read() as session:
            return list(session.scalars(select(orm.DagRun).order_by(orm.DagRun.id)))

    def task_states(self) -> dict[str, TaskState]:
        with self.database.read() as session:
            rows = session.execute(select(orm.TaskInstance.task_id, orm.TaskInstance.state))
            return {task_id: state for task_id, state in rows}

    def rows(self, entity: type[Any]) -> list[Any]:
        with self.database.read() as session:
            return list(session.scalars(select(entity).order_by(entity.id)))
