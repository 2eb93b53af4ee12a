"""What a task may ask of the world around it, and how it finds that world.

In a worker the Runtime is a channel to the supervisor; `LocalRuntime` keeps everything in memory.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from hubflow.clock import utcnow
from hubflow.questions import Question
from hubflow.sdk.exceptions import HubflowException
from hubflow.sdk.xcom import LIMIT_BYTES, XComFound, XComQuery, XComValue


class Runtime(Protocol):
    """The services of one try. Calls may block; they raise HubflowException when refused."""

    xcom_limit_bytes: int
    """How large a pushed value may be, encoded."""

    def push_xcom(
        self, value: XComValue, execution_date: datetime | None = None, task_id: str | None = None
    ) -> None:
        """Store a value under this task instance; the last one for a key stays.

        ``execution_date`` hides it until the run of that date; ``task_id`` is another task of
        this run, whose value it becomes.
        """

    def pull_xcoms(self, query: XComQuery) -> list[XComFound]:
        """Return what matches, newest first (latest execution date, then latest stored).

        Values that this try pushed before count as stored.
        """

    def report_progress(self, done: int, total: int, text: str = "") -> None:
        """Show how far the try is; may be dropped."""

    def add_artifact(self, kind: str, path: str) -> None:
        """Name a file that the try leaves behind, relative to the artifact folder."""

    def show_rendered(self, fields: dict[str, str]) -> None:
        """Show what the template fields became; does not wait until that is stored."""

    def ask(self, question: Question) -> Any:
        """Return the answer to anything else: a variable, a connection, a run of another DAG."""


_runtime: ContextVar[Runtime | None] = ContextVar("hubflow_runtime", default=None)
# Threads that user code starts see no context variables: for them, the last one that was set.
_newest: list[Runtime] = []


def current_runtime() -> Runtime:
    """Return the Runtime of the task that runs here; raises outside of a task."""
    runtime = _runtime.get() or (_newest[-1] if _newest else None)
    if runtime is None:
        raise HubflowException(
            "this works only inside a running task, or in a DAG file as it loads"
        )
    return runtime


@contextmanager
def use_runtime(runtime: Runtime) -> Iterator[None]:
    """Make ``runtime`` the current one, also for threads that are started meanwhile."""
    token = _runtime.set(runtime)
    _newest.append(runtime)
    try:
        yield
    finally:
        _newest.remove(runtime)
        _runtime.reset(token)


class LoadingRuntime:
    """The Runtime of a DAG file while it is imported: it may ask, and has no task to push for."""

    xcom_limit_bytes = 0

    def __init__(self, answer: Callable[[Question], Any]) -> None:
        self._answer = answer

    def push_xcom(
        self, value: XComValue, execution_date: datetime | None = None, task_id: str | None = None
    ) -> None:
        raise HubflowException("a DAG file has no XComs while it loads; push them in a task")

    def pull_xcoms(self, query: XComQuery) -> list[XComFound]:
        raise HubflowException("a DAG file has no XComs while it loads; pull them in a task")

    def report_progress(self, done: int, total: int, text: str = "") -> None:
        """Do nothing: nobody looks at the progress of an import."""

    def add_artifact(self, kind: str, path: str) -> None:
        raise HubflowException("a DAG file leaves no artifacts behind while it loads")

    def show_rendered(self, fields: dict[str, str]) -> None:
        """Do nothing: no task runs while a file loads."""

    def ask(self, question: Question) -> Any:
        return self._answer(question)


AsyncAnswers = Callable[[Question], Awaitable[Any]]
_async_answers: ContextVar[AsyncAnswers | None] = ContextVar("hubflow_answers", default=None)


async def ask_async(question: Question) -> Any:
    """Ask as a trigger, without holding up the others; raises HubflowException when refused."""
    answers = _async_answers.get()
    if answers is None:
        raise HubflowException("this works only inside a running trigger")
    return await answers(question)


@contextmanager
def use_async_answers(answers: AsyncAnswers) -> Iterator[None]:
    """Let ``answers`` answer what triggers ask."""
    token = _async_answers.set(answers)
    try:
        yield
    finally:
        _async_answers.reset(token)


class _Stored(NamedTuple):
    execution_date: datetime
    order: int
    task_id: str
    value: XComValue
    map_index: int
    at: datetime


class XComStore:
    """The XComs of one DAG in memory, shared by the `LocalRuntime`s of its tasks."""

    def __init__(self) -> None:
        self._rows: dict[tuple[datetime, str, int, str], _Stored] = {}
        self._count = 0

    def put(
        self, execution_date: datetime, task_id: str, value: XComValue, map_index: int = -1
    ) -> None:
        self._count += 1
        row = _Stored(execution_date, self._count, task_id, value, map_index, utcnow())
        self._rows[execution_date, task_id, map_index, value.key] = row

    def find(self, query: XComQuery) -> list[XComFound]:
        rows = sorted(self._rows.values(), key=lambda row: row[:2], reverse=True)
        return [
            XComFound(
                row.task_id,
                row.value.key,
                row.value.encoding,
                row.value.data,
                row.execution_date,
                row.at,
                row.map_index,
            )
            for row in rows
            if self._matches(row, query)
        ][: query.limit]

    @staticmethod
    def _matches(row: _Stored, query: XComQuery) -> bool:
        if query.include_prior_dates:
            is_in_time = row.execution_date <= query.execution_date
        else:
            is_in_time = row.execution_date == query.execution_date
        return (
            is_in_time
            and (query.key is None or row.value.key == query.key)
            and (query.task_ids is None or row.task_id in query.task_ids)
            and (query.map_indexes is None or row.map_index in query.map_indexes)
        )


class LocalRuntime:
    """A Runtime in this process, for `hubflow dags test` and tests.

    ``answer`` answers what `ask` is asked.
    """

    xcom_limit_bytes = LIMIT_BYTES

    def __init__(
        self,
        store: XComStore,
        task_id: str,
        execution_date: datetime,
        answer: Callable[[Question], Any] | None = None,
        map_index: int = -1,
    ) -> None:
        self._map_index = map_index
        self._store = store
        self._answer = answer
        self._task_id = task_id
        self._execution_date = execution_date
        self.artifacts: dict[str, str] = {}
        self.progress: tuple[int, int, str] | None = None
        self.rendered: dict[str, str] = {}

    def push_xcom(
        self, value: XComValue, execution_date: datetime | None = None, task_id: str | None = None
    ) -> None:
        date = execution_date or self._execution_date
        index = self._map_index if task_id is None else -1
        self._store.put(date, task_id or self._task_id, value, index)

    def pull_xcoms(self, query: XComQuery) -> list[XComFound]:
        return self._store.find(query)

    def report_progress(self, done: int, total: int, text: str = "") -> None:
        self.progress = (done, total, text)

    def add_artifact(self, kind: str, path: str) -> None:
        self.artifacts[kind] = path

    def show_rendered(self, fields: dict[str, str]) -> None:
        self.rendered = fields

    def ask(self, question: Question) -> Any:
        if self._answer is None:
            raise HubflowException(f"nobody is here who could answer a {type(question).__name__}")
        return self._answer(question)
