"""The two ends of the execution protocol with the wire between them in the hand of a test.

The scheduler, its executor, and the worker's journal and outbox are the real ones. What a process
would be is a row here, which outlives the worker as a real one may.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hubflow import __version__
from hubflow.execution.messages import (
    Ack,
    Finished,
    Fired,
    Hello,
    Kill,
    Launch,
    Message,
    Started,
    TryKey,
)
from hubflow.worker.journal import Journal
from hubflow.worker.outbox import Outbox
from hubflow.worker.result import FAILED, Result
from hubflow.worker.slots import Slots


class Wire:
    """Stands in for `ExecutionServer`: what was sent arrives when the test says so, or never."""

    def __init__(self) -> None:
        self.to_worker: deque[Any] = deque()
        self.to_scheduler: deque[Any] = deque()
        self.has_worker = False
        self.on_hello: Callable[[Hello], None]
        self.on_report: Callable[[Any], None]
        self.on_progress: Callable[[Any], None]
        self.on_worker_gone: Callable[[], None]

    # ---- what the executor and the loop call

    def send(self, message: Message) -> None:
        if self.has_worker:
            self.to_worker.append(message)

    def hang_up_on_worker(self) -> None:
        self.cut()

    def stay_reachable(self) -> None:
        """Nobody removes it."""

    def broadcast(self, message: Message) -> None:
        """Nobody watches."""

    # ---- what the test calls

    def cut(self) -> None:
        """Lose the connection and all that is on its way."""
        was_there, self.has_worker = self.has_worker, False
        self.to_worker.clear()
        self.to_scheduler.clear()
        if was_there:
            self.on_worker_gone()

    def arrive_at_scheduler(self) -> None:
        message = self.to_scheduler.popleft()
        if isinstance(message, Hello):
            self.has_worker = True
            self.on_hello(message)
        elif isinstance(message, Started | Finished | Fired) and self.has_worker:
            self.on_report(message)


@dataclass
class Process:
    """A try's own process; it does not know whether its worker lives."""

    key: TryKey
    outcome: str | None = None

    @property
    def is_alive(self) -> bool:
        return self.outcome is None


class Died(Exception):
    """The worker was killed while it started a try."""


class ModelTry:
    """What `Slots` begins and kills: a row in place of a process."""

    def __init__(self, launch: Launch, worker: ModelWorker) -> None:
        self.key, self.launch, self._worker = launch.key, launch, worker
        self.process: Process | None = None
        self.is_dying = False

    def begin(self) -> None:
        self._worker.begin(self)

    def kill(self, reason: str, grace_s: float, state: str) -> None:
        """Ask it to end; one that has not begun is over at once."""
        self.is_dying = True
        if self.process is None:
            self._worker.ended(self, FAILED)


class ModelWorker:
    """A worker from its start to its death: what `worker.daemon` does, step by step.

    `dies_after` is after how many steps of the next start of a try it is killed: 1, its intent is
    in the journal; 2, the process is there; None, it lives.
    """

    def __init__(self, folder: Path, wire: Wire, processes: list[Process], slots: int) -> None:
        self._journal = Journal(folder / "worker.journal")
        self._wire = wire
        self._processes = processes
        self.is_connected = False
        self.dies_after: int | None = None
        self.slots = Slots(slots)
        self.outbox = Outbox(self._journal, self._send)
        self.running: dict[TryKey, ModelTry] = {}
        self._bury_predecessor()

    def connect(self) -> None:
        self._wire.cut()
        self.is_connected = True
        known = sorted({*self.slots.keys(), *self.outbox.keys()})
        self._wire.to_scheduler.append(
            Hello(worker_id="w", hostname="h", pid=1, slots=9, version=__version__, known=known)
        )
        self._wire.to_scheduler.extend(self.outbox.unacknowledged())

    def disconnect(self) -> None:
        self.is_connected = False
        self._wire.cut()

    def take(self, message: Any) -> None:
        match message:
            case Launch(key=key):
                if key not in self.slots and key not in self.outbox:
                    self.slots.add(ModelTry(message, self))  # type: ignore[arg-type]
            case Kill(key=key, state=state):
                self.slots.kill(key, "killed", 0, state)
            case Ack(seq=seq):
                self.outbox.acknowledged(seq)

    def begin(self, attempt: ModelTry) -> None:
        """Write the intent, start the process, say so. Raises Died."""
        self._journal.begins(attempt.key, attempt.launch.log_path)
        if self.dies_after == 1:
            raise Died
        attempt.process = Process(attempt.key)
        self._processes.append(attempt.process)
        self.running[attempt.key] = attempt
        if self.dies_after == 2:
            raise Died
        self.outbox.started(attempt.key, os.getpid())

    def end(self, key: TryKey, outcome: str, *, is_written: bool = True) -> None:
        """Let a process end; what it did may come too late for the journal."""
        attempt = self.running[key]
        assert attempt.process is not None
        attempt.process.outcome = outcome
        if is_written:
            del self.running[key]
            self.ended(attempt, outcome)

    def ended(self, attempt: ModelTry, outcome: str) -> None:
        self.slots.finished(attempt)  # type: ignore[arg-type]
        self.outbox.finished(attempt.key, Result(outcome=outcome))

    def die(self) -> None:
        """Be killed: the wire is cut, processes and the journal stay."""
        self._wire.cut()
        self._journal.close()

    def _bury_predecessor(self) -> None:
        left: Collection[TryKey] = {*self._journal.running, *self._journal.beginning}
        for process in self._processes:
            if process.key in left and process.is_alive:
                process.outcome = "killed"
        for key in sorted(left):
            self.outbox.finished(key, Result(outcome=FAILED, error="the worker died"))

    def _send(self, message: Message) -> None:
        if self.is_connected:
            self._wire.to_scheduler.append(message)
