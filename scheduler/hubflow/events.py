"""What the event stream carries: the structs that the scheduler and the processor write into
`event.data`, that the service sends on, and of which the views are made.

Kinds with an id: "dag" (DagChanged), "run" (RunChanged), "import" (ImportChanged), "pool"
(PoolChanged), "deleted" (Deleted), "backfill" (BackfillChanged). Never stored: "progress"
(ProgressDto).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec


class Dto(msgspec.Struct, frozen=True, kw_only=True):
    """Base of everything on the wire: immutable, keyword-only."""


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


class ImportChanged(Dto, frozen=True, kw_only=True):
    """Kind "import": a DAG file broke or was mended."""

    path: str
    broken: bool


class PoolChanged(Dto, frozen=True, kw_only=True):
    """Kind "pool". `change` is "added", "changed" or "removed"."""

    name: str
    change: str
