"""A hubflow engine in a folder of its own: real processes and the socket between them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import func, select
from traitlets.config import Config

from hubflow.cli.local import local_actor, poke
from hubflow.config import Core, variables_of
from hubflow.db import migrate, orm
from hubflow.db.engine import Database
from hubflow.services import dag_runs
from hubflow.services.dto import TriggerRun
from hubflow.services.unit import Backend
from hubflow.states import RUN_FINISHED, RunState

SLOTS = 8


class Stage:
    """A home, its database and services; `pids` are the processes that `engine` has started."""

    def __init__(self, home: Path, database_url: str = "") -> None:
        core = Core(config=Config({"Core": {"home": str(home), "database_url": database_url}}))
        core.paths.make()
        self.core = core
        self.paths = core.paths
        self.database = Database(core)
        self.pids: dict[str, int] = {}
        migrate.upgrade(self.database)
        self.services = Backend(self.database, self.paths, poke=lambda: None)

    @property
    def environment(self) -> dict[str, str]:
        """What makes a process use this home and database."""
        return {**os.environ, **variables_of(self.core)}

    def write_dags(self, source: str, count: int, *, name: str = "bench") -> None:
        """Put a DAG file into the folder and wait until so many DAGs are known."""
        (self.paths.dags / f"{name}.py").write_text(source, encoding="utf-8")
        self.wait(lambda: self.count(orm.Dag) >= count, 60)

    def trigger(self, *dag_ids: str, run_id: str) -> None:
        """Trigger a run of each DAG, then wake the scheduler."""
        for dag_id in dag_ids:
            dag_runs.trigger(self.services, local_actor(), dag_id, TriggerRun(dag_run_id=run_id))
        poke(self.paths)

    def wait_for_runs(self, run_id: str, limit_s: float = 300) -> float:
        """Wait until all runs with this id are over; returns when the last one ended."""
        self.wait(lambda: not self._unfinished(run_id), limit_s)
        with self.database.read() as session:
            runs = session.scalars(select(orm.DagRun).where(orm.DagRun.run_id == run_id)).all()
        failed = [run.id for run in runs if run.state is not RunState.SUCCESS]
        if failed:
            raise SystemExit(f"{len(failed)} of {len(runs)} runs failed, so nothing was measured")
        return max(run.end_date.timestamp() for run in runs if run.end_date)

    def count(self, entity: type[orm.Base]) -> int:
        with self.database.read() as session:
            return session.scalar(select(func.count()).select_from(entity)) or 0

    def _unfinished(self, run_id: str) -> int:
        with self.database.read() as session:
            query = select(func.count()).where(
                orm.DagRun.run_id == run_id, orm.DagRun.state.not_in(RUN_FINISHED)
            )
            return session.scalar(query) or 0

    @staticmethod
    def wait(condition: Callable[[], object], limit_s: float) -> None:
        deadline = time.monotonic() + limit_s
        while not condition():
            if time.monotonic() > deadline:
                raise SystemExit("gave up waiting; see the engine's logs")
            time.sleep(0.02)


@contextmanager
def home(database_url: str = "") -> Iterator[Stage]:
    """Make a home where nothing runs; it is gone at the end."""
    with tempfile.TemporaryDirectory(prefix="hubflow-bench-") as folder:
        stage = Stage(Path(folder), database_url)
        try:
            yield stage
        finally:
            stage.database.dispose()


@contextmanager
def engine(*options: str, database_url: str = "") -> Iterator[Stage]:
    """Start scheduler, processor and worker; stop them at the end."""
    with home(database_url) as stage, running(stage, *options):
        yield stage


@contextmanager
def running(stage: Stage, *options: str) -> Iterator[None]:
    """Run an engine in this home; ``options`` are those of its worker."""
    command = [sys.executable, "-m", "hubflow"]
    commands = {
        "scheduler": ["scheduler"],
        "processor": ["processor"],
        "worker": ["worker", f"--Worker.slots={SLOTS}", *options],
    }
    with (stage.paths.logs / "engine.log").open("ab") as log:
        processes = {
            name: subprocess.Popen(
                [*command, *words], env=stage.environment, stderr=log, stdout=log
            )
            for name, words in commands.items()
        }
        stage.pids = {name: process.pid for name, process in processes.items()}
        try:
            stage.wait(lambda: stage.count(orm.Process) >= len(processes), 60)
            yield
        finally:
            for process in processes.values():
                process.send_signal(signal.SIGTERM)
            for process in processes.values():
                process.wait(30)
