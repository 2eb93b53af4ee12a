"""Processes that a task forks, as `multiprocessing` does, end by SIGTERM as any other would.

They inherit the task's handler, which would call `on_kill` once more and raise in their midst. It
is taken from them at their first moment, with the signal blocked around the fork: Python drops
signals that reach a child before it is ready for its own.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

Handler = Callable[[int, FrameType | None], None]

_handlers: list[Handler] = []
_before = threading.local()


@contextmanager
def handling_sigterm(handler: Handler) -> Iterator[None]:
    """Handle SIGTERM in this process alone. Only in the main thread."""
    _register_once()
    _handlers.append(handler)
    before = signal.signal(signal.SIGTERM, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
        _handlers.remove(handler)


_is_registered = False


def _register_once() -> None:
    global _is_registered
    if not _is_registered:
        _is_registered = True
        os.register_at_fork(
            before=_block, after_in_parent=_unblock, after_in_child=_begin_as_a_child
        )


def _block() -> None:
    _before.mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])


def _unblock() -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, _before.mask)


def _begin_as_a_child() -> None:
    if signal.getsignal(signal.SIGTERM) in _handlers:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _unblock()
