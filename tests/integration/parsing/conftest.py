"""The stage of the processor's tests."""

from __future__ import annotations

import pytest

from hubflow.config import Core
from hubflow.db.engine import Database
from integration.parsing.indexed_folder import Stage


@pytest.fixture
def stage(core: Core, database: Database) -> Stage:
    return Stage(core, database)
