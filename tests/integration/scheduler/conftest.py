"""Fixtures around `Stage`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hubflow.config import Core
from hubflow.db.engine import Database
from hubflow.serialization.model import SerializedDag
from integration.scheduler.stage import Stage, chain


@pytest.fixture
def stage(core: Core, database: Database) -> Stage:
    return Stage(core, database)


@pytest.fixture
def line(stage: Stage) -> Callable[[int], int]:
    """Add a DAG of tasks in a line; returns its key."""
    return lambda count: stage.add_dag(
        SerializedDag(dag_id="line", path="line.py", tasks=chain(count))
    )
