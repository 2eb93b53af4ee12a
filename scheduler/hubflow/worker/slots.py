"""Which tries run now, and which wait for their turn: first come, first served."""

from __future__ import annotations

import asyncio
from collections import deque
from itertools import chain

from hubflow.execution.messages import TryKey
from hubflow.worker.supervisor import Try


class Slots:
    """Begins a try as soon as fewer than ``count`` run, and none of the same task instance: one
    that was given up for lost may take a while to end. `empty` is set while none is known.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._known: dict[TryKey, Try] = {}
        self._waiting: deque[Try] = deque()
        self._running: dict[int, TryKey] = {}
        self._held_back: dict[int, deque[Try]] = {}
        """Task instance -> tries that wait for the end of the one that runs."""
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
        for attempt in chain(self._waiting, *self._held_back.values()):
            self._known.pop(attempt.key, None)
        self._waiting.clear()
        self._held_back.clear()
        for attempt in tuple(self._known.values()):
            attempt.kill(reason, grace_s)
        if not self._known:
            self.empty.set()

    def finished(self, attempt: Try) -> None:
        """Forget a try, and give its slot to the next."""
        del self._known[attempt.key]
        instance = attempt.key.task_instance_id
        if self._running.get(instance) == attempt.key:
            del self._running[instance]
            self._waiting.extendleft(reversed(self._held_back.pop(instance, ())))
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
                if attempt.key not in self._known:
                    continue
                instance = attempt.key.task_instance_id
                if instance in self._running:
                    self._held_back.setdefault(instance, deque()).append(attempt)
                    continue
                self._running[instance] = attempt.key
                attempt.begin()
        finally:
            self._is_filling = False
