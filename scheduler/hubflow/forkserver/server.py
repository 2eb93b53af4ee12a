"""The zygote: one thread, one selector, no signal handler.

Run as `python -m hubflow.forkserver FD PRELOAD…`; FD is its end of the control socket. A
PRELOAD is a module to import, or "module:function" to import and call. When the control socket
closes, the owner is gone: all children are killed with their process groups.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import select
import selectors
import signal
import socket
import threading
import traceback
from collections.abc import Callable, Sequence
from time import monotonic
from typing import NamedTuple

from hubflow.forkserver import child
from hubflow.forkserver.sessions import kill_session, signal_child
from hubflow.forkserver.wire import (
    Answer,
    Broken,
    Exited,
    Fork,
    Forked,
    Question,
    Ready,
    Receiver,
    frame,
)

# Derived zygotes see the end of their own socket and kill their children themselves; one that
# hangs in an import does not.
ORPHAN_GRACE_S = 2.0


class _Child(NamedTuple):
    id: int
    """That of its request; 0 for what an `alone` child left behind."""
    pid: int
    pidfd: int
    is_zygote: bool = False
    is_alone: bool = False


class Server:
    """Serve fork requests until the owner closes the socket, or retires us."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._receiver = Receiver(control, Question)
        self._selector = selectors.DefaultSelector()
        self._children: dict[int, _Child] = {}
        self._retiring = False
        self._deadline: float | None = None

    def prepare(self, load: Callable[[], object]) -> None:
        """Import with the collector off, then move everything out of its sight.

        A collection in a child would touch, and so copy, every page that it shares with us.
        """
        gc.disable()
        try:
            load()
        except BaseException:
            self._send(Broken(traceback.format_exc()))
            os._exit(1)
        gc.collect()
        gc.freeze()
        self._send(Ready(threading.active_count()))

    def serve(self) -> None:
        self._selector.register(self._control, selectors.EVENT_READ)
        while self._children or not self._retiring:
            ready = self._selector.select(self._time_left())
            if not ready:
                self._kill_children(zygotes=True)
                return
            for key, _ in ready:
                if key.fd == self._control.fileno():
                    self._take_requests()
                else:
                    self._reap(self._children[key.fd])

    def _time_left(self) -> float | None:
        return None if self._deadline is None else max(0.0, self._deadline - monotonic())

    def _send(self, answer: Answer) -> None:
        # An owner that is gone shows as the end of the stream, where we act on it.
        with contextlib.suppress(OSError):
            self._control.sendall(frame(answer))

    def _take_requests(self) -> None:
        try:
            is_open = self._receiver.receive()
        except ConnectionError:
            is_open = False
        if not is_open:
            self._end()
        for message in self._receiver.messages():
            if isinstance(message, Fork):
                fds = self._receiver.take_fds(message.fds)
                if self._has_owner():
                    self._fork(message, fds)
                else:
                    _close_all(fds)
            else:
                self._retiring = True

    def _has_owner(self) -> bool:
        """Say whether whoever asked still lives. What a dead worker asked for was given up by its
        successor: it must not run, however long we could not look."""
        poll = select.poll()
        poll.register(self._control, 0)
        return not poll.poll(0)

    def _fork(self, request: Fork, fds: list[int]) -> None:
        parent = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:
            self._send(Forked(request.id, 0, str(error)))
            pid = -1
        if pid == 0:
            self._become_child(request, fds, parent)
        _close_all(fds)
        if pid > 0:
            self._adopt(request, pid)

    def _adopt(self, request: Fork, pid: int) -> None:
        self._watch(_Child(request.id, pid, os.pidfd_open(pid), request.derive, request.alone))
        self._send(Forked(request.id, pid))

    def _watch(self, born: _Child) -> None:
        self._children[born.pidfd] = born
        self._selector.register(born.pidfd, selectors.EVENT_READ)

    def _become_child(self, request: Fork, fds: Sequence[int], parent: int) -> None:
        self._selector.close()
        self._control.close()
        for sibling in self._children.values():
            os.close(sibling.pidfd)
        if request.alone:
            # Daemons that it starts become its children, not ours, until it ends.
            child.prctl(child.PR_SET_CHILD_SUBREAPER, 1)
        if not request.derive:
            child.run(request.entry, request.payload, fds, request.limits, parent)
        child.run("hubflow.forkserver.server:derive", _pair(request), fds, {}, parent)

    def _reap(self, gone: _Child) -> None:
        # The leader is still a zombie here, so its number cannot belong to a stranger.
        signal_child(gone.pid, signal.SIGKILL)
        if not _ended_well(gone.pid):
            kill_session(gone.pid)  # It could not end its commands any more.
        _, status, usage = os.wait4(gone.pid, 0)
        self._selector.unregister(gone.pidfd)
        os.close(gone.pidfd)
        del self._children[gone.pidfd]
        if gone.id:
            self._send(Exited(gone.id, status, usage.ru_maxrss))
        for pid in self._orphans():
            if gone.is_alone:
                os.kill(pid, signal.SIGKILL)
                self._watch(_Child(0, pid, os.pidfd_open(pid), is_alone=True))
            else:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)

    def _orphans(self) -> set[int]:
        """Return what children left behind: as a subreaper we inherit it."""
        return _own_children() - {known.pid for known in self._children.values()}

    def _end(self) -> None:
        self._selector.unregister(self._control)
        self._retiring = True
        self._deadline = monotonic() + ORPHAN_GRACE_S
        self._kill_children(zygotes=False)

    def _kill_children(self, *, zygotes: bool) -> None:
        for running in self._children.values():
            if zygotes or not running.is_zygote:
                signal_child(running.pid, signal.SIGKILL)


def _ended_well(pid: int) -> bool:
    """Say whether a zombie has exited with status 0."""
    found = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    return found is not None and found.si_code == os.CLD_EXITED and found.si_status == 0


def _close_all(fds: Sequence[int]) -> None:
    for fd in fds:
        os.close(fd)


def _own_children() -> set[int]:
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            return {int(pid) for pid in file.read().split()}
    except OSError:
        return set()


def _pair(request: Fork) -> bytes:
    return request.entry.encode() + b"\0" + request.payload


def derive(pair: bytes, fds: tuple[int, ...]) -> None:
    """Entry of a derived zygote: call the real entry with its payload, then serve."""
    entry, _, payload = pair.partition(b"\0")
    server = Server(socket.socket(fileno=fds[0]))
    child.prctl(child.PR_SET_CHILD_SUBREAPER, 1)
    server.prepare(lambda: child.resolve(entry.decode())(payload, fds[1:]))
    server.serve()


def preload(names: Sequence[str]) -> None:
    """Import each module; call each "module:function"."""
    for name in names:
        if ":" in name:
            child.resolve(name)()
        else:
            importlib.import_module(name)


def main(argv: Sequence[str]) -> None:
    """Run a zygote; see the module's docstring."""
    os.setsid()  # A Ctrl-C in the terminal is for our owner, who tells us.
    os.closerange(int(argv[0]) + 1, os.sysconf("SC_OPEN_MAX"))  # What our owner let slip.
    child.prctl(child.PR_SET_CHILD_SUBREAPER, 1)
    server = Server(socket.socket(fileno=int(argv[0])))
    server.prepare(lambda: preload(argv[1:]))
    server.serve()
