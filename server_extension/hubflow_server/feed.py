"""The one reader of the event stream in a service: it wakes on the scheduler's word and hands
every event to all WebSockets. Nobody else asks the database for news.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import msgspec

from hubflow.clock import utcnow
from hubflow.errors import DatabaseUnusable
from hubflow.events import ProgressDto
from hubflow.execution.client import WatcherClient
from hubflow.execution.messages import Committed, Transient
from hubflow.services import events, health
from hubflow.services.dto import EventDto, HealthDto
from hubflow.services.progress import InstanceKey
from hubflow.services.unit import Backend
from hubflow.states import FINISHED
from hubflow_server.log_watch import LogWatch

SAFETY_POLL_S = 1.0
HEALTH_EVERY_S = 5.0
# After an event, so that the number of running tasks does not lag behind what people see.
HEALTH_AFTER_S = 0.5
PAGE = 500
MOST_PENDING = 2000
T = TypeVar("T")
log = logging.getLogger(__name__)


class Subscription:
    """What one WebSocket has still to send. A reader that falls far behind is given up.

    ``hidden`` are the kinds of events that it does not get.
    """

    def __init__(self, last_id: int, hidden: frozenset[str] = frozenset()) -> None:
        self.last_id = last_id
        self.hidden = hidden
        self.is_slow = False
        self._pending: deque[bytes] = deque()
        self._ready = asyncio.Event()

    def put(self, message: bytes) -> None:
        if len(self._pending) >= MOST_PENDING:
            self.is_slow = True
            self._pending.clear()
        else:
            self._pending.append(message)
        self._ready.set()

    async def take(self) -> list[bytes]:
        """Wait for messages; returns none of them once `is_slow`."""
        await self._ready.wait()
        self._ready.clear()
        taken = list(self._pending)
        self._pending.clear()
        return taken


class EventFeed:
    """Reads events once and hands them to every subscription, in the order of their ids."""

    def __init__(self, backend: Backend) -> None:
        self.logs = LogWatch()
        self.last_id = 0
        self._backend = backend
        self._subscriptions: set[Subscription] = set()
        self._wake = asyncio.Event()
        self._news = asyncio.Event()
        self._dag_news: dict[str, asyncio.Event] = {}
        self._health: HealthDto | None = None
        self._health_at = 0.0
        self._health_is_old = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._watcher = WatcherClient(
            backend.paths.scheduler_socket, "service", self._on_message, self._wake.set
        )
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to follow the stream at its present end."""
        self._loop = asyncio.get_running_loop()
        self.last_id = (await asyncio.to_thread(events.bounds, self._backend)).last
        runs = (self._watcher.run(), self._pump(), self.logs.run())
        self._tasks = [asyncio.create_task(run) for run in runs]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def poke(self) -> None:
        """Tell the scheduler, and this feed, that something was written. From any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._poke)

    @contextlib.contextmanager
    def subscribed(self, hidden: frozenset[str] = frozenset()) -> Iterator[Subscription]:
        """Hear every event above the subscription's `last_id` that is not of a hidden kind."""
        subscription = Subscription(self.last_id, hidden)
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)

    def news_of(self, dag_id: str) -> asyncio.Event:
        """Return an event that the next change of this DAG sets; take a new one each time."""
        return self._dag_news.setdefault(dag_id, asyncio.Event())

    async def until(self, check: Callable[[], T | None], limit_s: float) -> T | None:
        """Run ``check`` (in a thread) after each change until it returns something, or time out."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                while True:
                    news = self._news
                    if (found := await asyncio.to_thread(check)) is not None:
                        return found
                    await news.wait()
        return None

    def _poke(self) -> None:
        self._watcher.poke()
        self._wake.set()

    def _on_message(self, message: Committed | Transient) -> None:
        if isinstance(message, Committed):
            if message.event_id > self.last_id:
                self._wake.set()
            return
        dag_id = message.data.get("dag_id")
        if message.kind == "progress":
            self._backend.progress.put(msgspec.convert(message.data, ProgressDto))
        self._publish(
            EventDto(id=None, kind=message.kind, at=utcnow(), dag_id=dag_id, data=message.data)
        )

    async def _pump(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SAFETY_POLL_S):
                    await self._wake.wait()
            self._wake.clear()
            try:
                await self._hand_out()
                await self._tell_health()
            except Exception as exc:
                traceback = not isinstance(exc, DatabaseUnusable)
                log.error("events could not be read; trying again: %s", exc, exc_info=traceback)
                await asyncio.sleep(SAFETY_POLL_S)

    async def _hand_out(self) -> None:
        while True:
            found = await asyncio.to_thread(events.read_after, self._backend, self.last_id, PAGE)
            for event in found:
                self.last_id = event.id or self.last_id
                self._forget_progress(event)
                self._publish(event)
                if waited := self._dag_news.pop(event.dag_id or "", None):
                    waited.set()
            if found:
                self._health_is_old = True
                self._news.set()
                self._news = asyncio.Event()
            if len(found) < PAGE:
                return

    def _publish(self, event: EventDto) -> None:
        if self._subscriptions:
            message = msgspec.json.encode(event)
            for subscription in self._subscriptions:
                if event.kind not in subscription.hidden:
                    subscription.put(message)

    def _forget_progress(self, event: EventDto) -> None:
        if event.kind == "run" and event.dag_id is not None:
            run_id = event.data["run"]["run_id"]
            for task in event.data["tasks"]:
                if task["state"] in FINISHED:
                    key = InstanceKey(event.dag_id, run_id, task["task_id"], task["map_index"])
                    self._backend.progress.forget(key)

    async def _tell_health(self) -> None:
        """Send the health when it changed; heartbeats alone are no news."""
        now = asyncio.get_running_loop().time()
        gap_s = HEALTH_AFTER_S if self._health_is_old else HEALTH_EVERY_S
        if not self._subscriptions or now - self._health_at < gap_s:
            return
        self._health_at, self._health_is_old = now, False
        found = await asyncio.to_thread(health.get, self._backend)
        if self._health is None or _gist(found) != _gist(self._health):
            data: Any = msgspec.to_builtins(found)
            self._publish(EventDto(id=None, kind="health", at=utcnow(), dag_id=None, data=data))
        self._health = found


def _gist(found: HealthDto) -> tuple[object, ...]:
    worker = found.worker
    return (
        found.scheduler.status,
        found.dag_processor.status,
        (worker.status, worker.slots, worker.running, worker.queued),
    )
