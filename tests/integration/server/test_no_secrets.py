"""No answer of the API, no event, no audit entry and no log of the service holds a secret."""

from __future__ import annotations

import logging
import re

import pytest

from hubflow.db import orm
from hubflow_server.routes import ROUTES
from integration.server.service import Service

PASSWORD, TOKEN, VALUE, LOOSE = "pass-0816", "token-0817", "value-0818", "loose-0819"
SECRETS = (PASSWORD, TOKEN, VALUE, LOOSE)
NAMES = {
    "variable_key": "db_password",
    "connection_id": "dwh",
    "pool_name": "default_pool",
    "dag_id": "etl",
    "dag_run_id": "scheduled__2026-11-01T06:00:00+00:00",
    "run_id": "scheduled__2026-11-01T06:00:00+00:00",
    "task_id": "extract",
}


@pytest.fixture
def told(service: Service, etl: orm.Dag, caplog: pytest.LogCaptureFixture) -> list[str]:
    """Everything that was said when secrets were stored in every way."""
    caplog.set_level(logging.DEBUG)
    whole = {
        "connection_id": "dwh",
        "conn_type": "nobody_knows",
        "host": "127.0.0.1",
        "port": 1,
        "password": PASSWORD,
        "extra": f'{{"auth": {{"token": "{TOKEN}"}}}}',
    }
    loose = whole | {"connection_id": "loose", "extra": LOOSE}
    answers = [
        service.writer.post("/variables", json={"key": "db_password", "value": VALUE}),
        service.writer.patch("/variables/db_password", json={"value": f"{VALUE}2"}),
        service.writer.post("/connections", json=whole),
        service.writer.post("/connections", json=loose),
        service.writer.post("/connections?duplicate=true", json=whole),
        service.writer.patch("/connections/loose", json={"password": PASSWORD, "extra": LOOSE}),
        service.writer.post("/connections/test", json={"connection_id": "loose"}),
        service.writer.post("/connections/test", json=whole),
    ]
    assert all(answer.is_success for answer in answers)
    return [answer.text for answer in answers]


def test_no_answer_holds_a_secret(
    service: Service, told: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    for route in ROUTES:
        url = re.sub(r"\{(\w+)\}", lambda found: NAMES.get(found[1], "1"), route.path)
        told.append(service.writer.get(f"/{url}").text)
    told.append(service.writer.get("/connections/loose").text)
    told.append(service.writer.get("/events?limit=1000").text)
    told.append(service.writer.get("/eventLogs?limit=1000").text)
    told.append(caplog.text)
    for secret in SECRETS:
        assert secret not in "\n".join(told)


@pytest.mark.parametrize(
    ("method", "url"),
    [("POST", "/variables"), ("POST", "/connections"), ("PATCH", "/connections/dwh")],
)
@pytest.mark.parametrize(
    "body",
    [
        f'{{"key": "{VALUE}"',
        f'{{"key": 5, "value": "{VALUE}"}}',
        f'{{"connection_id": "x", "conn_type": "y", "password": ["{VALUE}"]}}',
        f'{{"connection_id": "dwh", "conn_type": "y", "extra": "********", "port": "{VALUE}"}}',
        f'"{VALUE}"',
    ],
)
def test_no_refusal_repeats_what_it_was_told(
    service: Service, method: str, url: str, body: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = service.writer.request(method, url, content=body)
    assert answer.status_code in {400, 404}
    assert VALUE not in answer.text + caplog.text
