"""Databases on each of the servers, whatever the other tests use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from servers.schemas import KINDS, Opened, Schemas, Server


@pytest.fixture(scope="session")
def schemas_of(request: pytest.FixtureRequest) -> dict[str, Schemas]:
    """Lenders of databases by name of the server, each made when it is needed."""
    return {}


@pytest.fixture(params=list(KINDS))
def server(request: pytest.FixtureRequest) -> Server:
    """Each of the servers."""
    found: Server = request.getfixturevalue(f"{KINDS[request.param].__name__.lower()}_server")
    return found


@pytest.fixture
def schemas(server: Server, schemas_of: dict[str, Schemas]) -> Schemas:
    return schemas_of.setdefault(type(server).__name__, Schemas(server))


@pytest.fixture
def served(schemas: Schemas) -> Iterator[Opened]:
    """A clean database on each of the servers."""
    with schemas.borrow() as url:
        opened = Opened(url)
        yield opened
        opened.close()
