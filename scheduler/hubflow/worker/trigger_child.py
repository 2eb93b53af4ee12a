"""The process in which all triggers of a worker run: one event loop, user code, no database."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import os
import socket
import sys
import threading
import time
import traceback
import weakref
from contextvars import ContextVar, copy_context
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import msgspec

from hubflow import tasklog
from hubflow.execution.framing import Connection
from hubflow.execution.messages import Reply, TryKey
from hubflow.questions import Question
from hubflow.sdk import places, secrets, stored, triggers
from hubflow.sdk.exceptions import HubflowException
from hubflow.sdk.loader import load_source
from hubflow.sdk.runtime import AsyncAnswers, LoadingRuntime, use_async_answers, use_runtime
from hubflow.sdk.threads import Room, use_room
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
_key: ContextVar[TryKey | None] = ContextVar("hubflow_trigger_key", default=None)
EXIT_BLAMED = 75
# The loop counts as blocked when it misses that many looks in a row, so that a process which was
# stopped for a while is not blamed for it.
LOOKS = 4


class Place(msgspec.Struct, frozen=True):
    """Where the process finds the DAG folder, and the log folder; what triggers may take.

    block_s : seconds for which one may hold up the event loop.
    checks, check_s : how many checks may run at once beside it, and how long each may take.
    """

    dags: str
    logs: str
    block_s: float
    checks: int
    check_s: float


def main(payload: bytes, fds: tuple[int, ...]) -> None:
    """Run triggers until the daemon hangs up, which hears by ``fds[1]`` whose fault an end is."""
    place = msgspec.msgpack.decode(payload, type=Place)
    logging.getLogger().handlers = [_TryLog(Path(place.logs))]
    logging.getLogger().setLevel(logging.INFO)
    places.use(Path(place.dags))
    asyncio.run(_serve(place, socket.socket(fileno=fds[0]), Blame(fds[1])))


async def _serve(place: Place, sock: socket.socket, blame: Blame) -> None:
    reader, writer = await asyncio.open_unix_connection(sock=sock)
    await Triggers(place, Connection(reader, writer, ToTriggers), blame).serve()


class Blame:
    """Ends this process and says whose fault it is, since nothing else can end a trigger."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def end(self, key: TryKey | None, error: str) -> NoReturn:
        """End; the trigger fails with ``error``, and the others start again elsewhere."""
        if key is not None:
            os.write(self._fd, msgspec.msgpack.encode(TriggerEnded(key=key, error=error)))
        os._exit(EXIT_BLAMED)


class Triggers:
    """Every trigger that runs here, each in a task of the event loop."""

    def __init__(self, place: Place, daemon: Connection[ToTriggers], blame: Blame) -> None:
        self._place = place
        self._daemon = daemon
        self._blame = blame
        self._classes = Classes(place.dags)
        self._importing = asyncio.Lock()
        self._running: dict[TryKey, asyncio.Task[None]] = {}
        self._ids = itertools.count(1)
        self._questions: dict[int, asyncio.Future[Any]] = {}

    async def serve(self) -> None:
        loop = asyncio.get_running_loop()
        Watchdog(loop, self._place.block_s, self._blame).start()
        room = Room(self._place.checks, self._place.check_s, on_worn_out=self._worn_out)
        with use_room(room), use_runtime(ThreadRuntime(loop, self._ask)):
            while messages := await self._daemon.receive():
                for message in messages:
                    self._take(message)

    def _take(self, message: ToTriggers) -> None:
        match message:
            case RunTrigger(wanted=wanted):
                context = copy_context()
                context.run(_key.set, wanted.key)
                context.run(_log_path.set, wanted.log_path)
                self._running[wanted.key] = context.run(asyncio.create_task, self._run(message))
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
        with use_async_answers(self._ask):
            ended = await self._outcome(order)
        self._running.pop(order.wanted.key, None)
        self._daemon.send(ended)

    async def _outcome(self, order: RunTrigger) -> TriggerEnded:
        key = order.wanted.key
        try:
            trigger = await self._make(order)
            try:
                return TriggerEnded(key=key, event=await _first_event(trigger))
            finally:
                with contextlib.suppress(Exception):
                    await trigger.cleanup()
        except (Exception, SystemExit) as exc:
            log.exception("The trigger %s failed", order.wanted.deferral.trigger)
            return TriggerEnded(key=key, error=f"{type(exc).__name__}: {exc}")

    async def _make(self, order: RunTrigger) -> BaseTrigger:
        """Import the class in a thread, where it may ask; make the trigger; one after another."""
        async with self._importing:
            try:
                async with asyncio.timeout(self._place.check_s):
                    kind = await asyncio.to_thread(self._classes.find, order)
            except TimeoutError:
                # The thread cannot be ended, and what it imports is half there.
                text = f"importing the trigger took longer than {self._place.check_s:g} s"
                log.error("%s", text)
                self._blame.end(order.wanted.key, text)
            return kind(**stored.loads(order.wanted.deferral.trigger_kwargs))

    def _worn_out(self) -> None:
        log.error("too many checks of triggers do not come back: starting another process")
        self._blame.end(None, "")

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


