"""The DAG that is open in this thread (`with DAG(...)`), and the file that is being loaded."""

from __future__ import annotations

import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from hubflow.sdk.exceptions import InvalidDag

ID_LENGTH = 250
_ID = re.compile(r"[\w.-]+")


class TaskHolder(ABC):
    """What operators know of the DAG that they belong to."""

    dag_id: str
    default_args: dict[str, Any]
    params: dict[str, Any]
    warnings: list[str]
    task_groups: dict[str, Any]
    """Task groups by id."""
    edge_labels: dict[tuple[str, str], str]
    """(upstream task id, downstream task id) -> text."""
    implied_edges: set[tuple[str, str]]
    """Edges that no author has written out."""

    @abstractmethod
    def add_task(self, task: Any) -> None:
        """Take a task in; raises DuplicateTaskId."""

    @abstractmethod
    def has_task(self, task_id: str) -> bool:
        """Say whether there is such a task."""


class Loading:
    """Collects the DAGs that a file opens with `with DAG(...)` while it is being loaded.

    `forgives_duplicates` lets an edge be declared twice, with a warning (SEMANTICS 0.2, C1).
    """

    def __init__(self, file: str, *, forgives_duplicates: bool = False) -> None:
        self.file = file
        self.forgives_duplicates = forgives_duplicates
        self.opened: list[TaskHolder] = []


_open_dags: ContextVar[tuple[TaskHolder, ...]] = ContextVar("hubflow_open_dags", default=())
_loading: ContextVar[Loading | None] = ContextVar("hubflow_loading", default=None)


def current_dag() -> TaskHolder | None:
    """Return the innermost DAG that is open."""
    dags = _open_dags.get()
    return dags[-1] if dags else None


def push(dag: TaskHolder) -> None:
    """Open a DAG: operators made from now on belong to it."""
    _open_dags.set((*_open_dags.get(), dag))
    if (loading := _loading.get()) is not None:
        loading.opened.append(dag)


def pop() -> None:
    """Close the innermost DAG."""
    _open_dags.set(_open_dags.get()[:-1])


def loading() -> Loading | None:
    """Return the file that is being loaded in this thread, or None."""
    return _loading.get()


@contextmanager
def load(file: str, *, forgives_duplicates: bool = False) -> Iterator[Loading]:
    """Mark ``file`` as being loaded, with no DAG open."""
    record = Loading(file, forgives_duplicates=forgives_duplicates)
    file_token, dags_token = _loading.set(record), _open_dags.set(())
    try:
        yield record
    finally:
        _loading.reset(file_token)
        _open_dags.reset(dags_token)


@contextmanager
def nothing_open() -> Iterator[None]:
    """Make operators that belong to no DAG, whatever is open around."""
    token = _open_dags.set(())
    try:
        yield
    finally:
        _open_dags.reset(token)


def whence() -> tuple[str, int | None]:
    """Return the file and line that make this DAG: in the file being loaded, if one is."""
    record = _loading.get()
    frame = sys._getframe(2)
    caller = frame
    while record is not None and frame is not None:
        if frame.f_code.co_filename == record.file:
            return record.file, frame.f_lineno
        frame = frame.f_back  # type: ignore[assignment]
    return (record.file, None) if record else (caller.f_code.co_filename, caller.f_lineno)


def check_id(kind: str, value: object) -> str:
    """Return a DAG or task id, or say what is wrong with it (SEMANTICS 1.1)."""
    if not isinstance(value, str):
        raise TypeError(f"The {kind} has to be a string and is {type(value).__name__}: {value!r}")
    if len(value) > ID_LENGTH:
        raise InvalidDag(f"The {kind} has to be at most {ID_LENGTH} characters, not {len(value)}")
    if not _ID.fullmatch(value) or not value.strip("."):
        raise InvalidDag(
            f"The {kind} ({value!r}) has to be made of letters, digits, dashes, dots and "
            "underscores exclusively, and not of dots alone"
        )
    return value
