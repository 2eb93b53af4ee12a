"""The servers as fixtures: one of each for all tests of a run, started by the first that asks.

HUBFLOW_TEST_DATABASE says where the tests of hubflow itself keep their data: `sqlite`,
`postgresql` or `mariadb`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from hubflow.db import dialects
from servers import mariadb, postgres
from servers.schemas import CHOSEN, KINDS, Schemas


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Postgres]:
    with closing(postgres.Postgres()) as server:
        yield server


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[mariadb.MariaDB]:
    with closing(mariadb.MariaDB()) as server:
        yield server


@pytest.fixture(scope="session")
def chosen_schemas(request: pytest.FixtureRequest) -> Schemas | None:
    """Databases of the server that the tests were told to use; None for SQLite."""
    if CHOSEN == "sqlite":
        return None
    name = KINDS[CHOSEN].__name__.lower()
    return Schemas(request.getfixturevalue(f"{name}_server"))


@pytest.fixture
def database_url(chosen_schemas: Schemas | None, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A clean database for one test and the processes that it starts; empty for SQLite."""
    if chosen_schemas is None:
        yield ""
        return
    # That a transaction rests too long is for tests of its own: here it would depend on what else
    # the machine does.
    monkeypatch.setattr(dialects, "IDLE_TRANSACTION_S", 60)
    with chosen_schemas.borrow() as url:
        monkeypatch.setenv("HUBFLOW_DATABASE_URL", url)
        yield url


@pytest.fixture
def bare_url(chosen_schemas: Schemas | None) -> Iterator[str]:
    """A database without tables; empty for SQLite."""
    if chosen_schemas is None:
        yield ""
        return
    with chosen_schemas.borrow_bare() as url:
        yield url


@pytest.fixture
def sqlite_only() -> None:
    """Skip a test of what SQLite alone has."""
    if CHOSEN != "sqlite":
        pytest.skip("this test is about SQLite itself")
