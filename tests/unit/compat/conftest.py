"""Airflow's names are answered in this process while a test runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from hubflow.compat import finder, plugins


@pytest.fixture(autouse=True)
def _airflow() -> Iterator[None]:
    path, modules = list(sys.path), set(sys.modules)
    finder.install()
    plugins.forget()
    yield
    finder.remove()
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        del sys.modules[name]
