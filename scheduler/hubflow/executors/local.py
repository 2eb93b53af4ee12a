"""Hands tries to the worker daemon of this machine, through the scheduler's local socket."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from hubflow.clock import utcnow
from hubflow.execution.messages import Ack, Await, Finished, Hello, Kill, Launch, Progress, TryKey
from hubflow.execution.server import ExecutionServer
from hubflow.executors.base import Report

log = logging.getLogger(__name__)


class LocalExecutor:
    """See `Executor`. A new worker connection starts over: what it resends comes again."""

    def __init__(self, server: ExecutionServer) -> None:
        self._server = server
        self._reports: list[Report] = []
        self._hello: Hello | None = None
        self._progress: dict[TryKey, Progress] = {}
        self._taken_seq = 0
        self.on_wake: Callable[[], None] = lambda: None
        server.on_hello = self._take_hello
        server.on_report = self._take_report
        server.on_progress = self._take_progress
        server.on_worker_gone = self._worker_gone

    @property
    def is_connected(self) -> bool:
        return self._server.has_worker

    @property
    def has_hello(self) -> bool:
        return self._hello is not None

    def submit(self, launches: Sequence[Launch]) -> None:
        for launch in launches:
            try:
                self._server.send(launch)
            except Exception as exc:  # one try that cannot be told must not stop the others
                log.exception("a try cannot be handed to the worker")
                self._take_report(_refused(launch, exc))

    def await_triggers(self, awaits: Sequence[Await]) -> None:
        for await_ in awaits:
            self._server.send(await_)

    def kill(self, kills: Sequence[Kill]) -> None:
        for kill in kills:
            self._server.send(kill)

    def take_reports(self) -> list[Report]:
        reports, self._reports = self._reports, []
        if reports:
            self._taken_seq = max(self._taken_seq, reports[-1].seq)
        return reports

    def take_hello(self) -> Hello | None:
        hello, self._hello = self._hello, None
        return hello

    def take_progress(self) -> list[Progress]:
        progress, self._progress = self._progress, {}
        return list(progress.values())

    def restart(self) -> None:
        self._reports, self._hello, self._taken_seq = [], None, 0
        self._server.hang_up_on_worker()

    def acknowledge(self) -> None:
        if self._taken_seq:
            self._server.send(Ack(seq=self._taken_seq))

    def _take_hello(self, hello: Hello) -> None:
        self._hello, self._reports, self._taken_seq = hello, [], 0
        self.on_wake()

    def _take_report(self, report: Report) -> None:
        self._reports.append(report)
        self.on_wake()

    def _take_progress(self, progress: Progress) -> None:
        self._progress[progress.key] = progress
        self.on_wake()

    def _worker_gone(self) -> None:
        self._hello = None
        self.on_wake()


def _refused(launch: Launch, exc: Exception) -> Finished:
    """Report a try that never left this process; it has no place in the worker's sequence."""
    return Finished(
        seq=0,
        key=launch.key,
        at=utcnow(),
        outcome="fail_now",
        error=f"the task could not be handed to a worker: {type(exc).__name__}: {exc}",
    )
