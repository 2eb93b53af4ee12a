"""How much a request may bring: a body that is too large is read to its end and answered with 413.

Tornado alone would hang up in the middle, which proxies before us tell as a service that is away.
"""

from __future__ import annotations

from collections.abc import Awaitable

import msgspec
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    HTTPServerConnectionDelegate,
    RequestStartLine,
    ResponseStartLine,
)

from hubflow.services.dag_archives import MOST_BYTES
from hubflow_server import http_errors
from hubflow_server.errors import BodyTooLarge

MOST_BODY_BYTES = 16 * 2**20
# What unpacks to the most an archive may hold is hardly larger packed, whatever is in it.
MOST_ARCHIVE_BYTES = MOST_BYTES + 2 * 2**20
ARCHIVES = "/api/dags/"
_WHATEVER = 2**62


def most_bytes(path: str) -> int:
    """Return how large the body of a request for this path may be."""
    return MOST_ARCHIVE_BYTES if path.partition("?")[0].endswith(ARCHIVES) else MOST_BODY_BYTES


class BodyLimit(HTTPServerConnectionDelegate):
    """What an HTTPServer serves instead of the application itself."""

    def __init__(self, application: HTTPServerConnectionDelegate) -> None:
        self._application = application

    def start_request(
        self, server_conn: object, request_conn: HTTPConnection
    ) -> HTTPMessageDelegate:
        return _Limited(self._application.start_request(server_conn, request_conn), request_conn)

    def on_close(self, server_conn: object) -> None:
        self._application.on_close(server_conn)


class _Limited(HTTPMessageDelegate):
    """One request on its way to the application."""

    def __init__(self, request: HTTPMessageDelegate, connection: HTTPConnection) -> None:
        self._request = request
        self._connection = connection
        self._most = self._left = 0
        self._is_refused = False

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        assert isinstance(start_line, RequestStartLine)
        self._most = self._left = most_bytes(start_line.path)
        self._connection.set_max_body_size(_WHATEVER)  # type: ignore[attr-defined]
        length = headers.get("Content-Length", "")
        self._is_refused = length.isdecimal() and int(length) > self._most
        return None if self._is_refused else self._request.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        self._left -= len(chunk)
        if not self._is_refused and self._left < 0:
            self._is_refused = True
            self._request.on_connection_close()  # it lets go of what it has read
        return None if self._is_refused else self._request.data_received(chunk)

    def finish(self) -> None:
        if not self._is_refused:
            self._request.finish()
            return
        problem = http_errors.problem(BodyTooLarge(self._most))
        body = msgspec.json.encode(problem)
        headers = HTTPHeaders(
            {"Content-Type": http_errors.CONTENT_TYPE, "Content-Length": str(len(body))}
        )
        start = ResponseStartLine("HTTP/1.1", problem.status, problem.title)
        self._connection.write_headers(start, headers, body)
        self._connection.finish()

    def on_connection_close(self) -> None:
        if not self._is_refused:
            self._request.on_connection_close()
