"""Which tries run now, and which wait for their turn: first come, first served."""

from __future__ import annotations

import asyncio
from collections import deque

from hubflow.execution.messages import TryKey
from hubflow.worker.supervisor import Try


class Slots:
    """Begins a try as soon as fewer than ``count`` run. `empty` is set while none is known."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._known: dict[TryKey, Try] = {}
        self._waiting: deque[Try] = deque()
        self._running: set[TryKey] = set()
        self._is_filling = False
        self.empty = asyncio.Event()
        self.empty.set()

    def __contains__(self, key: TryKey) -> bool:
        return key in self._known

    def keys(self) -> set[TryKey]:
        """Return the tries that wait or run."""
        return set(self._known)

    def add(self, attempt: Try) -> None:
        self._known[attempt.key] = attempt
        self.empty.clear()
        self._waiting.append(attempt)
        self._fill()

    def kill(self, key: TryKey, reason: str, grace_s: float, state: str) -> None:
        """End a try; one that is unknown is over already."""
        if attempt := self._known.get(key):
            attempt.kill(reason, grace_s, state)

    def end_all(self, reason: str, grace_s: float) -> None:
        """End what runs, and forget what waits: the scheduler launches that again."""
        for attempt in self._waiting:
            self._known.pop(attempt.key, None)
        self._waiting.clear()
        for attempt in tuple(self._known.values()):
            attempt.kill(reason, grace_s)
        if not self._known:
            self.empty.set()

    def finished(self, attempt: Try) -> None:
        """Forget a try, and give its slot to the next."""
        del self._known[attempt.key]
        self._running.discard(attempt.key)
        if not self._known:
            self.empty.set()
        self._fill()

    def _fill(self) -> None:
        # A try that cannot even start finishes inside `begin`: no recursion for that.
        if self._is_filling:
            return
        self._is_filling = True
        try:
            while self._waiting and len(self._running) < self._count:
                attempt = self._waiting.popleft()
                if attempt.key in self._known:
                    self._running.add(attempt.key)
                    attempt.begin()
        finally:
            self._is_filling = False
