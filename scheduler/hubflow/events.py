"""What the event stream carries: the structs that the scheduler and the processor write into
`event.data`, that the service sends on, and of which the views are made; and how they are filled.

Kinds with an id: "dag" (DagChanged), "run" (RunChanged), "import" (ImportChanged), "pool"
(PoolChanged), "variable" (VariableChanged), "connection" (ConnectionChanged), "deleted"
(Deleted), "backfill" (BackfillChanged), "parse" (ParseAsked), "alert" (AlertChanged). Never
stored: "progress" (ProgressDto).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

import msgspec

from hubflow.states import RunState, RunType, TaskState


class Dto(msgspec.Struct, frozen=True, kw_only=True):
    """Base of everything on the wire: immutable, keyword-only."""


class StarterDto(Dto, frozen=True, kw_only=True):
    """The task instance that started a run; if it `leads`, people handle the tasks from it."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    leads: bool


class RunBriefDto(Dto, frozen=True, kw_only=True):
    """A run as bars, dots and grid columns show it. `id` grows with creation."""

    id: int
    run_id: str
    run_type: str
    state: str
    execution_date: datetime
    queued_at: datetime
    start_date: datetime | None
    end_date: datetime | None
    task_counts: dict[str, int]
    """Task state -> how many instances; the state without a name is "none"."""
    version: int | None
    conf: dict[str, Any] = {}
    triggered_by: str | None = None
    starter: StarterDto | None = None
    reason: str | None = None
    """Why it ended: a `states.RunReason`."""


class ProgressDto(Dto, frozen=True, kw_only=True):
    """A running notebook: `done` of `total` cells."""

    dag_id: str
    run_id: str
    task_id: str
    try_number: int
    done: int
    total: int
    text: str
    map_index: int = -1


class TaskCellDto(Dto, frozen=True, kw_only=True):
    """One task instance in a grid column, or changed in an event."""

    task_id: str
    state: str
    """Task state; "none" where the API above says null."""
    try_number: int
    max_tries: int
    queued_at: datetime | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    retry_at: datetime | None = None
    map_index: int = -1
    """Which instance of a mapped task; -1 for others, and until it is known how many there are."""


class DagChanged(Dto, frozen=True, kw_only=True):
    """Kind "dag". `change` is "added", "changed", "removed", "paused" or "unpaused"."""

    dag_id: str
    change: str


class RunChanged(Dto, frozen=True, kw_only=True):
    """Kind "run": a run and those of its task instances that changed with it."""

    dag_id: str
    run: RunBriefDto
    tasks: list[TaskCellDto]


class Deleted(Dto, frozen=True, kw_only=True):
    """Kind "deleted": a run, or with `run_id` null a DAG and all its runs, is gone.

    `key` is the primary key that it had.
    """

    dag_id: str
    run_id: str | None
    key: int


class BackfillChanged(Dto, frozen=True, kw_only=True):
    """Kind "backfill": one began, came further, or is over."""

    id: int
    dag_id: str
    state: str
    total: int
    done: int
    failed: int


class AlertChanged(Dto, frozen=True, kw_only=True):
    """Kind "alert": a mail could not be sent, or one that could not before is over."""

    alert_id: int
    state: str


class ImportChanged(Dto, frozen=True, kw_only=True):
    """Kind "import": a DAG file broke or was mended."""

    path: str
    broken: bool


class Run(Protocol):
    """What a row of the database and the scheduler's memory both know of a run."""

    id: int
    run_id: str
    run_type: RunType
    state: RunState
    execution_date: datetime
    queued_at: datetime
    start_date: datetime | None
    end_date: datetime | None
    conf: Any
    triggered_by: str | None
    starter: Any
    reason: Any


class TaskInstance(Protocol):
    """What a row of the database and the scheduler's memory both know of a task instance."""

    state: TaskState
    try_number: int
    max_tries: int
    queued_at: datetime | None
    start_date: datetime | None
    end_date: datetime | None
    retry_at: datetime | None
    map_index: int


def run_brief(run: Run, task_counts: dict[str, int], version: int | None) -> RunBriefDto:
    """Describe a run as events and views do."""
    return RunBriefDto(
        id=run.id,
        run_id=run.run_id,
        run_type=run.run_type.value,
        state=run.state.value,
        execution_date=run.execution_date,
        queued_at=run.queued_at,
        start_date=run.start_date,
        end_date=run.end_date,
        task_counts=task_counts,
        version=version,
        conf=run.conf or {},
        triggered_by=run.triggered_by,
        starter=run.starter and msgspec.convert(run.starter, StarterDto),
        reason=run.reason,
    )


def task_cell(task_id: str, instance: TaskInstance) -> TaskCellDto:
    """Describe a task instance as events and grids do."""
    return TaskCellDto(
        task_id=task_id,
        state=instance.state.value,
        try_number=instance.try_number,
        max_tries=instance.max_tries,
        queued_at=instance.queued_at,
        start_date=instance.start_date,
        end_date=instance.end_date,
        retry_at=instance.retry_at,
        map_index=instance.map_index,
    )


class ParseAsked(Dto, frozen=True, kw_only=True):
    """Kind "parse": somebody wants a DAG file read again, changed or not."""

    path: str


class PoolChanged(Dto, frozen=True, kw_only=True):
    """Kind "pool". `change` is "added", "changed" or "removed"."""

    name: str
    change: str


class VariableChanged(Dto, frozen=True, kw_only=True):
    """Kind "variable": a value was set or removed; the value itself travels nowhere."""

    key: str
    change: str


class ConnectionChanged(Dto, frozen=True, kw_only=True):
    """Kind "connection": one of the connections with this id was added, changed or removed."""

    connection_id: str
    change: str
