"""A whole installation with its tasks, for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.trial import Trial


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    """Two schedulers, processor, worker and service, and runs under way."""
    trial = Trial(tmp_path, seed=0, under_way=12)
    try:
        trial.start()
        yield trial
    finally:
        trial.close()
