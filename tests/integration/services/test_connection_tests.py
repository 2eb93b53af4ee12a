"""Limits of trying connections."""

from __future__ import annotations

import pytest

from hubflow.config import Core, Service
from hubflow.db.engine import Database
from hubflow.services.access import ALL, Actor
from hubflow.services.connection_tests import try_out
from hubflow.services.dto import TestConnection
from hubflow.services.unit import Backend

BODY = TestConnection(conn_type="nobody", host="127.0.0.1", port=1)


@pytest.mark.parametrize(
    ("limit_s", "message"),
    [(0.0, "switched off"), (0.001, "no answer within 0.001 s"), (30.0, "does not answer")],
)
def test_a_try_ends_in_time(core: Core, database: Database, limit_s: float, message: str) -> None:
    backend = Backend(database, core.paths, Service(connection_test_s=limit_s))
    found = try_out(backend, Actor("ada", ALL), BODY)
    assert found.status is False
    assert message in found.message
