"""A real service in a thread, and a client that says who it is by header."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import httpx
import websocket
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import RequestHandler
from traitlets.config import Config

from hubflow.config import Core
from hubflow.services.access import ALL, READING, Actor
from hubflow_server.application import build_application, build_site
from hubflow_server.bodies import BodyLimit
from hubflow_server.site import Site

ACTORS = {"writer": Actor("ada", ALL), "reader": Actor("bob", READING)}
LIMIT_S = 20
FORGED = {"X-Real-Ip": "6.6.6.6", "X-Forwarded-For": "6.6.6.6, 7.7.7.7", "Forwarded": "for=6.6.6.6"}


class HeaderIdentity:
    """Knows two callers by the header `X-Who`; anybody else is anonymous."""

    async def identify(self, handler: RequestHandler) -> Actor | None:
        return ACTORS.get(handler.request.headers.get("X-Who", ""))


class Service:
    """The API at `url`; its loop runs in a thread of its own until `close`."""

    def __init__(self, core: Core) -> None:
        self._core = {"home": core.home, "database_url": core.database_url}
        self._ready: Future[tuple[Site, int]] = Future()
        # A test that fails before it closes us must not keep the others from being told.
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        self.site, port = self._ready.result(LIMIT_S)
        self.origin = f"http://127.0.0.1:{port}"
        self.address = f"127.0.0.1:{port}/hubflow/api/v1"
        self.url = f"http://{self.address}"
        self.writer, self.reader, self.stranger = (
            httpx.Client(base_url=self.url, headers={"X-Who": who}, timeout=LIMIT_S)
            for who in ("writer", "reader", "nobody")
        )

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        site = build_site(Config({"Core": self._core}), HeaderIdentity(), "/hubflow")
        server = HTTPServer(BodyLimit(build_application(site)))
        sockets = bind_sockets(0, "127.0.0.1")
        server.add_sockets(sockets)
        await site.feed.start()
        self._ready.set_result((site, sockets[0].getsockname()[1]))
        await self._stop.wait()
        server.stop()
        await server.close_all_connections()
        await site.feed.stop()
        site.close()

    def close(self) -> None:
        for client in (self.writer, self.reader, self.stranger):
            client.close()
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(LIMIT_S)

    @contextmanager
    def stream(self, query: str = "", **options: Any) -> Iterator[Stream]:
        """Open the event stream as the writer."""
        header = {"X-Who": "writer", **options.pop("header", {})}
        connection = websocket.create_connection(
            f"ws://{self.address}/events{query}", timeout=LIMIT_S, header=header, **options
        )
        try:
            yield Stream(connection)
        finally:
            connection.close()
            connection.shutdown()  # `close` leaves the socket open when the server closed first


class Stream:
    """The page's side of the event stream."""

    def __init__(self, connection: websocket.WebSocket) -> None:
        self.connection = connection

    def next(self, kind: str | None = None) -> dict[str, Any]:
        """Return the next message, or the next one of this kind."""
        while True:
            message: dict[str, Any] = json.loads(self.connection.recv())
            if kind is None or message["kind"] == kind:
                return message

    def send(self, message: dict[str, Any]) -> None:
        self.connection.send(json.dumps(message))


def address_in_audit_log(client: httpx.Client, dag_id: str = "hello_bash") -> str:
    """Pause a DAG with forged headers; return the address that the audit log has of it."""
    client.patch(f"/dags/{dag_id}", json={"is_paused": False})
    answer = client.patch(f"/dags/{dag_id}", json={"is_paused": True}, headers=FORGED)
    assert answer.status_code == 200, answer.text
    entry = client.get("/eventLogs", params={"limit": 1}).json()["event_logs"][0]
    assert (entry["event"], entry["dag_id"]) == ("paused", dag_id)
    return str(entry["source_ip"])