class ThreadRuntime(LoadingRuntime):
    """What threads of triggers, and DAG files that load here, may ask."""

    def __init__(self, loop: asyncio.AbstractEventLoop, ask: AsyncAnswers) -> None:
        self._loop = loop
        self._ask = ask
        self._loops_thread = threading.get_ident()

    def ask(self, question: Question) -> Any:
        if threading.get_ident() == self._loops_thread:
            raise HubflowException("a trigger must not block: `await ask_async(…)` instead")
        return asyncio.run_coroutine_threadsafe(self._coroutine(question), self._loop).result()

    async def _coroutine(self, question: Question) -> Any:
        return await self._ask(question)


class Watchdog(threading.Thread):
    """Ends the process when a trigger blocks the event loop for ``block_s``, and says which one."""

    def __init__(self, loop: asyncio.AbstractEventLoop, block_s: float, blame: Blame) -> None:
        super().__init__(daemon=True, name="watchdog")
        self._loop = loop
        self._block_s = block_s
        self._blame = blame
        self._loops_thread = threading.get_ident()
        self._owners: weakref.WeakKeyDictionary[Any, tuple[TryKey | None, str | None]] = (
            weakref.WeakKeyDictionary()
        )
        self._is_awake = threading.Event()
        loop.set_task_factory(self._make_task)

    def run(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            while True:
                self._is_awake.clear()
                self._loop.call_soon_threadsafe(self._is_awake.set)
                if not any(self._is_awake.wait(self._block_s / LOOKS) for _ in range(LOOKS)):
                    self._end()
                time.sleep(self._block_s / LOOKS)

    def _make_task(self, loop: Any, coroutine: Any, **options: Any) -> asyncio.Task[Any]:
        """Make a task, and remember which trigger did."""
        made: asyncio.Task[Any] = asyncio.Task(coroutine, loop=loop, **options)
        self._owners[made] = (_key.get(), _log_path.get())
        return made

    def _end(self) -> None:
        task = asyncio.current_task(self._loop)
        key, path = self._owners.get(task, (None, None)) if task else (None, None)
        _log_path.set(path)
        text = f"the trigger held up all others for more than {self._block_s:g} s: it must await"
        frame: FrameType | None = sys._current_frames().get(self._loops_thread)
        log.error("%s; it was here:\n%s", text, "".join(traceback.format_stack(frame)))
        self._blame.end(key, text)


class Classes:
    """Finds trigger classes: in hubflow, in modules of the DAG folder, and in DAG files."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._stamps: imported.Stamps = {}
        self._loaded: dict[str, DagSource] = {}

    def find(self, order: RunTrigger) -> type[BaseTrigger]:
        """Import the class; raises whatever user code raises."""
        self._read_again()
        if order.source is not None:
            self._load(order.source)
        kind = triggers.trigger_class(order.wanted.deferral.trigger)
        self._stamps = imported.stamps(self._folder)
        return kind

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
        text = secrets.masked(f"{self.format(record)}\n")
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
