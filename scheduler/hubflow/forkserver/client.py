"""The owner's side of a zygote, for asyncio.

zygote = await Zygote.start(["hubflow.sdk"], env=scrubbed_environment())
child = zygote.fork("module:function", payload, log=log_fd, fds=[channel_fd])
ended = await child.exited
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from typing import IO

from hubflow.errors import ZygoteFailed
from hubflow.forkserver.children import Child, Exit, Outcome
from hubflow.forkserver.wire import (
    Answer,
    Broken,
    Exited,
    Fork,
    Forked,
    Ready,
    Receiver,
    Retire,
    frame,
    send_with_fds,
)

CONTROL_FD = 3


class Zygote:
    """A running zygote. `closed` is done when it is gone."""

    def __init__(self, sock: socket.socket, pid: int | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._sock = sock
        self.pid = pid
        self._process: Child | None = None
        self._receiver = Receiver(sock, Answer)
        self._outbox: deque[tuple[bytes, Sequence[int]]] = deque()
        self._children: dict[int, Child] = {}
        self._next_id = 0
        self._is_lost = False
        self._ready: asyncio.Future[int] = self._loop.create_future()
        self.closed: asyncio.Future[None] = self._loop.create_future()
        sock.setblocking(False)
        self._loop.add_reader(sock, self._on_readable)

    @classmethod
    async def start(
        cls, preload: Sequence[str], *, env: Mapping[str, str], output: int = 2
    ) -> Zygote:
        """Start a fresh interpreter, and wait until it has imported ``preload``.

        Raises ZygoteFailed with the traceback if an import fails.
        """
        ours, theirs = socket.socketpair()
        # No .pyc of user modules: one is taken for current when a file was saved twice within a
        # second at the same length, and a task would run what is no longer there.
        argv = [sys.executable, "-P", "-B", "-m", "hubflow.forkserver", str(CONTROL_FD), *preload]
        with theirs, open(os.devnull) as nothing:
            actions = [
                (os.POSIX_SPAWN_DUP2, nothing.fileno(), 0),
                (os.POSIX_SPAWN_DUP2, output, 1),
                (os.POSIX_SPAWN_DUP2, output, 2),
                (os.POSIX_SPAWN_DUP2, theirs.fileno(), CONTROL_FD),
            ]
            pid = os.posix_spawn(sys.executable, argv, dict(env), file_actions=actions)
        return await cls(ours, pid)._when_ready()

    async def derive(
        self, entry: str, payload: bytes, *, log: int, fds: Sequence[int] = ()
    ) -> Zygote:
        """Fork a zygote from this one that first calls ``entry`` with ``payload`` and ``fds``.

        Takes over all descriptors; the entry closes those of ``fds`` that its children are not
        to have. Raises ZygoteFailed with the traceback if the entry raises.
        """
        ours, theirs = socket.socketpair()
        derived = Zygote(ours)
        born = self._request(entry, payload, [log, theirs.detach(), *fds], {}, derive=True)
        born.exited.add_done_callback(lambda _: derived._lose("the zygote ended"))
        derived._process = born
        return await derived._when_ready()

    def fork(
        self,
        entry: str,
        payload: bytes,
        *,
        log: int,
        fds: Sequence[int] = (),
        limits: Mapping[str, int] | None = None,
    ) -> Child:
        """Fork a child that calls ``entry(payload, fds)``; see `child.run`.

        ``log`` becomes its stdout and stderr. All descriptors are taken over and closed here.
        """
        return self._request(entry, payload, [log, *fds], dict(limits or {}))

    async def run(
        self,
        entry: str,
        payload: bytes,
        *,
        timeout_s: float,
        fds: Sequence[int] = (),
        limits: Mapping[str, int] | None = None,
    ) -> Outcome:
        """Run a child to its end. What the entry writes to its first descriptor is its result;
        ``fds``, which are taken over, follow it.

        It is killed after ``timeout_s`` seconds, or if the caller is cancelled; whatever it has
        started ends with it.
        """
        with _memory_file("output") as output, _memory_file("result") as result:
            log, out = os.dup(output.fileno()), os.dup(result.fileno())
            descriptors = [log, out, *fds]
            child = self._request(entry, payload, descriptors, dict(limits or {}), alone=True)
            timed_out = False
            try:
                done, _ = await asyncio.wait([child.exited], timeout=timeout_s)
                timed_out = not done
            finally:
                child.kill()
            ended = await child.exited
            return Outcome(ended, timed_out, _content(output), _content(result))

    def retire(self) -> None:
        """Let it exit as soon as its last child has; it forks nothing more."""
        if not self._is_lost:
            self._send(frame(Retire()), [])

    async def close(self) -> None:
        """Kill all children with their groups, then the zygote, and wait for it."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_WR)
        await asyncio.shield(self.closed)

    @property
    def threads(self) -> int:
        """How many Python threads it had after its imports; 1 is what it should be."""
        return self._ready.result()

    @property
    def is_closed(self) -> bool:
        """Whether it can fork nothing any more."""
        return self._is_lost

    @property
    def running(self) -> int:
        """How many children have not exited."""
        return len(self._children)

    async def _when_ready(self) -> Zygote:
        try:
            await self._ready
        except BaseException:
            self._kill()
            await asyncio.shield(self.closed)
            raise
        return self

    def _kill(self) -> None:
        """End it although it does not listen: it hangs in an import."""
        if self._process is not None:
            self._process.kill()
        elif self.pid is not None and not self.closed.done():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def _request(
        self,
        entry: str,
        payload: bytes,
        fds: Sequence[int],
        limits: dict[str, int],
        derive: bool = False,
        alone: bool = False,
    ) -> Child:
        child = Child(self._loop)
        if self._is_lost:
            _close_all(fds)
            child.lost(ZygoteFailed("the zygote is gone"))
            return child
        self._next_id += 1
        self._children[self._next_id] = child
        request = Fork(self._next_id, entry, payload, len(fds), limits, derive, alone)
        self._send(frame(request), fds)
        return child

    def _send(self, data: bytes, fds: Sequence[int]) -> None:
        self._outbox.append((data, fds))
        if len(self._outbox) == 1:
            self._flush()

    def _flush(self) -> None:
        while self._outbox:
            data, fds = self._outbox[0]
            try:
                sent = send_with_fds(self._sock, data, fds)
            except BlockingIOError:
                self._loop.add_writer(self._sock, self._flush)
                return
            except OSError:
                self._loop.call_soon(self._lose, "the zygote is gone")
                break
            _close_all(fds)
            if sent < len(data):
                self._outbox[0] = (data[sent:], ())
            else:
                self._outbox.popleft()
        self._loop.remove_writer(self._sock)

    def _on_readable(self) -> None:
        try:
            is_open = self._receiver.receive()
        except BlockingIOError:
            return
        except OSError:
            is_open = False
        for message in self._receiver.messages():
            self._take(message)
        if not is_open:
            self._lose("the zygote ended")

    def _take(self, message: object) -> None:
        match message:
            case Forked(id=id, pid=pid, error=None):
                self._children[id].started.set_result(pid)
            case Forked(id=id, error=error):
                self._children.pop(id).lost(ZygoteFailed(f"cannot fork: {error}"))
            case Exited(id=id, status=status, max_rss_kb=max_rss_kb):
                self._children.pop(id).exited.set_result(Exit(status, max_rss_kb))
            case Ready(threads=threads):
                self._ready.set_result(threads)
            case Broken(error=error):
                self._ready.set_exception(ZygoteFailed(error))

    def _lose(self, why: str) -> None:
        if self._is_lost:
            return
        self._is_lost = True
        self._loop.remove_reader(self._sock)
        self._loop.remove_writer(self._sock)
        self._sock.close()
        for _, fds in self._outbox:
            _close_all(fds)
        self._outbox.clear()
        error = ZygoteFailed(why)
        for child in self._children.values():
            child.lost(error)
        self._children.clear()
        if not self._ready.done():
            self._ready.set_exception(error)
        self._bury()

    def _bury(self) -> None:
        """Reap the process: it has closed its socket, so it is as good as gone."""
        if self.pid is None:
            self.closed.set_result(None)
            return
        pidfd = os.pidfd_open(self.pid)

        def reap() -> None:
            self._loop.remove_reader(pidfd)
            os.close(pidfd)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self.pid or 0, 0)
            self.closed.set_result(None)

        self._loop.add_reader(pidfd, reap)


def _close_all(fds: Sequence[int]) -> None:
    for fd in fds:
        os.close(fd)


def _memory_file(name: str) -> IO[bytes]:
    return open(os.memfd_create(name), "w+b")


def _content(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()
