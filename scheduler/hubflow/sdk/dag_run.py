"""The run that a task belongs to, as user code sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hubflow.clock import isoformat


@dataclass(kw_only=True)
class DagRun:
    """Facts about one DAG run (SEMANTICS 1.7). `conf` is what its trigger was given.

    `prev_*` and `next_*` are the neighbours on the schedule and the last successful run before.
    """

    dag_id: str
    run_id: str
    execution_date: datetime
    data_interval_start: datetime
    data_interval_end: datetime
    run_type: str = "manual"
    external_trigger: bool = True
    state: str = "running"
    start_date: datetime | None = None
    end_date: datetime | None = None
    conf: dict[str, Any] = field(default_factory=dict)
    prev_execution_date: datetime | None = None
    next_execution_date: datetime | None = None
    prev_execution_date_success: datetime | None = None
    prev_start_date_success: datetime | None = None

    @property
    def logical_date(self) -> datetime:
        return self.execution_date

    @property
    def is_backfill(self) -> bool:
        return False

    def __repr__(self) -> str:
        return (
            f"<DagRun {self.dag_id} @ {isoformat(self.execution_date)}: {self.run_id}, "
            f"externally triggered: {self.external_trigger}>"
        )
