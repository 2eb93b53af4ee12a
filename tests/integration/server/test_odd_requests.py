"""Whatever people send, nothing breaks: no answer above 499, every error a problem document."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hubflow_server.operations import Operation, Route
from hubflow_server.routes import ROUTES
from integration.server.conftest import RUN
from integration.server.service import Service

CASES = [
    pytest.param(route, method, operation, id=f"{method} {route.path}")
    for route in ROUTES
    for method, operation in route.operations.items()
]
ODD = [
    "etl",
    "extract",
    RUN,
    "1",
    "0",
    "-1",
    "~",
    "..",
    "%",
    "%00",
    "null",
    "é",
    "a/b",
    " ",
    "9" * 30,
]
SEGMENTS = st.sampled_from(ODD) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = SEGMENTS | st.integers().map(str) | st.sampled_from(["true", "false", "1e400", "running"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(-1e9, 1e9) | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


def fields(kind: type[msgspec.Struct] | None) -> list[str]:
    return [field.encode_name for field in msgspec.structs.fields(kind)] if kind else []


@pytest.mark.usefixtures("etl")
@pytest.mark.parametrize(("route", "method", "operation"), CASES)
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_odd_request_gets_a_clear_answer(
    service: Service, route: Route, method: str, operation: Operation, data: st.DataObject
) -> None:
    path = "/".join(
        quote(data.draw(SEGMENTS), safe="") if part.startswith("{") else part
        for part in route.path.split("/")
    )
    names = fields(operation.query)
    query: dict[str, Any] = (
        data.draw(st.dictionaries(st.sampled_from(names), VALUES)) if names else {}
    )
    known = fields(operation.body)
    body = data.draw(st.dictionaries(st.sampled_from(known), JSON) | JSON) if known else None
    answer: httpx.Response = service.writer.request(
        method, f"{service.url}/{path}", params=query, json=body
    )
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code
