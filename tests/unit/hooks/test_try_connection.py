"""What the process finds that tries a connection."""

from __future__ import annotations

import socket

import pytest

from hubflow.connection_uri import parse
from hubflow.hooks.base import BaseHook
from hubflow.hooks.http import HttpHook
from hubflow.hooks.try_connection import attempt
from hubflow.sdk import hook_types
from web import serve


class DoorHook(BaseHook):
    """Lets in whoever has the right password."""

    conn_name_attr = "door_conn_id"

    def __init__(self, door_conn_id: str) -> None:
        super().__init__()
        self.connection = self.get_connection(door_conn_id)

    def test_connection(self) -> tuple[bool, str]:
        if self.connection.password == "sesame":
            return True, "open"
        raise OSError(f"{self.connection.password} is wrong")


class MuteHook(BaseHook):
    """Cannot test anything."""


@pytest.fixture(autouse=True)
def hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"door": DoorHook, "mute": MuteHook, "http": HttpHook}
    monkeypatch.setattr(hook_types, "_hooks", known)


@pytest.mark.parametrize(
    ("uri", "status", "message"),
    [
        ("door://:sesame@h", True, "open"),
        ("door://:wrong-4711@h", False, "*** is wrong"),
        ("mute://h", False, "MuteHook cannot test connections, and no host and port to look at"),
        ("nobody://", False, "Unknown hook type nobody, and no host and port to look at"),
        ("nobody://h", False, "Unknown hook type nobody, and no host and port to look at"),
    ],
)
def test_the_hook_of_the_type_decides(uri: str, status: bool, message: str) -> None:
    assert attempt(parse(uri)) == (status, message)


def test_without_a_hook_somebody_has_to_listen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        found = attempt(parse(f"nobody://https://127.0.0.1:{port}/path"))
        assert (found.status, str(port) in found.message) == (True, True)
    assert attempt(parse(f"nobody://127.0.0.1:{port}")).status is False


def test_the_environment_hides_no_connection_that_is_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_DOOR_DEFAULT", "door://:wrong@h")
    assert attempt(parse("door://:sesame@h")).status is True


@pytest.mark.parametrize(
    ("answer", "status"), [(200, True), (404, True), (401, False), (403, False), (503, False)]
)
def test_web_server_is_asked_and_may_refuse_the_login(answer: int, status: bool) -> None:
    with serve() as web:
        web.answers["/"] = (answer, "")
        found = attempt(parse(f"http://ada:hunter2@127.0.0.1:{web.port}"))
    assert (found.status, f"answers {answer}" in found.message) == (status, True), found
    assert (web.sent[0].method, "Basic" in web.sent[0].headers["Authorization"]) == ("GET", True)


def test_hook_that_cannot_test_is_looked_at_from_outside() -> None:
    with serve() as web:
        found = attempt(parse(f"mute://127.0.0.1:{web.port}"))
    assert (found.status, "answers" in found.message) == (True, True)
