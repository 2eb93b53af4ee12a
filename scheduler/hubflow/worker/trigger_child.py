"""The process in which all triggers of a worker run: one event loop, user code, no database."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import os
import socket
import time
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import msgspec

from hubflow import tasklog
from hubflow.execution.framing import Connection
from hubflow.execution.messages import Reply, TryKey
from hubflow.questions import Question
from hubflow.sdk import places, stored, triggers
from hubflow.sdk.exceptions import HubflowException
from hubflow.sdk.loader import load_source
from hubflow.sdk.runtime import use_async_answers
from hubflow.sdk.triggers import BaseTrigger
from hubflow.worker import imported
from hubflow.worker.order import DagSource
from hubflow.worker.trigger_wire import (
    EndTrigger,
    RunTrigger,
    ToTriggers,
    TriggerAsks,
    TriggerEnded,
)

FORMAT = "[%(asctime)s] {%(filename)s:%(lineno)d} %(levelname)s - %(message)s"

log = logging.getLogger("hubflow.trigger")
_log_path: ContextVar[str | None] = ContextVar("hubflow_trigger_log", default=None)


class Place(msgspec.Struct, frozen=True):
    """Where the process finds the DAG folder, and the log folder."""

    dags: str
    logs: str


def main(payload: bytes, fds: tuple[int, ...]) -> None:
    """Run triggers until the daemon hangs up."""
    place = msgspec.msgpack.decode(payload, type=Place)
    logging.getLogger().handlers = [_TryLog(Path(place.logs))]
    logging.getLogger().setLevel(logging.INFO)
    places.use(Path(place.dags))
    asyncio.run(_serve(place, socket.socket(fileno=fds[0])))


async def _serve(place: Place, sock: socket.socket) -> None:
    reader, writer = await asyncio.open_unix_connection(sock=sock)
    await Triggers(place, Connection(reader, writer, ToTriggers)).serve()


class Triggers:
    """Every trigger that runs here, each in a task of the event loop."""

    def __init__(self, place: Place, daemon: Connection[ToTriggers]) -> None:
        self._daemon = daemon
        self._classes = Classes(place.dags)
        self._running: dict[TryKey, asyncio.Task[None]] = {}
        self._ids = itertools.count(1)
        self._questions: dict[int, asyncio.Future[Any]] = {}

    async def serve(self) -> None:
        while messages := await self._daemon.receive():
            for message in messages:
                self._take(message)

    def _take(self, message: ToTriggers) -> None:
        match message:
            case RunTrigger(wanted=wanted):
                self._running[wanted.key] = asyncio.create_task(self._run(message))
            case EndTrigger(key=key):
                if task := self._running.pop(key, None):
                    task.cancel()
            case Reply(id=id, value=value, error=error):
                if not (future := self._questions.pop(id)).done():
                    if error is None:
                        future.set_result(value)
                    else:
                        future.set_exception(HubflowException(error))

    async def _run(self, order: RunTrigger) -> None:
        wanted = order.wanted
        _log_path.set(wanted.log_path)
        with use_async_answers(self._ask):
            ended = await self._outcome(order)
        self._running.pop(wanted.key, None)
        self._daemon.send(ended)

    async def _outcome(self, order: RunTrigger) -> TriggerEnded:
        key = order.wanted.key
        try:
            trigger = self._classes.make(order)
            try:
                return TriggerEnded(key=key, event=await _first_event(trigger))
            finally:
                with contextlib.suppress(Exception):
                    await trigger.cleanup()
        except (Exception, SystemExit) as exc:
            log.exception("The trigger %s failed", order.wanted.deferral.trigger)
            return TriggerEnded(key=key, error=f"{type(exc).__name__}: {exc}")

    async def _ask(self, question: Question) -> Any:
        asked = TriggerAsks(id=next(self._ids), body=question)
        self._questions[asked.id] = asyncio.get_running_loop().create_future()
        self._daemon.send(asked)
        return await self._questions[asked.id]


async def _first_event(trigger: BaseTrigger) -> bytes:
    async for event in trigger.run():
        log.info("The trigger fired: %r", event)
        return stored.dumps(event.payload, "the event of the trigger")
    raise HubflowException("it ended without an event")


class Classes:
    """Finds trigger classes: in hubflow, in modules of the DAG folder, and in DAG files."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._stamps: imported.Stamps = {}
        self._loaded: dict[str, DagSource] = {}

    def make(self, order: RunTrigger) -> BaseTrigger:
        """Import the class and make the trigger; raises whatever user code raises."""
        wanted = order.wanted.deferral
        self._read_again()
        if order.source is not None:
            self._load(order.source)
        made = triggers.make_trigger(wanted.trigger, wanted.trigger_kwargs)
        self._stamps = imported.stamps(self._folder)
        return made

    def _read_again(self) -> None:
        """Forget modules of the DAG folder that were written since they were imported."""
        if imported.have_changed(self._stamps):
            imported.forget(self._folder)
            self._loaded.clear()

    def _load(self, source: DagSource) -> None:
        if self._loaded.get(source.path) != source:
            folder = Path(source.folder)
            load_source(source.path, source.text, folder, duplicate_dependency="warn")
            self._loaded[source.path] = source


class _TryLog(logging.Handler):
    """Appends each record to the log of the try whose trigger runs, if one does."""

    def __init__(self, logs: Path) -> None:
        super().__init__()
        self._logs = logs
        formatter = logging.Formatter(FORMAT)
        formatter.converter = time.gmtime
        self.setFormatter(formatter)

    def emit(self, record: logging.LogRecord) -> None:
        text = f"{self.format(record)}\n"
        if (path := _log_path.get()) is None:
            os.write(2, text.encode("utf-8", "backslashreplace"))
            return
        # Opened each time: a thousand waiting triggers must not hold a thousand files open.
        with contextlib.suppress(OSError):
            fd = tasklog.open_for_append(self._logs, path)
            try:
                os.write(fd, text.encode("utf-8", "backslashreplace"))
            finally:
                os.close(fd)
