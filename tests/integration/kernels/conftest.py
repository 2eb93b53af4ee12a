"""Fixtures of the notebook tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from .notebooks import NotebookHome


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NotebookHome:
    monkeypatch.setenv("HUBFLOW_HOME", str(tmp_path / "home"))
    return NotebookHome(tmp_path / "home")
