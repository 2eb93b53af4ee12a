"""A database of variables and connections for whoever asks in this process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fakes import StoredValues
from hubflow.sdk.runtime import LoadingRuntime, use_runtime


@pytest.fixture
def stored() -> Iterator[StoredValues]:
    """Values that code in this test finds, as a DAG file does while it is imported."""
    values = StoredValues()
    with use_runtime(LoadingRuntime(values.answer)):
        yield values
