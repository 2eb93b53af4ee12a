"""Doubles that stand in for a process: real subclasses or implementations, never mocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from hubflow import __version__
from hubflow.clock import utcnow
from hubflow.execution.messages import (
    Await,
    Finished,
    Fired,
    Hello,
    Kill,
    Launch,
    Progress,
    Resume,
    Started,
    TryKey,
)
from hubflow.executors.base import Report
from hubflow.questions import (
    FindRuns,
    GetConnections,
    GetVariable,
    Question,
    SetVariable,
    StoreRendered,
    UsedBackend,
    XComItem,
)


class FakeExecutor:
    """An Executor whose worker is the test: it sees launches and reports what it likes."""

    def __init__(self) -> None:
        self.launches: list[Launch] = []
        self.awaits: list[Await] = []
        self.kills: list[Kill] = []
        self.acknowledged = 0
        self.restarts = 0
        self.is_connected = True
        self.on_wake: Callable[[], None] = lambda: None
        self._reports: list[Report] = []
        self._hello: Hello | None = None
        self._seq = 0

    # ---- what the scheduler calls

    @property
    def has_hello(self) -> bool:
        return self._hello is not None

    def submit(self, launches: Sequence[Launch]) -> None:
        self.launches.extend(launches)

    def await_triggers(self, awaits: Sequence[Await]) -> None:
        self.awaits.extend(awaits)

    def kill(self, kills: Sequence[Kill]) -> None:
        self.kills.extend(kills)

    def take_reports(self) -> list[Report]:
        reports, self._reports = self._reports, []
        return reports

    def take_hello(self) -> Hello | None:
        hello, self._hello = self._hello, None
        return hello

    def take_progress(self) -> list[Progress]:
        return []

    def restart(self) -> None:
        self.restarts += 1
        self._reports.clear()

    def acknowledge(self) -> None:
        self.acknowledged = self._seq

    # ---- what the test calls

    def hello(
        self,
        known: Sequence[TryKey] = (),
        queues: Sequence[str] = (),
        version: str = __version__,
    ) -> None:
        """Connect a worker that has these tries and serves these queues."""
        self.is_connected = True
        self._hello = Hello(
            worker_id="w",
            hostname="h",
            pid=1,
            slots=8,
            version=version,
            known=list(known),
            queues=list(queues),
        )

    def take_launches(self) -> list[Launch]:
        launches, self.launches = self.launches, []
        return launches

    def started(self, key: TryKey, at: datetime | None = None) -> None:
        self._seq += 1
        self._reports.append(Started(seq=self._seq, key=key, pid=4711, at=at or utcnow()))

    def finished(
        self,
        key: TryKey,
        outcome: str = "success",
        *,
        error: str | None = None,
        xcoms: Sequence[XComItem] = (),
        at: datetime | None = None,
        **more: Any,
    ) -> None:
        self._seq += 1
        self._reports.append(
            Finished(
                seq=self._seq,
                key=key,
                at=at or utcnow(),
                outcome=outcome,
                error=error,
                xcoms=list(xcoms),
                **more,
            )
        )

    def fired(self, key: TryKey, resume: Resume) -> None:
        self._seq += 1
        self._reports.append(Fired(seq=self._seq, key=key, at=utcnow(), resume=resume))


class StoredValues:
    """Answers questions for variables and connections, as a database without runs would."""

    def __init__(self) -> None:
        self.variables: dict[str, str] = {}
        self.connections: dict[str, list[dict[str, Any]]] = {}
        self.asked: list[Question] = []

    def answer(self, question: Question) -> Any:
        if isinstance(question, FindRuns):
            return []
        self.asked.append(question)
        match question:
            case GetVariable(key=key):
                return self.variables.get(key)
            case SetVariable(key=key, value=value):
                existed = self.variables.pop(key, None) is not None
                if value is not None:
                    self.variables[key] = value
                return existed
            case GetConnections(conn_id=conn_id):
                return self.connections.get(conn_id, [])
            case StoreRendered() | UsedBackend():
                return None
        raise AssertionError(f"nobody expected {question}")
