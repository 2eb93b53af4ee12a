"""A real engine for every test."""

from collections.abc import Iterator

import pytest

from engine import Engine
from hubflow.config import Core
from hubflow.db.engine import Database


@pytest.fixture
def engine(core: Core, database: Database) -> Iterator[Engine]:
    """Scheduler, processor and worker, started and stopped."""
    engine = Engine(core, database)
    engine.start_all()
    yield engine
    engine.close()
