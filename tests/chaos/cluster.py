"""All processes of an installation, kept alive as by a supervisor, on a disk of their own."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
from sqlalchemy import create_engine, text
from traitlets.config import Config

from chaos.launch import __file__ as LAUNCH
from hubflow.config import Core, Paths
from hubflow.db import migrate
from hubflow.db.engine import Database
from hubflow.process_identity import read_stat
from integration.hub.hub import free_ports
from servers.schemas import Server
from waiting import is_alive

LIMIT_S = 60.0
RESTART_S = 0.2
DISK = "size=600m"
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
TESTS = Path(__file__).parents[1]


class Cluster:
    """Two schedulers, a processor, a worker and a service without a Hub.

    `keep` starts again what died; call it often.
    """

    def __init__(
        self, folder: Path, *, server: Server | None = None, with_service: bool = True
    ) -> None:
        self.folder = folder
        self.server = server
        self.address = None if server is None else server.create()
        self.log = folder / "history.log"
        self.orders = folder / "orders"
        self.logs = folder / "processes"
        self.home = folder / "home"
        for made in (self.orders, self.logs, self.home):
            made.mkdir()
        self.has_disk = _mount(self.home)
        self.paths = Paths(self.home)
        database_url = self.address.url if self.address else ""
        self.url = database_url or f"sqlite:///{self.paths.database}"
        self._engine = create_engine(self.url)
        (self.port,) = free_ports(1)
        self.service_url = f"http://127.0.0.1:{self.port}"
        self._offset = folder / "clock"
        self._offset.write_text("+0")
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._due: dict[str, float] = {}
        self.statuses: list[tuple[str, int]] = []
        """How processes ended that were kept."""
        self._kinds = {
            "scheduler-1": "scheduler",
            "scheduler-2": "scheduler",
            "processor": "processor",
            "worker": "worker",
            **({"service": "service"} if with_service else {}),
        }
        self.core = Core(
            config=Config({"Core": {"home": str(self.home), "database_url": database_url}})
        )

    # ---- beginning and end -------------------------------------------------------------------

    def start(self, source: str, dags: int) -> None:
        """Make the database, save the DAG file, start all, and wait for its ``dags``."""
        self.paths.make()
        database = Database(self.core)
        migrate.upgrade(database)
        database.dispose()
        self.save("chaos.py", source)
        for name in self._kinds:
            self._start(name)
        self.wait_for(lambda: self.count("select count(*) from dag") >= dags)

    def save(self, name: str, source: str) -> None:
        (self.paths.dags / name).write_text(source)

    def close(self) -> None:
        """Stop all in an orderly way, with or without an answer."""
        self._engine.dispose()
        for process in self.processes.values():
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if os.path.ismount(self.home):
            # For whoever has to find out what went wrong.
            for file in [*self.home.glob("hubflow.db*"), *self.paths.run.glob("worker.journal")]:
                shutil.copy(file, self.folder)
            _unmount(self.home)

    # ---- processes -----------------------------------------------------------------------------

    def _start(self, name: str) -> None:
        kind = self._kinds[name]
        words = [name.partition("-")[0]]
        if kind == "worker":
            words += ["--Worker.warm_kernels=0", "--Worker.slots=12", "--Worker.kill_grace_s=2"]
        elif kind == "service":
            words = [str(self.port)]
        with (self.logs / f"{name}.log").open("ab") as output:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-P", LAUNCH, kind, str(self.orders), *words],
                env=self._environment(),
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def _environment(self) -> dict[str, str]:
        kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
        variables = {
            **kept,
            "HUBFLOW_HOME": str(self.home),
            "PYTHONPATH": str(TESTS),
        }
        if not self.url.startswith("sqlite"):
            variables["HUBFLOW_DATABASE_URL"] = self.url
        if FAKETIME.exists():
            variables |= {
                "LD_PRELOAD": str(FAKETIME),
                "FAKETIME_TIMESTAMP_FILE": str(self._offset),
                "FAKETIME_CACHE_DURATION": "1",
                "DONT_FAKE_MONOTONIC": "1",
                "FAKETIME_DISABLE_SHM": "1",
                "NO_FAKE_STAT": "1",
            }
        return variables

    def keep(self) -> None:
        """Start again what has died."""
        now = time.monotonic()
        for name, process in self.processes.items():
            if process.poll() is not None and name not in self._due:
                self.statuses.append((name, process.returncode))
                self._due[name] = now + RESTART_S
        for name in [name for name, at in self._due.items() if at <= now]:
            del self._due[name]
            self._start(name)

    def pid(self, name: str) -> int:
        """Return the pid of a process that runs."""
        self.wait_for(lambda: self.processes[name].poll() is None)
        return self.processes[name].pid

    def leader(self) -> str:
        """Return the name of the scheduler that leads."""

        def find() -> str | None:
            pid = self.count("select pid from lease where host is not null")
            alive = (name for name in self.processes if self.processes[name].poll() is None)
            return next((name for name in alive if self.processes[name].pid == pid), None)

        found = self.wait_for(find)
        assert found is not None
        return found

    def standby(self) -> str:
        return "scheduler-1" if self.leader() == "scheduler-2" else "scheduler-2"

    def descendants(self) -> list[int]:
        """Return the pids of all that the worker has started, itself or through others."""
        found, todo = [], [self.processes["worker"].pid]
        while todo:
            children = _children(todo.pop())
            found += children
            todo += children
        return found

    def zygotes(self) -> list[int]:
        """Return the pids of the worker's zygotes: they are in no try's process group."""
        return [pid for pid in self.descendants() if _is_zygote(pid) and _children(pid)] or [
            pid for pid in _children(self.processes["worker"].pid) if _is_zygote(pid)
        ]

    # ---- what is to be broken ------------------------------------------------------------------

    def order(self, step: str, kind: str, number: int = signal.SIGKILL) -> None:
        """Have the next process of this kind that comes to ``step`` send itself a signal."""
        (self.orders / f"{step}@{kind}.done").unlink(missing_ok=True)
        draft = self.orders / f"{step}@{kind}.draft"
        draft.write_text(str(int(number)))
        draft.rename(self.orders / f"{step}@{kind}")

    def obeyed(self, step: str, kind: str) -> int | None:
        """Return the pid of whoever carried the order out."""
        with contextlib.suppress(FileNotFoundError):
            return int((self.orders / f"{step}@{kind}.done").read_text())
        return None

    def withdraw(self, step: str, kind: str) -> bool:
        """Take an order back; returns whether it still was there."""
        try:
            (self.orders / f"{step}@{kind}").unlink()
        except FileNotFoundError:
            return False
        return True

    def set_clock(self, seconds: int) -> None:
        """Set the wall clock of all processes that far off; the monotonic clock goes on."""
        self._offset.write_text(f"{seconds:+d}")

    @contextlib.contextmanager
    def full_disk(self) -> Iterator[None]:
        """Leave no room on the disk of the home."""
        ballast = self.home / "ballast"
        with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            for size in (2**20, 2**12, 1):
                with contextlib.suppress(OSError):
                    while file.write(b"x" * size) == size:
                        pass
        try:
            yield
        finally:
            ballast.unlink()

    # ---- looking ---------------------------------------------------------------------------------

    def count(self, query: str) -> int:
        """Return the number that a query gives; 0 while the database cannot be read."""
        try:
            with self._engine.connect() as connection:
                return int(connection.execute(text(query)).scalar() or 0)
        except Exception:
            return 0

    def runs_under_way(self) -> int:
        return self.count("select count(*) from dag_run where state in ('queued', 'running')")

    def client(self) -> httpx.Client:
        """Return a client of the service."""
        return httpx.Client(base_url=f"{self.service_url}/hubflow/api/v1", timeout=10)

    def pause(self, seconds: float) -> None:
        """Let time pass."""
        until = time.monotonic() + seconds
        self.wait_for(lambda: time.monotonic() >= until)

    def wait_for(self, condition, limit_s: float = LIMIT_S):  # type: ignore[no-untyped-def]
        """Wait, and keep the processes alive meanwhile."""
        deadline = time.monotonic() + limit_s
        while not (found := condition()):
            if time.monotonic() > deadline:
                raise AssertionError(f"nothing came of it\n{self.last_words()}")
            self.keep()
            time.sleep(0.02)
        return found

    def last_words(self) -> str:
        logs = (
            f"--- {file.name}\n{file.read_text(errors='replace')[-3000:]}"
            for file in sorted(self.logs.glob("*.log"))
        )
        return "\n".join((f"--- runs and tasks\n{self._how_things_stand()}", *logs))

    def _how_things_stand(self) -> str:
        """Count runs and tasks by their state; say why that cannot be seen."""
        try:
            with self._engine.connect() as connection:
                return "\n".join(
                    f"{table} {state}: {count}"
                    for table in ("dag_run", "task_instance")
                    for state, count in connection.execute(
                        text(f"select state, count(*) from {table} group by state")
                    )
                )
        except Exception as exc:
            return str(exc)


def _children(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _is_zygote(pid: int) -> bool:
    try:
        return b"hubflow.forkserver" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def is_stopped(pid: int) -> bool:
    stat = read_stat(pid)
    return stat is not None and stat.state in (b"T", b"t")


def _mount(folder: Path) -> bool:
    """Give the home a disk of its own, small enough to be filled; only root can."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    command = ["mount", "-t", "tmpfs", "-o", DISK, "hubflow-chaos", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _unmount(folder: Path) -> None:
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


__all__ = ["Cluster", "is_alive", "is_stopped"]
