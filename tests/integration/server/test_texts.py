"""Texts that every list carries have a limit."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from hubflow.db import orm
from integration.server.conftest import RUN
from integration.server.service import Service

NOTE, TEXT = "n" * 1_001, "d" * 5_001
ETL = f"/dags/etl/dagRuns/{quote(RUN, safe='')}"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", f"{ETL}/setNote", {"note": NOTE}),
        ("PATCH", f"{ETL}/taskInstances/load/setNote", {"note": NOTE}),
        ("POST", "/dags/etl/dagRuns", {"note": NOTE}),
        ("POST", "/variables", {"key": "k", "value": "v", "description": TEXT}),
        ("POST", "/pools", {"name": "p", "slots": 1, "description": TEXT}),
        ("PATCH", "/pools/default_pool", {"description": TEXT}),
        ("POST", "/connections", {"connection_id": "c", "conn_type": "x", "description": TEXT}),
    ],
)
def test_text_that_is_too_long_is_400(
    service: Service, etl: orm.Dag, method: str, path: str, body: dict[str, object]
) -> None:
    assert service.writer.request(method, path, json=body).status_code == 400
    cut = {name: text[:-1] if text in (NOTE, TEXT) else text for name, text in body.items()}
    fits = service.writer.request(method, path, json=cut)
    assert fits.status_code == 200, fits.text
