"""The relay alone: a real Jupyter server in front of a service that the test plays."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import httpx
import pytest
import websocket
from tornado.httpserver import HTTPServer
from tornado.iostream import StreamClosedError
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketHandler

from hubflow_server.bodies import MOST_BODY_BYTES
from integration.handshake import ELSEWHERE, handshake
from integration.hub.hub import free_ports
from integration.server.jupyter import HEADERS, TOKEN, JupyterServer
from waiting import LIMIT_S, wait_for

PREFIX = "/services/hubflow"
HUB_TOKEN = "the-server's-own"


class Echo(RequestHandler):
    """Says what it was sent."""

    def get(self) -> None:
        self.set_header("Set-Cookie", "session=secret")
        self.set_header("X-From-Service", "yes")
        body = {"headers": dict(self.request.headers), "uri": self.request.uri}
        self.finish(body)

    def head(self) -> None:
        self.set_header("Content-Length", "1234")

    def post(self) -> None:
        self.set_status(201)
        self.finish(self.request.body)


class Endless(RequestHandler):
    """Writes for ever; remembers when somebody stops to read."""

    left = threading.Event()

    async def get(self) -> None:
        while True:
            self.write("tick\n")
            try:
                await self.flush()
            except StreamClosedError:
                self.left.set()
                return
            await asyncio.sleep(0.05)


class Packed(RequestHandler):
    def get(self) -> None:
        self.set_header("Content-Encoding", "gzip")
        self.finish(gzip.compress(b"unpacked"))


class Stream(WebSocketHandler):
    """Greets with the token it was shown, echoes, and closes with a code of its own."""

    closed = threading.Event()

    def open(self) -> None:
        self.write_message(self.request.headers["Authorization"])

    def on_message(self, message: str | bytes) -> None:
        if message == "bye":
            self.close(4008, "too slow")
        else:
            self.write_message(message, isinstance(message, bytes))

    def on_close(self) -> None:
        self.closed.set()


class Upstream:
    """The service's side, in a thread."""

    def __init__(self) -> None:
        self._ready: Future[int] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._ready.result(LIMIT_S)}{PREFIX}"

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        api = f"{PREFIX}/api/v1"
        rules = [
            (f"{api}/echo.*", Echo),
            (f"{api}/endless", Endless),
            (f"{api}/packed", Packed),
            (f"{api}/events", Stream),
        ]
        server = HTTPServer(Application(rules))
        sockets = bind_sockets(0, "127.0.0.1")
        server.add_sockets(sockets)
        self._ready.set_result(sockets[0].getsockname()[1])
        await self._stop.wait()
        server.stop()
        await server.close_all_connections()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(LIMIT_S)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    upstream = Upstream()
    variables = {"HUBFLOW_URL": upstream.url, "JUPYTERHUB_API_TOKEN": HUB_TOKEN}
    server = JupyterServer(tmp_path_factory.mktemp("relay"), variables)
    yield server
    server.stop()
    upstream.close()


@pytest.fixture
def client(server: JupyterServer) -> Iterator[httpx.Client]:
    url = f"{server.url}/hubflow/api/v1"
    with httpx.Client(base_url=url, headers=HEADERS, timeout=LIMIT_S) as client:
        yield client


def test_service_sees_the_servers_token_and_nothing_of_the_browser(client: httpx.Client) -> None:
    headers = {"Cookie": "a=b", "X-XSRFToken": "t", "X-Mine": "1", "Keep-Alive": "x"}
    answer = client.get("/echo", params={"q": "a b"}, headers=headers)
    seen = {name.lower(): value for name, value in answer.json()["headers"].items()}
    assert seen["authorization"] == f"token {HUB_TOKEN}"
    assert seen["x-mine"] == "1"
    assert not {"cookie", "x-xsrftoken", "keep-alive"} & set(seen)
    assert answer.headers["X-From-Service"] == "yes"
    assert "session=secret" not in answer.headers.get("Set-Cookie", "")


def test_path_stays_percent_encoded(client: httpx.Client) -> None:
    url = "/echo/a%2Fb%20c%3A+"
    assert client.get(url).json()["uri"] == f"{PREFIX}/api/v1{url}"


