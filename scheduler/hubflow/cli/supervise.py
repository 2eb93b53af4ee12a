"""Keep child processes running: restart what dies, stop everything when asked."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import logging
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

FIRST_PAUSE_S = 0.2
LAST_PAUSE_S = 10.0
STEADY_AFTER_S = 30.0
ROTATE_BYTES = 20 * 2**20
PR_SET_PDEATHSIG = 1
log = logging.getLogger(__name__)


class Child(NamedTuple):
    """A process to keep running. `name` also names its log file."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]


class Supervisor:
    """Runs children until told to stop.

    Each child leads a process group of its own: Ctrl-C in a terminal reaches only us, and we
    pass it on in good order. Where the system can, children get SIGTERM when we are killed.
    """

    def __init__(self, children: Sequence[Child], logs: Path, grace_s: float = 10.0) -> None:
        self._children = children
        self._logs = logs
        self._grace_s = grace_s
        self._processes: dict[str, asyncio.subprocess.Process] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Start all children, restart those that die, and end them when ``stop`` is set."""
        self._logs.mkdir(parents=True, exist_ok=True)
        keepers = [asyncio.create_task(self._keep(child)) for child in self._children]
        try:
            await stop.wait()
        finally:
            for keeper in keepers:
                keeper.cancel()
            await asyncio.gather(*keepers, return_exceptions=True)
            await asyncio.gather(*(self._end(child.name) for child in self._children))

    async def _keep(self, child: Child) -> None:
        pause = FIRST_PAUSE_S
        loop = asyncio.get_running_loop()
        while True:
            started = loop.time()
            process = await self._start(child)
            status = await process.wait()
            if loop.time() - started > STEADY_AFTER_S:
                pause = FIRST_PAUSE_S
            log.warning(
                "%s ended with status %s; starting it again in %.1f s, see %s",
                child.name,
                status,
                pause,
                self.log_file(child.name),
            )
            await asyncio.sleep(pause)
            pause = min(2 * pause, LAST_PAUSE_S)

    def log_file(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    async def _start(self, child: Child) -> asyncio.subprocess.Process:
        file = self.log_file(child.name)
        with contextlib.suppress(FileNotFoundError):
            if file.stat().st_size > ROTATE_BYTES:
                file.rename(file.with_suffix(".log.1"))
        with file.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *child.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=dict(child.environment),
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        self._processes[child.name] = process
        return process

    async def _end(self, name: str) -> None:
        """Ask a child to stop; kill it with all that it started when it takes too long."""
        process = self._processes.get(name)
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(self._grace_s):
                await process.wait()
        except TimeoutError:
            log.warning("%s does not stop; killing it", name)
            # A Hub starts its services and users' servers in sessions of their own.
            for pid in (process.pid, *_descendants(process.pid)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


def _descendants(pid: int) -> list[int]:
    """Return the processes that a process started, and those that they started; Linux only."""
    children: list[int] = []
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            children += map(int, thread.read_text().split())
    return children + [below for child in children for below in _descendants(child)]


def _die_with_parent() -> None:
    """Ask the kernel, in the child, for SIGTERM when the parent dies."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
