"""The event stream: pages for scripts, a WebSocket for pages in a browser."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any

import msgspec
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from hubflow.clock import utcnow
from hubflow.errors import HubflowError
from hubflow.services import events
from hubflow.services.dto import EventDto, FollowLog, UnfollowLog
from hubflow_server import http_errors
from hubflow_server.base import HubflowHandler
from hubflow_server.feed import Subscription
from hubflow_server.follow import follow_log
from hubflow_server.requests import FollowEvents, ReadEvents

MOST_REPLAYED = 1000
TOO_SLOW = 4008
BAD_MESSAGE = 4000
PING_S = 20
log = logging.getLogger(__name__)


class EventsHandler(HubflowHandler, WebSocketHandler):
    """GET gives a page; a WebSocket gets everything that happens, after what it missed."""

    async def get(self, *args: Any, **kwargs: Any) -> None:
        """A page of events, or the upgrade to a WebSocket."""
        if self.request.headers.get("Upgrade", "").lower() == "websocket":
            self._after = self.query(FollowEvents).after
            await super().get(*args, **kwargs)
            return
        query = self.query(ReadEvents)
        self.reply(await self.call(events.list_page, query.after, query.limit))

    @property
    def ping_interval(self) -> float:
        return PING_S

    def check_origin(self, origin: str) -> bool:
        """Cookies come along from any page, so those need our own origin.

        A page of another origin can add a query argument but no header, so only the header
        tells a script that sends a token.
        """
        return "Authorization" in self.request.headers or super().check_origin(origin)

    def open(self, *args: str, **kwargs: str) -> None:
        self._following: asyncio.Task[None] | None = None
        self._sending = asyncio.create_task(self._send_all())

    def on_close(self) -> None:
        self._sending.cancel()
        self._unfollow()

    def on_message(self, message: str | bytes) -> None:
        try:
            request = msgspec.json.decode(message, type=FollowLog | UnfollowLog)
        except msgspec.DecodeError:
            self.close(BAD_MESSAGE, "a message is neither follow_log nor unfollow_log")
            return
        self._unfollow()
        if isinstance(request, FollowLog):
            self._following = asyncio.create_task(self._follow(request))

    def _unfollow(self) -> None:
        if self._following is not None:
            self._following.cancel()
            self._following = None

    async def _send_all(self) -> None:
        with contextlib.suppress(WebSocketClosedError):
            hidden = events.hidden_kinds(self.caller)
            with self.site.feed.subscribed(hidden) as subscription:
                await self._send("hello", {"last_id": subscription.last_id})
                await self._replay(subscription)
                while not subscription.is_slow:
                    for message in await subscription.take():
                        await self.write_message(message)
            self.close(TOO_SLOW, "this page reads too slowly; reload it")

    async def _replay(self, subscription: Subscription) -> None:
        """Send what happened since ``after``; a page that missed too much has to load anew."""
        if self._after is None or self._after == subscription.last_id:
            return
        bounds = await self.run(lambda: events.bounds(self.site.backend))
        missed = subscription.last_id - self._after
        if not 0 <= missed <= MOST_REPLAYED or self._after < bounds.first - 1:
            await self._send("reset", {"last_id": subscription.last_id})
            return
        page = await self.call(events.list_page, self._after, missed)
        for event in page.events:
            if event.id is not None and event.id <= subscription.last_id:
                await self.write_message(msgspec.json.encode(event))

    async def _follow(self, request: FollowLog) -> None:
        with contextlib.suppress(WebSocketClosedError):
            try:
                async for chunk in follow_log(self, request):
                    await self._send("log", msgspec.to_builtins(chunk))
            except HubflowError as exc:
                await self._send("error", msgspec.to_builtins(http_errors.problem(exc)))
            except Exception:
                log.exception("a log could not be followed")

    async def _send(self, kind: str, data: Any) -> None:
        event = EventDto(id=None, kind=kind, at=utcnow(), dag_id=data.get("dag_id"), data=data)
        await self.write_message(msgspec.json.encode(event))
