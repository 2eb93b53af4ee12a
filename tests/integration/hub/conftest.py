"""One Hub for all tests: starting one takes seconds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import seed
from integration.hub.hub import Hub, Person


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    folder = tmp_path_factory.mktemp("hub")
    seed.main(str(folder / "hubflow"))
    hub = Hub(folder)
    yield hub
    hub.close()


@pytest.fixture(scope="session")
def ada(hub: Hub) -> Iterator[Person]:
    """A member of hubflow-developers."""
    person = hub.login("ada")
    yield person
    person.close()


@pytest.fixture(scope="session")
def bob(hub: Hub) -> Iterator[Person]:
    """A user in no group."""
    person = hub.login("bob")
    yield person
    person.close()


@pytest.fixture(scope="session")
def boss(hub: Hub) -> Iterator[Person]:
    """An admin of the Hub, in no group of hubflow."""
    person = hub.login("boss")
    yield person
    person.close()
