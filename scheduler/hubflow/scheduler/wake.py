"""When to look again: a heap of due times, and the signal that ends a wait."""

from __future__ import annotations

import asyncio
import heapq
from datetime import datetime

Key = tuple[str, int]


class DueHeap:
    """Keys with the time at which each is due; setting a key again replaces its time."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, Key]] = []
        self._due: dict[Key, tuple[datetime, int]] = {}
        self._count = 0

    def set(self, key: Key, at: datetime | None) -> None:
        """Make ``key`` due at ``at``; None forgets it."""
        if at is None:
            self._due.pop(key, None)
            return
        self._count += 1
        self._due[key] = (at, self._count)
        heapq.heappush(self._heap, (at, self._count, key))

    def next_at(self) -> datetime | None:
        """Return the earliest due time."""
        while self._heap and self._is_stale(self._heap[0]):
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def pop_due(self, now: datetime) -> list[Key]:
        """Remove and return the keys due at or before ``now``, earliest first."""
        due = []
        while (at := self.next_at()) is not None and at <= now:
            key = heapq.heappop(self._heap)[2]
            del self._due[key]
            due.append(key)
        return due

    def _is_stale(self, entry: tuple[datetime, int, Key]) -> bool:
        return self._due.get(entry[2]) != (entry[0], entry[1])


class Alarm:
    """Ends a wait early. `ring` may be called any number of times, only in the loop's thread."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        self._event.set()

    async def wait(self, timeout_s: float) -> bool:
        """Wait until rung, at most ``timeout_s`` seconds; returns whether it was rung."""
        if not self._event.is_set() and timeout_s > 0:
            try:
                async with asyncio.timeout(timeout_s):
                    await self._event.wait()
            except TimeoutError:
                return False
        rung = self._event.is_set()
        self._event.clear()
        return rung
