"""Backfills, named as in the API of Airflow 3."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from hubflow.events import Dto


class CreateBackfill(Dto, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST backfills. Both dates are inclusive; one alone stands for both.

    reprocess_behavior : what becomes of finished runs at these dates: "none" leaves them,
        "failed" clears their failed tasks, "completed" clears all.
    task_regex : only tasks in whose id it is found, and what these depend on unless
        `ignore_dependencies`.
    max_active_runs : null means that of the DAG.
    """

    dag_id: str
    from_date: datetime | None = None
    to_date: datetime | None = None
    run_backwards: bool = False
    reprocess_behavior: Literal["none", "failed", "completed"] = "none"
    dag_run_conf: dict[str, Any] = {}
    max_active_runs: int | None = None
    task_regex: str | None = None
    ignore_dependencies: bool = False
    mark_success: bool = False
    pool: str | None = None
    ignore_first_depends_on_past: bool = False


class BackfillDto(Dto, frozen=True, kw_only=True):
    """One backfill. `state` is queued, running, success, failed or cancelled.

    total, done, failed : runs in all, ended, and failed.
    """

    id: int
    dag_id: str
    from_date: datetime
    to_date: datetime
    state: str
    total: int
    done: int
    failed: int
    run_backwards: bool
    reprocess_behavior: str
    dag_run_conf: dict[str, Any]
    max_active_runs: int | None
    created_by: str
    created_at: datetime
    completed_at: datetime | None


class BackfillsDto(Dto, frozen=True, kw_only=True):
    backfills: list[BackfillDto]
    total_entries: int


class BackfillDateDto(Dto, frozen=True, kw_only=True):
    """What a backfill does at one date: "create", "take over", "clear" or "leave"."""

    logical_date: datetime
    dag_run_id: str | None
    state: str | None
    action: str


class BackfillDatesDto(Dto, frozen=True, kw_only=True):
    """What a backfill would do. Of its dates, `before_start` are before the start date of the DAG,
    and of `unfinished` the interval is not over yet; they run all the same."""

    backfills: list[BackfillDateDto]
    total_entries: int
    before_start: int
    unfinished: int
