"""Try one connection in a process of its own: `python -m hubflow.hooks.try_connection`.

Reads a JSON object of fields from standard input; writes {"status", "message"} as its last line.
Drivers may hang, crash or print: whoever starts this has a time limit, and reads that line alone.
"""

from __future__ import annotations

import json
import socket
import sys
from typing import Any, NamedTuple

import msgspec

from hubflow.connection_uri import ConnectionFields
from hubflow.errors import HubflowError
from hubflow.questions import GetConnections, Question
from hubflow.sdk import hook_types
from hubflow.sdk.connection import Connection, find_connections
from hubflow.sdk.runtime import LoadingRuntime, use_runtime

# No connection of people's: the environment must not hide the one that is tried.
NAME = "hubflow_connection_under_test"
TIMEOUT_S = 5.0
_PORTS = {"http": 80, "https": 443, "postgres": 5432, "mysql": 3306, "ssh": 22, "sftp": 22}


class Finding(NamedTuple):
    status: bool
    message: str


def attempt(fields: ConnectionFields) -> Finding:
    """Let the hook of this type log in; without one that can see whether anybody listens."""

    def answer(question: Question) -> Any:
        if not isinstance(question, GetConnections) or question.conn_id != NAME:
            raise HubflowError("only the connection itself is known here")
        return [{"conn_id": NAME, **msgspec.structs.asdict(fields)}]

    with use_runtime(LoadingRuntime(answer)):
        (connection,) = find_connections(NAME)
        hook = hook_types.find(fields.conn_type)
        if hasattr(hook, "test_connection"):
            return Finding(*connection.test_connection())
        without = f"{hook.__name__} cannot test connections" if hook else None
        return _listens(connection, without or f"Unknown hook type {connection.conn_type}")


def _listens(connection: Connection, why: str) -> Finding:
    host = (connection.host or "").rpartition("://")[2].partition("/")[0]
    port = connection.port or _PORTS.get(connection.conn_type or "")
    if not host or not port:
        return Finding(False, f"{why}, and no host and port to look at")
    try:
        socket.create_connection((host, port), TIMEOUT_S).close()
    except OSError as exc:
        return Finding(False, f"{host}:{port} does not answer: {exc.strerror or exc}")
    return Finding(True, f"{host}:{port} answers; nobody has logged in, for want of a hook")


def main() -> int:
    """Entry of the process."""
    fields = msgspec.json.decode(sys.stdin.buffer.read(), type=ConnectionFields)
    found = attempt(fields)
    print("\n" + json.dumps(found._asdict()), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
