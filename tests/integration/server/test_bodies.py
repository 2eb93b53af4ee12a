"""What requests bring: too much of it, and what is no JSON."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from hubflow.config import Core
from hubflow.db import orm
from hubflow_server.bodies import MOST_ARCHIVE_BYTES, MOST_BODY_BYTES
from integration.server.service import LIMIT_S, Service

BLOCK = b"x" * 2**20


def blocks(count: int) -> Iterator[bytes]:
    return (BLOCK for _ in range(count))


@pytest.mark.parametrize("length", [{"Content-Length": str(MOST_BODY_BYTES + len(BLOCK))}, {}])
def test_body_that_is_too_large_is_413_on_a_connection_that_lives(
    service: Service, length: dict[str, str]
) -> None:
    url = f"{service.url}/variables"
    answer = service.writer.post(url, content=blocks(17), headers=length)
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "16 MB" in answer.json()["detail"]
    assert service.writer.get("/health").status_code == 200


def test_archive_may_be_larger_but_not_without_end(service: Service, core: Core) -> None:
    core.paths.make()
    url = f"{service.origin}/hubflow/api/dags/"
    answer = service.writer.post(url, files={"sources": b"x" * (MOST_BODY_BYTES + 1)})
    assert (answer.status_code, "no tar.gz" in answer.json()["detail"]) == (400, True)
    answer = service.writer.post(url, content=blocks(MOST_ARCHIVE_BYTES // len(BLOCK) + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


def test_large_archive_of_somebody_without_rights_is_heard_to_its_end(service: Service) -> None:
    url = f"{service.origin}/hubflow/api/dags/"
    assert service.reader.post(url, content=blocks(40)).status_code == 403
    assert service.stranger.post(url, content=blocks(40)).status_code == 401


def test_who_leaves_in_the_middle_of_a_body_that_is_too_large_harms_nobody(
    service: Service,
) -> None:
    host, _, port = service.origin.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=LIMIT_S) as connection:
        connection.sendall(
            b"POST /hubflow/api/v1/variables HTTP/1.1\r\nHost: x\r\n"
            b"Content-Length: 99999999\r\n\r\n" + BLOCK
        )
    assert service.writer.get("/health").status_code == 200


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"dag_run_id": "\xff\xfe"}', "not JSON"),
        (b'{"conf": {"a": ' + b"[" * 5_000 + b"]" * 5_000 + b"}}", "one in another"),
        (b'{"conf": {"a": ' + b"[" * 200 + b"]" * 200 + b"}}", "one in another"),
        (b'{"conf": {"a": ' + b"[" * 500_000, "one in another"),
    ],
)
def test_what_is_no_json_is_400(service: Service, etl: orm.Dag, body: bytes, said: str) -> None:
    answer = service.writer.post("/dags/etl/dagRuns", content=body)
    assert (answer.status_code, said in answer.json()["detail"]) == (400, True), answer.text
