"""Real processes of hubflow on a home of their own, for acceptance tests."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import select

from file_modes import obey_file_modes
from hubflow.config import Core
from hubflow.db import orm
from hubflow.db.engine import Database
from hubflow.states import RUN_FINISHED, TaskState
from waiting import wait_for

LIMIT_S = 60.0


class Engine:
    """Scheduler, processor and worker as a user starts them, and what they leave behind."""

    def __init__(self, core: Core, database: Database) -> None:
        self.core, self.database = core, database
        self.paths = core.paths
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *options: str, cwd: Path | None = None) -> subprocess.Popen[bytes]:
        """Start one process by its command."""
        log = (self.paths.logs / f"{name}.log").open("ab")
        process = subprocess.Popen(
            [sys.executable, "-m", "hubflow", name, *options],
            env={**os.environ, "HUBFLOW_HOME": str(self.paths.home)},
            stdout=log,
            stderr=log,
            cwd=cwd,
            preexec_fn=obey_file_modes,
        )
        log.close()
        self.processes[name] = process
        return process

    def start_all(self) -> None:
        for name in ("scheduler", "processor"):
            self.start(name)
        self.start("worker", "--Worker.warm_kernels=0")

    def kill(self, name: str) -> None:
        """End a process as the kernel would: at once, nothing said."""
        process = self.processes.pop(name)
        process.kill()
        process.wait(LIMIT_S)

    def close(self) -> None:
        """Stop what still runs, in an orderly way."""
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            process.wait(LIMIT_S)

    def write(self, name: str, text: str) -> None:
        """Save a DAG file."""
        path = self.paths.dags / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def hubflow(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a `hubflow` command to its end."""
        return subprocess.run(
            [sys.executable, "-m", "hubflow", *words],
            env={**os.environ, "HUBFLOW_HOME": str(self.paths.home)},
            preexec_fn=obey_file_modes,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )

    def wait_for(self, condition: Callable[[], Any], what: str) -> Any:
        """Wait until ``condition`` is true and return it; fails with the logs."""
        try:
            return wait_for(condition, what, LIMIT_S)
        except TimeoutError as error:
            raise AssertionError(f"{error}\n{self.logs()}") from None

    def wait_for_dag(self, dag_id: str) -> None:
        self.wait_for(lambda: self.find(orm.Dag, orm.Dag.dag_id == dag_id), f"DAG {dag_id}")

    def wait_for_start(self) -> orm.TaskInstance:
        """Wait until any task instance runs."""
        running = orm.TaskInstance.state == TaskState.RUNNING
        return self.wait_for(lambda: self.find(orm.TaskInstance, running), "a running task")

    def wait_for_run(self, run_id: str) -> orm.DagRun:
        """Wait for the end of the run with this id."""

        def over() -> orm.DagRun | None:
            run = self.find(orm.DagRun, orm.DagRun.run_id == run_id)
            return run if run is not None and run.state in RUN_FINISHED else None

        return self.wait_for(over, f"the end of run {run_id}")

    def find(self, entity: type[Any], *conditions: Any) -> Any:
        with self.database.read() as session:
            return session.scalars(select(entity).where(*conditions)).first()

    def rows(self, entity: type[Any], *conditions: Any) -> list[Any]:
        with self.database.read() as session:
            return list(session.scalars(select(entity).where(*conditions).order_by(entity.id)))

    def logs(self) -> str:
        """Return the ends of the processes' logs."""
        files: list[Path] = sorted(self.paths.logs.glob("*.log"))
        return "\n".join(f"--- {file.name}\n{file.read_text()[-4000:]}" for file in files)
