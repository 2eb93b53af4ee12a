"""Read the log of one try, page by page."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import msgspec

from hubflow import tasklog
from hubflow.db.queries import dag_runs, task_instances
from hubflow.errors import NotFound
from hubflow.services.access import Actor, Permission
from hubflow.services.dto import LogDto
from hubflow.services.unit import Backend, reading
from hubflow.states import FINISHED, TaskState

REMOVED = "This log was removed: the run is older than logs are kept (Retention.details_days).\n"
OVER = FINISHED | {TaskState.UP_FOR_RETRY}


class TryLog(NamedTuple):
    """Where the log of a try lies below the log folder, and whether it may still grow.

    `is_removed` says that the run is so old that its logs are gone. `error` is what ended the try.
    """

    relative: str
    is_over: bool
    is_removed: bool = False
    error: str | None = None

    def path(self, logs: Path) -> Path:
        return logs / self.relative


def locate(
    backend: Backend,
    actor: Actor,
    dag_id: str,
    run_id: str,
    task_id: str,
    try_number: int,
    map_index: int | None = None,
) -> TryLog:
    """Find the log of a try; of a mapped task, without ``map_index`` that of the first instance.

    Raises DagRunNotFound, TaskNotFound, NotFound.
    """
    with reading(backend, actor, Permission.DAGS_READ) as session:
        run = dag_runs.get(session, dag_id, run_id).run
        instance = task_instances.get(session, run, dag_id, task_id, map_index)
        if not 1 <= try_number <= max(1, instance.try_number):
            raise NotFound(f"task {task_id!r} of run {run_id!r} has no try {try_number}")
        tried = task_instances.find_try(session, instance, try_number)
    over = tried.state in OVER if tried else try_number < instance.try_number
    relative = tasklog.relative_path(
        dag_id, task_id, run.execution_date, try_number, instance.map_index
    )
    return TryLog(relative, over, run.is_thinned, tried.error if tried else None)


def page(backend: Backend, log: TryLog, offset: int) -> tasklog.LogPage:
    """Read the part of a log that starts at byte ``offset``.

    A try that ended before it wrote a line, as one that cannot be expanded, has its error there.
    """
    if log.is_removed:
        return _instead(REMOVED, offset)
    found = tasklog.read_page(backend.paths.logs, log.relative, offset)
    if log.is_over and log.error and not found.size:
        return _instead(f"This try wrote no log. {log.error}\n", offset)
    return found


def _instead(text: str, offset: int) -> tasklog.LogPage:
    size = len(text.encode())
    return tasklog.LogPage(text if offset <= 0 else "", size, size)


def read_whole(backend: Backend, log: TryLog, offset: int) -> LogDto:
    """Return all that a log has now, as one page."""
    pages = [read(backend, log, offset)]
    while pages[-1].content:
        pages.append(read(backend, log, int(pages[-1].continuation_token)))
    return msgspec.structs.replace(pages[-1], content="".join(one.content for one in pages))


def read(backend: Backend, log: TryLog, offset: int) -> LogDto:
    """Return one page of a log that `locate` has found."""
    found = page(backend, log, offset)
    at_end = log.is_over and found.next_offset >= found.size
    return LogDto(content=found.text, continuation_token=str(found.next_offset), is_complete=at_end)
