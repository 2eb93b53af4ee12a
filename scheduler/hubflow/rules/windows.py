"""Which tasks take part in a run, by their own dates (SEMANTICS 2.1 and 3.2)."""

from __future__ import annotations

from datetime import datetime

from hubflow.states import RunType


def takes_part(start_date: datetime | None, execution_date: datetime, run_type: RunType) -> bool:
    """Say whether a task has an instance in a run: not before its start date, unless somebody
    fills in the past on purpose."""
    return start_date is None or start_date <= execution_date or run_type is RunType.BACKFILL


def is_over(end_date: datetime | None, execution_date: datetime) -> bool:
    """Say whether a run is stamped later than the last date for which a task may run."""
    return end_date is not None and execution_date > end_date
