"""What a DAG file needs that is not here: read from why it cannot be imported, or its tasks."""

from __future__ import annotations

import re
from collections.abc import Iterable

from hubflow.compat.finder import NameUnknown
from hubflow.sdk.dag import DAG
from hubflow.sdk.unavailable import UnavailableOperator

_NAME_FROM = re.compile(r"cannot import name '(\w+)' from '([\w.]+)'")
_STORED = (
    (re.compile(r"Variable (\S+) does not exist"), "the variable {}"),
    (re.compile(r"The conn_id `(.+?)` isn't defined"), "the connection {}"),
)


def of_error(error: BaseException | None) -> list[str]:
    """Return what is missing; empty if the file itself is at fault."""
    if isinstance(error, NameUnknown):
        return [str(error.name)]
    if isinstance(error, ModuleNotFoundError):
        return [f"the Python package {(error.name or '?').partition('.')[0]}"]
    if isinstance(error, ImportError):
        found = _NAME_FROM.search(str(error))
        return [f"{found[2]}.{found[1]}"] if found else []
    for pattern, words in _STORED:
        if found := pattern.search(str(error)):
            return [words.format(found[1])]
    return []


def of_dags(dags: Iterable[DAG]) -> list[str]:
    """Return what tasks need to be run, each once."""
    tasks = [task for dag in dags for task in dag.tasks]
    return sorted({task.needs for task in tasks if isinstance(task, UnavailableOperator)})
