"""The servers as fixtures: one of each for all tests of a run, started by the first that asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from servers import mariadb, postgres


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Postgres]:
    with closing(postgres.Postgres()) as server:
        yield server


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[mariadb.MariaDB]:
    with closing(mariadb.MariaDB()) as server:
        yield server
