"""The triggers of deferred tasks: handed to one process, started again when it dies.

The process is started with the first trigger that needs it, and ends with the worker.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Awaitable, Callable
from io import RawIOBase
from pathlib import Path
from typing import Any

import msgspec

from hubflow.errors import HubflowError, ProtocolBroken
from hubflow.execution.framing import Connection
from hubflow.execution.messages import Await, Message, Reply, Resume, TryKey
from hubflow.forkserver.children import Child
from hubflow.forkserver.client import Zygote
from hubflow.questions import Question
from hubflow.sdk.loader import MODULE_PREFIX
from hubflow.worker.order import DagSource
from hubflow.worker.trigger_child import Place
from hubflow.worker.trigger_wire import (
    EndTrigger,
    FromTriggers,
    RunTrigger,
    TriggerAsks,
    TriggerEnded,
)

ENTRY = "hubflow.worker.trigger_child:main"
FIRST_PAUSE_S, LAST_PAUSE_S = 0.1, 5.0
# So often in a row may the process die within `QUICK_S` before its triggers are given up.
MAX_QUICK_DEATHS = 5
QUICK_S = 10.0

log = logging.getLogger(__name__)


class Triggers:
    """Runs triggers, and says `on_fired` exactly once for each that was not ended before.

    Parameters
    ----------
    zygote : gives where to fork the process from.
    source : gives the text of a DAG file version.
    ask : asks the scheduler.
    on_fired : hears how a deferred task goes on.
    """

    def __init__(
        self,
        place: Place,
        *,
        zygote: Callable[[], Awaitable[Zygote]],
        source: Callable[[str], Awaitable[str]],
        ask: Callable[[TryKey | None, Question], asyncio.Future[object]],
        on_fired: Callable[[TryKey, Resume], None],
    ) -> None:
        self._place = place
        self._zygote = zygote
        self._source = source
        self._ask = ask
        self._on_fired = on_fired
        self._wanted: dict[TryKey, Await] = {}
        self._child: Child | None = None
        self._process: Connection[FromTriggers] | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._errands: set[asyncio.Task[None]] = set()

    def __contains__(self, key: TryKey) -> bool:
        return key in self._wanted

    def keys(self) -> set[TryKey]:
        """Return the tries whose trigger has not fired."""
        return set(self._wanted)

    def add(self, wanted: Await) -> None:
        """Run a trigger; one that is known runs already."""
        if wanted.key in self._wanted:
            return
        self._wanted[wanted.key] = wanted
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep())
        elif self._process is not None:
            self._errand(self._hand_over(wanted))

    def end(self, key: TryKey) -> None:
        """End a trigger; nothing is said about it any more."""
        if self._wanted.pop(key, None) is not None and self._process is not None:
            self._process.send(EndTrigger(key=key))

    async def close(self) -> None:
        """End the process; the scheduler hands its triggers to the next worker."""
        if self._child is not None:
            self._child.kill()
        tasks = [*self._errands, *([self._keeper] if self._keeper else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep(self) -> None:
        """Keep the process alive, for ever."""
        loop, deaths = asyncio.get_running_loop(), 0
        while True:
            began, is_explained = loop.time(), False
            try:
                is_explained = await self._live()
            except (HubflowError, OSError) as exc:
                log.error("the trigger process could not be started: %s", exc)
            is_quick = loop.time() - began < QUICK_S
            deaths = deaths + 1 if is_quick and not is_explained else 0
            log.warning("the trigger process ended", extra={"triggers": len(self._wanted)})
            if deaths >= MAX_QUICK_DEATHS:
                self._give_up()
                deaths = 0
            await asyncio.sleep(min(FIRST_PAUSE_S * 2**deaths, LAST_PAUSE_S))

    async def _live(self) -> bool:
        """Start the process, hand it every trigger, and listen to it until it dies.

        Returns whether it named a trigger through whose fault it ended.
        """
        zygote = await self._zygote()
        ours, theirs = socket.socketpair()
        read, write = os.pipe()
        with open(read, "rb", buffering=0) as blame:
            self._child = zygote.fork(
                ENTRY,
                msgspec.msgpack.encode(self._place),
                log=self._open_log(),
                fds=[theirs.detach(), write],
            )
            await self._listen(ours)
            self._child.kill()
            return self._take_blame(blame)

    async def _listen(self, sock: socket.socket) -> None:
        reader, writer = await asyncio.open_unix_connection(sock=sock)
        self._process = Connection(reader, writer, FromTriggers)
        try:
            for wanted in list(self._wanted.values()):
                self._errand(self._hand_over(wanted))
            while messages := await self._process.receive():
                for message in messages:
                    self._take(message)
        except ProtocolBroken:
            log.exception("the trigger process speaks another protocol")
        finally:
            process, self._process = self._process, None
            with contextlib.suppress(OSError):
                await process.close()

    def _open_log(self) -> int:
        path = Path(self._place.logs, "triggers.log")
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)

    def _take_blame(self, blame: RawIOBase) -> bool:
        """Let the trigger fail through whose fault the process ended, if it said so."""
        os.set_blocking(blame.fileno(), False)
        if not (told := blame.read()):
            return False
        ended = msgspec.msgpack.decode(told, type=TriggerEnded)
        log.error("a trigger was ended: %s", ended.error, extra={"key": str(ended.key)})
        self._ended(ended)
        return True

    async def _hand_over(self, wanted: Await) -> None:
        try:
            source = await self._source_of(wanted)
        except HubflowError as exc:
            self._ended(TriggerEnded(key=wanted.key, error=str(exc)))
            return
        if wanted.key in self._wanted and self._process is not None:
            self._process.send(RunTrigger(wanted=wanted, source=source))

    async def _source_of(self, wanted: Await) -> DagSource | None:
        waits = wanted.deferral
        named = (waits.trigger.encode(), waits.trigger_kwargs)
        if not any(MODULE_PREFIX.encode() in name for name in named):
            return None  # nothing of a DAG file: it is imported as any module is
        text = await self._source(wanted.source_hash)
        return DagSource(folder=self._place.dags, path=wanted.path, text=text)

    def _take(self, message: FromTriggers) -> None:
        match message:
            case TriggerEnded():
                self._ended(message)
            case TriggerAsks(id=id, body=body):
                self._errand(self._answer(id, body))

    def _ended(self, told: TriggerEnded) -> None:
        if (wanted := self._wanted.pop(told.key, None)) is None:
            return
        waits = wanted.deferral
        resume = Resume(
            method=waits.method, kwargs=waits.kwargs, event=told.event, error=told.error
        )
        self._on_fired(told.key, resume)

    async def _answer(self, id: int, body: Question) -> None:
        reply: Message
        try:
            reply = Reply(id=id, value=await self._ask(None, body))
        except HubflowError as exc:
            reply = Reply(id=id, error=str(exc))
        if self._process is not None:
            self._process.send(reply)

    def _give_up(self) -> None:
        error = "the process that runs triggers died each time with this one in it"
        for key in list(self._wanted):
            self._ended(TriggerEnded(key=key, error=error))

    def _errand(self, coroutine: Any) -> None:
        task = asyncio.ensure_future(coroutine)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)
