"""Arguments that DAG files may give and that change nothing yet: said aloud, not passed over.

A DAG that relies on `access_control` must not stand open without a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Argument -> the value that asks for nothing.
OF_DAGS: Mapping[str, Any] = {
    "access_control": None,
}


def of_dag(dag: object) -> list[str]:
    """Return a warning for each argument of a DAG that is given in vain."""
    return [
        f"DAG argument {name!r} has no effect yet"
        for name, value in OF_DAGS.items()
        if getattr(dag, name) != value
    ]
