"""Arguments that DAG files may give and that change nothing yet: said aloud, not passed over.

A DAG that relies on an `sla` must not run as if nothing were the matter without a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Argument -> the value that asks for nothing.
OF_DAGS: Mapping[str, Any] = {
    "access_control": None,
}
OF_TASKS: Mapping[str, Any] = {
    "queue": "default",
    "run_as_user": None,
}


def of_dag(dag: object) -> list[str]:
    """Return a warning for each argument of a DAG that is given in vain."""
    return [f"DAG argument {name!r} has no effect yet" for name in _given(dag, OF_DAGS)]


def of_task(task: object, task_id: str) -> list[str]:
    """Return a warning for each argument of a task that is given in vain."""
    return [
        f"Task {task_id!r}: argument {name!r} has no effect yet" for name in _given(task, OF_TASKS)
    ]


def _given(thing: object, quiet: Mapping[str, Any]) -> list[str]:
    return [name for name, value in quiet.items() if getattr(thing, name) != value]