def test_the_experimental_api_is_not_relayed(server: JupyterServer) -> None:
    url = f"{server.url}/hubflow/api/experimental/dags/etl/paused/true"
    answer = httpx.get(url, headers=HEADERS, timeout=LIMIT_S)
    assert (answer.status_code, "Hub token" in answer.json()["detail"]) == (404, True)


def test_bodies_and_statuses_pass(client: httpx.Client) -> None:
    answer = client.post("/echo", content=b"x" * 1_000_000)
    assert (answer.status_code, len(answer.content)) == (201, 1_000_000)
    assert client.post("/echo").status_code == 201
    assert client.get("/packed").text == "unpacked"
    assert client.get("/nothing").status_code == 404


def test_head_passes_with_the_length_that_get_would_have(client: httpx.Client) -> None:
    answer = client.head("/echo")
    assert (answer.status_code, answer.headers["Content-Length"]) == (200, "1234")


def test_body_that_the_service_would_refuse_is_413(client: httpx.Client) -> None:
    answer = client.post("/echo", content=b"x" * (MOST_BODY_BYTES + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")
    assert "16 MB" in answer.json()["detail"]


def test_stream_arrives_as_it_is_written_and_ends_with_the_browser(client: httpx.Client) -> None:
    Endless.left.clear()
    with client.stream("GET", "/endless") as answer:
        assert next(answer.iter_text()).startswith("tick")
    wait_for(Endless.left.is_set, "the service to hear that the browser left")


def test_stream_of_events_passes_both_ways_with_the_close_code(server: JupyterServer) -> None:
    url = server.url.replace("http", "ws") + "/hubflow/api/v1/events"
    connection = websocket.create_connection(url, header=HEADERS, timeout=LIMIT_S)
    assert connection.recv() == f"token {HUB_TOKEN}"
    connection.send("hello")
    assert connection.recv() == "hello"
    connection.send("bye")
    opcode, data = connection.recv_data()
    assert (opcode, int.from_bytes(data[:2])) == (websocket.ABNF.OPCODE_CLOSE, 4008)
    connection.shutdown()


def test_service_hears_when_the_page_closes(server: JupyterServer) -> None:
    url = server.url.replace("http", "ws") + "/hubflow/api/v1/events"
    connection = websocket.create_connection(url, header=HEADERS, timeout=LIMIT_S)
    connection.recv()
    Stream.closed.clear()
    connection.close()
    wait_for(Stream.closed.is_set, "the service to hear that the page closed")


@pytest.mark.parametrize("query", ["", "?token=junk"])
def test_stream_takes_the_cookie_from_our_origin_only(server: JupyterServer, query: str) -> None:
    url = f"/hubflow/api/v1/events{query}"
    with httpx.Client(base_url=server.url, follow_redirects=True) as browser:
        browser.get("/login", params={"token": TOKEN})
        Stream.closed.clear()
        assert handshake(browser, url, Origin=ELSEWHERE) == 403
        wait_for(Stream.closed.is_set, "the service to hear that nobody came")
        assert handshake(browser, url, Origin=server.url) == 101


def test_strangers_are_turned_away_here(server: JupyterServer) -> None:
    answer = httpx.get(f"{server.url}/hubflow/api/v1/echo")
    assert (answer.status_code, answer.json()["code"]) == (401, "not-authenticated")
    refused = httpx.get(
        f"{server.url}/hubflow/api/v1/echo", headers={"Cookie": "username-x=forged"}
    )
    assert refused.status_code == 401


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:{port}/services/hubflow"])
def test_service_that_is_away_is_a_clear_502(tmp_path: Path, url: str) -> None:
    variables = {"JUPYTERHUB_API_TOKEN": HUB_TOKEN}
    if url:
        variables["HUBFLOW_URL"] = url.format(port=free_ports(1)[0])
    server = JupyterServer(tmp_path, variables)
    try:
        answer = httpx.get(f"{server.url}/hubflow/api/v1/health", headers=HEADERS)
        assert (answer.status_code, answer.json()["code"]) == (502, "service-away")
        assert "hubflow service" in json.loads(answer.text)["detail"]
    finally:
        server.stop()
