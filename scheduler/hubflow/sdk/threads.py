"""Threads for triggers: what blocks must not run in the event loop that all of them share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar, copy_context
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")
# A call that takes too long keeps its thread, but not its place.
THREADS_A_PLACE = 4


class Room:
    """Places for checks that run at once: each in a thread, or in a process of its own.

    Parameters
    ----------
    places : how many at once; the others wait for their turn.
    limit_s : seconds that one may take, before TimeoutError.
    on_worn_out : called when as many threads as there are spare ones do not come back.
    """

    def __init__(
        self, places: int = 16, limit_s: float = 60.0, on_worn_out: Callable[[], None] | None = None
    ) -> None:
        self._limit_s = limit_s
        self._on_worn_out = on_worn_out
        self._spare = places * (THREADS_A_PLACE - 1)
        self._places = asyncio.Semaphore(places)
        self._pool = ThreadPoolExecutor(places * THREADS_A_PLACE, thread_name_prefix="check")
        self._stuck: set[Future[Any]] = set()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for a place, and hold it; raises TimeoutError when that takes too long."""
        async with self._places, asyncio.timeout(self._limit_s):
            yield

    async def in_thread(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Return what ``function`` returns, called in a thread."""
        async with self.place():
            call = partial(copy_context().run, function, *args, **kwargs)
            submitted = self._pool.submit(call)
            try:
                return await asyncio.wrap_future(submitted)
            finally:
                if submitted.running():
                    self._leave(submitted)

    def _leave(self, submitted: Future[Any]) -> None:
        """Count a thread that nobody waits for any more, until it comes back."""
        self._stuck.add(submitted)
        submitted.add_done_callback(self._stuck.discard)
        if len(self._stuck) >= self._spare and self._on_worn_out is not None:
            self._on_worn_out()


_room: ContextVar[Room | None] = ContextVar("hubflow_room", default=None)


@contextmanager
def use_room(room: Room) -> Iterator[None]:
    """Let checks take their places in ``room``."""
    token = _room.set(room)
    try:
        yield
    finally:
        _room.reset(token)


def current_room() -> Room:
    """Return the room of the process that runs triggers; one of its own for anybody else."""
    return _room.get() or Room()


async def in_thread(function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Call a function that blocks from a trigger, without holding up the others.

    Raises TimeoutError when it takes longer than `Worker.trigger_check_s`.
    """
    return await current_room().in_thread(function, *args, **kwargs)
