"""A hubflow engine in a folder of its own: real processes, SQLite, the socket between them."""

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
from typing import NamedTuple

from sqlalchemy import func, select
from traitlets.config import Config

from hubflow.cli.local import local_actor, poke
from hubflow.config import Core
from hubflow.db import migrate, orm
from hubflow.db.engine import Database
from hubflow.services import dag_runs
from hubflow.services.dto import TriggerRun
from hubflow.services.unit import Backend
from hubflow.states import RUN_FINISHED, RunState

SLOTS = 8


class Row(NamedTuple):
    """One line of the result: `measured` and `goal` in `unit`; `yardstick` says against what."""

    name: str
    goal: str
    measured: str
    yardstick: str
    ok: bool


class Stage:
    """A running engine and the ways to use it."""

    def __init__(self, home: Path) -> None:
        core = Core(config=Config({"Core": {"home": str(home)}}))
        core.paths.make()
        self.paths = core.paths
        self.database = Database(core)
        migrate.upgrade(self.database)
        self.services = Backend(self.database, self.paths, poke=lambda: None)

    def write_dags(self, source: str, count: int) -> None:
        """Put a DAG file into the folder and wait until its DAGs are known and on."""
        (self.paths.dags / "bench.py").write_text(source, encoding="utf-8")
        self.wait(lambda: self._count(orm.Dag) >= count, 60)

    def trigger(self, *dag_ids: str, run_id: str) -> None:
        """Trigger a run of each DAG, then wake the scheduler."""
        for dag_id in dag_ids:
            dag_runs.trigger(self.services, local_actor(), dag_id, TriggerRun(dag_run_id=run_id))
        poke(self.paths)

    def wait_for_runs(self, run_id: str, limit_s: float = 120) -> float:
        """Wait until all runs with this id are over; returns when the last one ended."""
        self.wait(lambda: not self._unfinished(run_id), limit_s)
        with self.database.read() as session:
            runs = session.scalars(select(orm.DagRun).where(orm.DagRun.run_id == run_id)).all()
        failed = [run.id for run in runs if run.state is not RunState.SUCCESS]
        if failed:
            raise SystemExit(f"{len(failed)} of {len(runs)} runs failed, so nothing was measured")
        return max(run.end_date.timestamp() for run in runs if run.end_date)

    def _unfinished(self, run_id: str) -> int:
        with self.database.read() as session:
            query = select(func.count()).where(
                orm.DagRun.run_id == run_id, orm.DagRun.state.not_in(RUN_FINISHED)
            )
            return session.scalar(query) or 0

    def _count(self, entity: type[orm.Base]) -> int:
        with self.database.read() as session:
            return session.scalar(select(func.count()).select_from(entity)) or 0

    @staticmethod
    def wait(condition: Callable[[], object], limit_s: float) -> None:
        deadline = time.monotonic() + limit_s
        while not condition():
            if time.monotonic() > deadline:
                raise SystemExit("gave up waiting; see the engine's logs")
            time.sleep(0.02)


@contextmanager
def engine(*options: str) -> Iterator[Stage]:
    """Start scheduler, processor and worker; stop them at the end."""
    with tempfile.TemporaryDirectory(prefix="hubflow-bench-") as folder:
        stage = Stage(Path(folder))
        environment = {**os.environ, "HUBFLOW_HOME": folder}
        command = [sys.executable, "-m", "hubflow"]
        log = (stage.paths.logs / "engine.log").open("ab")
        commands = [
            ["scheduler"],
            ["processor"],
            ["worker", f"--Worker.slots={SLOTS}", *options],
        ]
        processes = [
            subprocess.Popen([*command, *words], env=environment, stderr=log, stdout=log)
            for words in commands
        ]
        try:
            stage.wait(lambda: stage._count(orm.Process) >= 2, 60)
            yield stage
        finally:
            for process in processes:
                process.send_signal(signal.SIGTERM)
            for process in processes:
                process.wait(30)
            stage.database.dispose()
            log.close()


def median(values: list[float]) -> float:
    """Return the middle value."""
    return percentile(values, 50)


def percentile(values: list[float], percent: float) -> float:
    """Return the value below which ``percent`` of the values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(percent / 100 * (len(ordered) - 1)))]
