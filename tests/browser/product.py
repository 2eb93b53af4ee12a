"""hubflow as `make run` starts it, for the tests that drive it with a browser."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from hubflow.config import Core
from hubflow.db.engine import Database
from hubflow.db.queries import leases
from integration.hub.hub import free_ports
from waiting import wait_for

UP_LIMIT_S = 150.0
DOWN_LIMIT_S = 60.0
LIMIT_S = 60.0
ADMIN = "admin"


class Product:
    """JupyterHub with hubflow on this machine, in a home of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.log = home.with_suffix(".log")
        (port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-P", "-m", "hubflow", "up", f"--home={home}", f"--port={port}"]
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                start_new_session=True,
            )
        wait_for(self._is_up, "hubflow up", UP_LIMIT_S)
        found = re.search(r"password (\S+)", self.log.read_text())
        assert found, self.log.read_text()
        self.password = found.group(1)

    def _is_up(self) -> bool:
        assert self._process.poll() is None, self.log.read_text()
        return "hubflow is up" in self.log.read_text()

    def close(self) -> None:
        """Stop everything as Ctrl-C does."""
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(DOWN_LIMIT_S)
        finally:
            if self._process.poll() is None:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()

    def add_dag(self, name: str, text: str) -> None:
        """Put a DAG file into the DAG folder in one step."""
        draft = self.home / "dags" / f".{name}.draft"
        draft.write_text(text, encoding="utf-8")
        draft.rename(self.home / "dags" / f"{name}.py")

    def trigger(self, dag_id: str) -> None:
        """Start a run from outside of the browser."""
        subprocess.run(
            [
                sys.executable,
                "-P",
                "-m",
                "hubflow",
                "dags",
                "trigger",
                dag_id,
                f"--home={self.home}",
            ],
            check=True,
            capture_output=True,
        )

    def scheduler_pid(self) -> int:
        """Return the pid of the scheduler that leads."""
        database = Database(Core(home=str(self.home)))
        try:
            with database.read() as session:
                return leases.get(session, leases.SCHEDULER).pid or 0
        finally:
            database.dispose()

    def kill_scheduler(self) -> None:
        """End the scheduler without a chance to clean up, and wait for the next one."""
        pid = self.scheduler_pid()
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: self.scheduler_pid() not in (0, pid), "a new scheduler", LIMIT_S)
