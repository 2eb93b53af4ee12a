"""The relay in user servers: forwards `hubflow/api/…` to the service with the server's own token.

Neither the browser's cookies nor its tokens reach the service, and none of the service's cookies
reach the browser.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable
from typing import Any

import httpx
import msgspec
from jupyter_server.base.handlers import JupyterHandler
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError
from tornado.websocket import (
    WebSocketClientConnection,
    WebSocketClosedError,
    WebSocketHandler,
    websocket_connect,
)

from hubflow.config import RelayTarget
from hubflow.errors import NotAuthenticated
from hubflow_server import http_errors
from hubflow_server.bodies import most_bytes
from hubflow_server.errors import BodyTooLarge, ServiceAway, ServiceSlow

CONNECT_S = 5.0
ANSWER_S = 60.0
PING_S = 20
MOST_MESSAGE_BYTES = 16 * 2**20
GOING_AWAY = 1001
# Hop-by-hop headers (RFC 9110 7.6.1), and what each side keeps to itself.
HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
# What a browser says of where it comes from is for the proxies that we know, not for it to claim.
CLAIMS = {"x-real-ip", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-scheme"}
KEPT_HERE = (
    HOP_BY_HOP | CLAIMS | {"host", "content-length", "cookie", "authorization", "x-xsrftoken"}
)
KEPT_THERE = HOP_BY_HOP | {"set-cookie", "server", "date"}
log = logging.getLogger(__name__)


def make_client() -> httpx.AsyncClient:
    """Return the HTTP client that all relayed requests share."""
    return httpx.AsyncClient(
        timeout=httpx.Timeout(ANSWER_S, connect=CONNECT_S),
        limits=httpx.Limits(max_connections=200, max_keepalive_connections=20),
        trust_env=False,
    )


class RelayHandler(WebSocketHandler, JupyterHandler):
    """Forward one request, or one WebSocket, for the user of this Jupyter server."""

    def initialize(self, target: RelayTarget, client: httpx.AsyncClient, prefix: str) -> None:
        self.target = target
        self.client = client
        self.prefix = prefix
        self.upstream: WebSocketClientConnection | None = None
        self.fetching: asyncio.Task[None] | None = None

    async def prepare(self, **ignored: Any) -> None:
        await JupyterHandler.prepare(self, _redirect_to_login=False)
        if self.current_user is None:
            raise NotAuthenticated("log in to this Jupyter server first")
        if not self.target.url:
            raise ServiceAway()
        if self.request.path.startswith(f"{self.prefix}/api/experimental"):
            # It has GETs that change things: here any page could have a browser send them.
            raise HTTPError(404, reason="ask the hubflow service itself, with a Hub token")
        if len(self.request.body) > (most := most_bytes(self.request.path)):
            raise BodyTooLarge(most)

    @property
    def upstream_url(self) -> str:
        """The same path, still percent-encoded, below the service's address."""
        return self.target.url + (self.request.uri or "").removeprefix(self.prefix)

    async def get(self, *args: Any, **kwargs: Any) -> None:
        if self.request.headers.get("Upgrade", "").lower() == "websocket":
            upstream = self.upstream = await self._connect()
            try:
                await WebSocketHandler.get(self, *args, **kwargs)
            finally:  # `on_close` hears nothing of a handshake that was refused
                upstream.close()
        else:
            await self._forward()

    async def _forward(self, *args: Any) -> None:
        self.fetching = asyncio.create_task(self._fetch())
        try:
            await self.fetching
        except asyncio.CancelledError:
            # The browser left; whoever else cancels us must not be held up.
            if not self.request.connection.stream.closed():  # type: ignore[union-attr]
                raise

    head = post = put = patch = delete = _forward

    def on_connection_close(self) -> None:
        """Stop asking the service for what nobody waits for."""
        if self.fetching is not None:
            self.fetching.cancel()
        super().on_connection_close()

    async def _fetch(self) -> None:
        headers = dropped(self.request.headers.get_all(), KEPT_HERE)
        headers.append(("Authorization", f"token {self.target.token}"))
        try:
            async with self.client.stream(
                self.request.method or "GET",
                self.upstream_url,
                headers=headers,
                content=self.request.body or None,
            ) as response:
                await self._answer(response)
        except httpx.ConnectError as exc:
            raise ServiceAway() from exc
        except httpx.TimeoutException as exc:
            raise ServiceSlow(ANSWER_S) from exc
        except httpx.TransportError as exc:
            if self._headers_written:  # too late for another answer: break this one off
                self.request.connection.close()  # type: ignore[union-attr]
                return
            raise ServiceAway() from exc

    async def _answer(self, response: httpx.Response) -> None:
        self.set_status(response.status_code, response.reason_phrase)
        self.clear_header("Content-Type")
        for name, value in dropped(response.headers.multi_items(), KEPT_THERE):
            self.set_header(name, value)
        with contextlib.suppress(StreamClosedError):
            if self.request.method == "HEAD":
                await self.flush()  # `finish` would write the length of the body that is not there
            async for chunk in response.aiter_raw():
                self.write(chunk)
                await self.flush()
            await self.finish()

    # ---- WebSocket

    def check_origin(self, origin: str = "") -> bool:
        return JupyterHandler.check_origin(self, origin)

    @property
    def ping_interval(self) -> float:
        return PING_S

    async def _connect(self) -> WebSocketClientConnection:
        request = HTTPRequest(
            "ws" + self.upstream_url.removeprefix("http"),
            headers={"Authorization": f"token {self.target.token}"},
            connect_timeout=CONNECT_S,
            request_timeout=CONNECT_S,
        )
        try:
            return await websocket_connect(
                request, max_message_size=MOST_MESSAGE_BYTES, ping_interval=PING_S
            )
        except HTTPClientError as exc:
            raise HTTPError(exc.code, reason="the hubflow service refused the stream") from exc
        except OSError as exc:
            raise ServiceAway() from exc

    def open(self, *args: str, **kwargs: str) -> None:
        self.fetching = asyncio.create_task(self._pump())

    async def on_message(self, message: str | bytes) -> None:
        if self.upstream is not None:
            with contextlib.suppress(WebSocketClosedError):
                await self.upstream.write_message(message, isinstance(message, bytes))

    def on_close(self) -> None:
        if self.fetching is not None:
            self.fetching.cancel()
        if self.upstream is not None:
            self.upstream.close()

    async def _pump(self) -> None:
        """Hand on what the service says, no faster than the browser reads."""
        upstream = self.upstream
        if upstream is None:
            return
        with contextlib.suppress(WebSocketClosedError):
            while (message := await upstream.read_message()) is not None:
                await self.write_message(message, isinstance(message, bytes))
        self.close(upstream.close_code or GOING_AWAY, upstream.close_reason)

    # ---- errors

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        exc = kwargs["exc_info"][1] if "exc_info" in kwargs else HTTPError(status_code)
        problem = http_errors.problem(exc)
        self.set_status(problem.status)
        self.set_header("Content-Type", http_errors.CONTENT_TYPE)
        self.finish(msgspec.json.encode(problem))

    def log_exception(self, typ: Any, value: BaseException | None, tb: Any) -> None:
        if isinstance(value, (BodyTooLarge, ServiceAway, ServiceSlow)):
            log.warning("%s: %s", self.request.path, value)
        elif not isinstance(value, NotAuthenticated):
            super().log_exception(typ, value, tb)


def dropped(headers: Iterable[tuple[str, str]], names: frozenset[str]) -> list[tuple[str, str]]:
    """Return the headers without those named."""
    return [(name, value) for name, value in headers if name.lower() not in names]
