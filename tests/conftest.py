"""Fixtures that every kind of test shares."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from traitlets.config import Config

from hubflow.config import Core
from hubflow.db import migrate
from hubflow.db.engine import Database

pytest_plugins = ["servers.fixtures"]


@pytest.fixture
def core(tmp_path: Path, database_url: str) -> Core:
    """Settings of a fresh home, with its folders made."""
    settings = {"home": str(tmp_path / "home"), "database_url": database_url}
    core = Core(config=Config({"Core": settings}))
    core.paths.make()
    return core


@pytest.fixture
def database(core: Core) -> Iterator[Database]:
    """A migrated database: SQLite in the home, or what the tests were told to use."""
    database = Database(core)
    migrate.upgrade(database)
    yield database
    database.dispose()
