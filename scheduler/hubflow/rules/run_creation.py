"""Which scheduled run of a DAG comes next, and when it is due."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol


class Ticks(Protocol):
    """The grid of a cron or timedelta schedule; `hubflow.timetable.Timetable` is one."""

    def first_tick(self, start: datetime) -> datetime:
        """Return the first tick at or after ``start``."""

    def next_tick(self, after: datetime) -> datetime:
        """Return the first tick after ``after``."""

    def previous_tick(self, before: datetime) -> datetime:
        """Return the last tick before ``before``."""


class Plan(NamedTuple):
    """What a DAG says about its runs. `kind` is "none", "once", "cron" or "delta"."""

    kind: str
    start_date: datetime | None = None
    end_date: datetime | None = None
    catchup: bool = True


class NextRun(NamedTuple):
    """A run that covers [execution_date, interval_end) and is created at `due_at`."""

    execution_date: datetime
    interval_end: datetime
    due_at: datetime


def next_run(plan: Plan, ticks: Ticks, last: datetime | None, now: datetime) -> NextRun | None:
    """Return the scheduled run to create next, due now or later, or None when there is none.

    Parameters
    ----------
    last : execution date of the latest scheduled run, or None.
    now : decides, without catchup, which interval is the most recent completed one.

    Source: SEMANTICS 1.4 and 1.6.
    """
    if plan.start_date is None or plan.kind == "none":
        return None
    if plan.kind == "once":
        return _once(plan, plan.start_date) if last is None else None
    execution_date = ticks.first_tick(plan.start_date)
    if last is not None:
        execution_date = max(execution_date, ticks.next_tick(last))
    if not plan.catchup:
        latest_end = ticks.previous_tick(ticks.next_tick(now))
        execution_date = max(execution_date, ticks.previous_tick(latest_end))
    if plan.end_date is not None and execution_date > plan.end_date:
        return None
    end = ticks.next_tick(execution_date)
    return NextRun(execution_date, end, end)


def _once(plan: Plan, start: datetime) -> NextRun | None:
    if plan.end_date is not None and start > plan.end_date:
        return None
    return NextRun(start, start, start)


def may_create(active_scheduled_runs: int, max_active_runs: int) -> bool:
    """Say whether another scheduled run may exist beside those that are queued or running."""
    return active_scheduled_runs < max_active_runs


def may_admit(running: int, max_active_runs: int, execution_date: datetime, now: datetime) -> bool:
    """Say whether a queued run may start its tasks: in its turn, and not before its date."""
    return running < max_active_runs and execution_date <= now
