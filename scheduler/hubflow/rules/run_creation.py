"""Which scheduled run of a DAG comes next, and when it is due."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from hubflow.timetable import CONTINUOUS, Timetable

_APART = timedelta(seconds=1)


class NextRun(NamedTuple):
    """A run that covers [execution_date, interval_end) and is created at `due_at`."""

    execution_date: datetime
    interval_end: datetime
    due_at: datetime


def next_run(
    timetable: Timetable,
    *,
    end_date: datetime | None,
    catchup: bool,
    last: datetime | None,
    now: datetime,
) -> NextRun | None:
    """Return the scheduled run to create next, due now or later, or None when there is none.

    Parameters
    ----------
    timetable : the schedule with the DAG's start date; without either there is no run.
    end_date : no run has a later execution date.
    last : execution date of the latest scheduled run, or None.
    now : decides, without catchup, which interval is the most recent completed one; a continuous
        schedule has its next run now, and a second after the last at the earliest.

    Source: SEMANTICS 1.4 and 1.6.
    """
    execution_date = timetable.first_tick()
    if execution_date is None:
        return None
    if timetable.kind == "once":
        due = None if last is not None else NextRun(execution_date, execution_date, execution_date)
        return None if due is None or _is_after(execution_date, end_date) else due
    if timetable.kind == CONTINUOUS:
        execution_date = max(execution_date, now if last is None else max(now, last + _APART))
        over = _is_after(execution_date, end_date)
        return None if over else NextRun(execution_date, execution_date, execution_date)
    if last is not None:
        execution_date = max(execution_date, timetable.interval_end(last))
    if not catchup and (latest := timetable.latest_complete(now)) is not None:
        execution_date = max(execution_date, latest)
    if _is_after(execution_date, end_date):
        return None
    end = timetable.interval_end(execution_date)
    return NextRun(execution_date, end, end)


def _is_after(execution_date: datetime, end_date: datetime | None) -> bool:
    return end_date is not None and execution_date > end_date


def may_create(active_scheduled_runs: int, max_active_runs: int) -> bool:
    """Say whether another scheduled run may exist beside those that are queued or running."""
    return active_scheduled_runs < max_active_runs


def may_admit(running: int, max_active_runs: int, execution_date: datetime, now: datetime) -> bool:
    """Say whether a queued run may start its tasks: in its turn, and not before its date."""
    return running < max_active_runs and execution_date <= now
