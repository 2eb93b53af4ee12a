"""The scheduler's end of the worker's socket: says what a test tells it to, keeps what it hears."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hubflow.execution.framing import Connection
from hubflow.execution.messages import (
    Ack,
    Finished,
    Fired,
    FromPeer,
    Hello,
    Launch,
    Message,
    Reply,
    Request,
    RunContext,
    Started,
    TryKey,
)
from hubflow.execution.sockets import bind
from hubflow.questions import FindRuns, GetSource, PushXCom
from hubflow.serialization.model import BashCommand
from hubflow.tasklog import relative_path

DAY = datetime(2026, 11, 22, 6, tzinfo=UTC)


class FakeScheduler:
    """Acknowledges reports unless `acks` is off, and serves the sources that it was given."""

    def __init__(self, socket_path: Path) -> None:
        self._path = socket_path
        self._worker: Connection[Any] | None = None
        self._server: asyncio.Server | None = None
        self._news = asyncio.Condition()
        self.acks = True
        self.heard: list[Message] = []
        self.sources: dict[str, str] = {}
        self.xcoms: list[dict[str, Any]] = []
        self.answer: Callable[[Request], Reply | None] = self._answer

    async def start(self) -> None:
        self._server = await asyncio.start_unix_server(self._serve, sock=bind(self._path))

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._worker is not None:
            await self._worker.close()

    async def __aenter__(self) -> FakeScheduler:
        await self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    def send(self, *messages: Message) -> None:
        assert self._worker is not None
        for message in messages:
            self._worker.send(message)

    def add_source(self, text: str) -> str:
        name = hashlib.sha256(text.encode()).hexdigest()
        self.sources[name] = text
        return name

    async def wait_for(self, condition: Callable[[], Any], limit_s: float = 20.0) -> Any:
        """Wait until the condition holds for what was heard; return its value."""
        async with asyncio.timeout(limit_s), self._news:
            await self._news.wait_for(condition)
        return condition()

    async def hello(self, count: int = 1) -> Hello:
        """Wait for the n-th Hello."""
        await self.wait_for(lambda: len(self._all(Hello)) >= count)
        return self._all(Hello)[count - 1]

    async def result(self, key: TryKey) -> Finished:
        found: Finished = await self.wait_for(
            lambda: next((m for m in self._all(Finished) if m.key == key), None)
        )
        return found

    async def fired(self, key: TryKey) -> Fired:
        found: Fired = await self.wait_for(
            lambda: next((m for m in self._all(Fired) if m.key == key), None)
        )
        return found

    async def started(self, key: TryKey) -> Started:
        found: Started = await self.wait_for(
            lambda: next((m for m in self._all(Started) if m.key == key), None)
        )
        return found

    def _all(self, kind: type[Any]) -> list[Any]:
        return [message for message in self.heard if isinstance(message, kind)]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        worker: Connection[Any] = Connection(reader, writer, FromPeer)
        self._worker = worker
        while messages := await worker.receive():
            for message in messages:
                self._take(worker, message)
            async with self._news:
                self.heard += messages
                self._news.notify_all()
        await worker.close()

    def _take(self, worker: Connection[Any], message: Message) -> None:
        if isinstance(message, Started | Finished | Fired) and self.acks:
            worker.send(Ack(seq=message.seq))
        elif isinstance(message, Request) and (reply := self.answer(message)):
            worker.send(reply)

    def _answer(self, request: Request) -> Reply:
        match request.body:
            case GetSource(source_hash=source_hash):
                if source_hash not in self.sources:
                    return Reply(id=request.id, error="no such source")
                return Reply(id=request.id, value=self.sources[source_hash])
            case PushXCom(item=item):
                row = {"task_id": "t", "key": item.key, "execution_date": DAY, "at": DAY}
                self.xcoms.insert(
                    0, {**row, "encoding": item.encoding, "data": item.data, "at": DAY}
                )
                return Reply(id=request.id)
            case FindRuns():
                return Reply(id=request.id, value=[])
            case pull:
                found = [row for row in self.xcoms if row["key"] == pull.key]
                return Reply(id=request.id, value=found)


def make_launch(number: int = 1, **changes: Any) -> Launch:
    """Return a launch of task instance ``number``, first of two tries."""
    task_id = changes.pop("task_id", "t")
    key = TryKey(number, changes.pop("try_number", 1))
    facts: dict[str, Any] = {
        "key": key,
        "dag_id": "d",
        "task_id": task_id,
        "run_id": "manual__1",
        "path": "d.py",
        "source_hash": "",
        "log_path": relative_path("d", f"{task_id}{number}", DAY, key.try_number),
        "max_tries": 2,
        "context": RunContext(
            execution_date=DAY,
            data_interval_start=DAY,
            data_interval_end=DAY,
            run_type="manual",
            external_trigger=True,
            owner="ada",
        ),
    }
    return Launch(**(facts | changes))


def bash(command: str, number: int = 1, **changes: Any) -> Launch:
    """Return a launch of a bash command."""
    env = changes.pop("env", None)
    push_output = changes.pop("push_output", True)
    command_ = BashCommand(command=command, env=env, push_output=push_output)
    return make_launch(number, bash=command_, **changes)
