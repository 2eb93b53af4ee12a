"""Forked processes as their owner sees them: running, and ended."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import NamedTuple

from hubflow.errors import ZygoteFailed
from hubflow.forkserver.sessions import signal_child


class Exit(NamedTuple):
    """How a child ended. `status` is that of waitpid, or None if its zygote died with it."""

    status: int | None
    max_rss_kb: int = 0

    @property
    def code(self) -> int | None:
        """Exit code, negative for a signal as in `subprocess`; None if unknown."""
        return None if self.status is None else os.waitstatus_to_exitcode(self.status)


class Outcome(NamedTuple):
    """What `Zygote.run` brings back: `output` is stdout and stderr, `result` what it wrote."""

    exit: Exit
    timed_out: bool
    output: bytes
    result: bytes


class Child:
    """One forked process.

    `started` holds its pid or raises ZygoteFailed; `exited` holds its `Exit` and never raises.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.started: asyncio.Future[int] = loop.create_future()
        self.exited: asyncio.Future[Exit] = loop.create_future()

    @property
    def pid(self) -> int | None:
        has_pid = self.started.done() and not self.started.exception()
        return self.started.result() if has_pid else None

    def kill(self, signum: int = signal.SIGKILL) -> None:
        """Send a signal to the whole process group, as soon as it exists, while it exists."""
        if not self.started.done():
            self.started.add_done_callback(lambda _: self.kill(signum))
        elif self.pid and not self.exited.done():
            signal_child(self.pid, signum)

    def lost(self, error: ZygoteFailed) -> None:
        """Record that nothing more will be heard of this child."""
        if not self.started.done():
            self.started.set_exception(error)
            self.started.exception()  # Whoever only waits for the exit needs no warning.
        if not self.exited.done():
            self.exited.set_result(Exit(None))
