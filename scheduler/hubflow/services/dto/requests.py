"""Bodies that callers send. Unknown fields are refused by name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hubflow.events import Dto


class TriggerRun(Dto, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST dagRuns. `conf` must be an object. Dates default to now."""

    dag_run_id: str | None = None
    logical_date: datetime | None = None
    execution_date: datetime | None = None
    data_interval_start: datetime | None = None
    data_interval_end: datetime | None = None
    conf: dict[str, Any] = {}
    note: str | None = None


class PatchDag(Dto, frozen=True, kw_only=True, forbid_unknown_fields=True):
    is_paused: bool


class ScheduleNotebook(Dto, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST notebooks/schedule.

    `when` is "now", "once" (then `at` is needed) or "cron" (then `cron` is needed, read in
    `timezone`). `parameters` holds only overridden values. `output` is a path in common_workspace
    or null: then results are kept with the run only. `timeout_s` 0 means none.
    """

    path: str
    when: str
    dag_id: str | None = None
    at: datetime | None = None
    cron: str | None = None
    timezone: str = "UTC"
    parameters: dict[str, Any] = {}
    output: str | None = None
    retries: int = 0
    retry_delay_s: float = 300.0
    timeout_s: float = 0.0
    description: str | None = None
