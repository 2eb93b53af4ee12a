"""The scheduler's side of the local socket: one worker, any number of watchers.

The server knows no database: whoever builds it hands it `answer`, which is called in a thread
for each `Request` of a task.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hubflow import steps
from hubflow.errors import DatabaseUnusable, Deposed, HubflowError, ProtocolBroken
from hubflow.execution.framing import Connection
from hubflow.execution.messages import (
    Finished,
    Fired,
    FromPeer,
    Hello,
    Message,
    Poke,
    Progress,
    Reply,
    Request,
    Started,
    Watch,
)
from hubflow.execution.sockets import bind, identity
from hubflow.steps import Step

log = logging.getLogger(__name__)
# A watcher that lags this far behind is dropped; it reconnects and reads what it missed.
MAX_BACKLOG_BYTES = 8 * 1024 * 1024
# How long a task waits for its answer while the database is away, and how often we look.
PATIENCE_S = 600.0
AGAIN_S = 0.5


class ExecutionServer:
    """Serves `run/scheduler.sock`.

    Parameters
    ----------
    answer : gives the value for a request; a HubflowError becomes the reply's `error`.
    on_hello, on_report, on_progress, on_poke, on_worker_gone : called in the loop's thread.
    """

    def __init__(
        self,
        socket_path: Path,
        *,
        answer: Callable[[Request], Any],
        on_poke: Callable[[], None],
    ) -> None:
        self._path = socket_path
        self._answer = answer
        self._on_poke = on_poke
        self.on_hello: Callable[[Hello], None] = _ignore
        self.on_report: Callable[[Started | Finished | Fired], None] = _ignore
        self.on_progress: Callable[[Progress], None] = _ignore
        self.on_worker_gone: Callable[[], None] = _nothing
        self._worker: Connection[FromPeer] | None = None
        self._watchers: set[Connection[FromPeer]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._socket_file = (0, 0)

    async def start(self) -> None:
        """Begin to listen. The caller leads."""
        await self._listen(self._bind())

    def stay_reachable(self) -> None:
        """Listen anew if our socket is not at its path any more: somebody has cleaned up there.

        Call it in a transaction of the leader, so that nobody can take over in between.
        """
        if self._server is None:
            return
        with contextlib.suppress(FileNotFoundError):
            if identity(self._path) == self._socket_file:
                return
        log.warning("the socket %s is gone, listening anew", self._path)
        self._keep(self._listen(self._bind()))

    def _bind(self) -> socket.socket:
        listener = bind(self._path)
        self._socket_file = identity(self._path)
        return listener

    async def _listen(self, listener: socket.socket) -> None:
        former = self._server
        self._server = await asyncio.start_unix_server(self._serve, sock=listener)
        if former is not None:
            former.close()

    async def close(self) -> None:
        """Stop listening and hang up."""
        if self._server is not None:
            self._server.close()
        for peer in [*self._watchers, *([self._worker] if self._worker else [])]:
            await peer.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def has_worker(self) -> bool:
        return self._worker is not None

    def send(self, message: Message) -> None:
        """Send to the worker; without one, the message is lost (adoption repairs that)."""
        if self._worker is not None:
            self._worker.send(message)

    def hang_up_on_worker(self) -> None:
        """Close the worker's connection; it connects again."""
        if (worker := self._worker) is not None:
            self._forget(worker)
            self._keep(worker.close())

    def broadcast(self, message: Message) -> None:
        """Send to every watcher."""
        for watcher in tuple(self._watchers):
            if watcher.backlog_bytes > MAX_BACKLOG_BYTES:
                self._watchers.discard(watcher)
                self._keep(watcher.close())
            else:
                watcher.send(message)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer: Connection[FromPeer] = Connection(reader, writer, FromPeer)
        try:
            while messages := await peer.receive():
                for message in messages:
                    self._take(peer, message)

        except ProtocolBroken:
            log.exception("a peer speaks another protocol")
        finally:
            self._forget(peer)
            await peer.close()

    def _forget(self, peer: Connection[FromPeer]) -> None:
        self._watchers.discard(peer)
        if peer is self._worker:
            self._worker = None
            self.on_worker_gone()

    def _take(self, peer: Connection[FromPeer], message: FromPeer) -> None:
        match message:
            case Started() | Finished() | Fired() if peer is self._worker:
                self.on_report(message)
            case Progress() if peer is self._worker:
                self.on_progress(message)
            case Request():
                self._keep(self._reply(peer, message))
            case Hello():
                self._worker = peer
                self.on_hello(message)
            case Watch():
                self._watchers.add(peer)
            case Poke():
                self._on_poke()

    async def _reply(self, peer: Connection[FromPeer], request: Request) -> None:
        try:
            value = await self._patient_answer(request)
            steps.reach(Step.TASK_ANSWERED)
            reply = Reply(id=request.id, value=value)
        except Deposed:
            return  # The worker will ask whoever leads now.
        except HubflowError as exc:
            reply = Reply(id=request.id, error=str(exc))
        except Exception as exc:
            log.exception("a task's question could not be answered")
            reply = Reply(id=request.id, error=f"{type(exc).__name__}: {exc}")
        peer.send(reply)

    async def _patient_answer(self, request: Request) -> Any:
        """Answer as soon as the database can be used: a task is not to fail because it is away."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return await asyncio.to_thread(self._answer, request)
            except DatabaseUnusable:
                if time.monotonic() > deadline:
                    raise
            await asyncio.sleep(AGAIN_S)

    def _keep(self, coroutine: Any) -> None:
        """Run a coroutine and keep hold of its task until it is done."""
        task = asyncio.ensure_future(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _ignore(message: Any) -> None:
    """Stand in until the executor has connected its own handler."""


def _nothing() -> None:
    """Stand in until the executor has connected its own handler."""
