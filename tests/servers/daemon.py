"""A server program for tests: in a folder of its own, never as root, gone when the tests are."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from required import is_missing
from waiting import LIMIT_S, is_alive, wait_for

OWNER = "nobody"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Address:
    """Where a database is, and who may enter: over TCP, or through a Unix socket."""

    scheme: str
    port: int
    socket: str
    user: str
    password: str
    database: str
    host: str = "127.0.0.1"

    @property
    def url(self) -> str:
        """The address as SQLAlchemy and hubflow's `Core.database_url` take it."""
        account = f"{self.user}:{quote(self.password, safe='')}"
        return f"{self.scheme}://{account}@{self.host}:{self.port}/{self.database}"


def find_program(name: str, package: str, folders: Sequence[Path] = ()) -> str:
    """Return the path of a program; the newest folder that has it wins over PATH."""
    for folder in sorted(folders, key=_version, reverse=True):
        if found := shutil.which(name, path=str(folder)):
            return found
    # Debian keeps servers where only root looks.
    if found := shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"):
        return found
    is_missing(f"these tests need {name}, such as Debian's package {package}")


def unique_name() -> str:
    """Return a name for a database that no other test uses."""
    return f"test_{os.getpid()}_{next(_numbers)}"


def _descendants(pid: int) -> list[int]:
    found, todo = [], [pid]
    while todo:
        parent = todo.pop()
        with contextlib.suppress(OSError):
            text = Path(f"/proc/{parent}/task/{parent}/children").read_text()
            children = [int(one) for one in text.split()]
            found += children
            todo += children
    return found


def _version(folder: Path) -> list[int]:
    return [int(part) for part in folder.parent.name.split(".") if part.isdigit()]


@dataclass
class Daemon:
    """One server process; `folder` is short enough for Unix sockets and belongs to its owner."""

    name: str
    stop_signal: signal.Signals = signal.SIGTERM
    folder: Path = field(init=False)
    _process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"hubflow-{self.name}-", dir="/tmp"))
        if os.geteuid() == 0:
            shutil.chown(self.folder, OWNER)

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def prepare(self, *command: str) -> None:
        """Run a program to its end; what it says is in the log."""
        with self.log.open("ab") as log:
            done = subprocess.run(
                self._as_owner(command), stdout=log, stderr=log, cwd=self.folder, check=False
            )
        assert done.returncode == 0, self.log.read_text()

    def start(self, *command: str, is_ready: Callable[[], bool]) -> None:
        """Start the server and wait until it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._as_owner(command), stdout=log, stderr=log, cwd=self.folder
            )
        process = self._process

        def answers() -> bool:
            assert process.poll() is None, self.log.read_text()
            return is_ready()

        wait_for(answers, f"an answer of {self.name}")

    def stop(self, stop_signal: signal.Signals | None = None) -> None:
        """End the server; it can be started again."""
        if self._process is None:
            return
        self._process.send_signal(stop_signal or self.stop_signal)
        try:
            self._process.wait(LIMIT_S)
        finally:
            self._process.kill()
            self._process.wait()
            self._process = None

    def kill(self) -> None:
        """End the server and its processes at once; it can be started again."""
        if self._process is None:
            return
        pids = [self._process.pid, *_descendants(self._process.pid)]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        self._process = None
        # They are children of init now, which takes a moment to bury them.
        wait_for(lambda: not any(map(is_alive, pids)), f"the end of {self.name}")

    def close(self) -> None:
        """End the server and remove its folder."""
        try:
            self.stop()
        finally:
            shutil.rmtree(self.folder)

    def _as_owner(self, command: Sequence[str]) -> list[str]:
        # The server dies with the tests also when these are killed.
        setpriv = [find_program("setpriv", "util-linux"), "--pdeathsig=KILL"]
        if os.geteuid() == 0:
            setpriv += [f"--reuid={OWNER}", "--regid=nogroup", "--clear-groups"]
        return [*setpriv, *command]
