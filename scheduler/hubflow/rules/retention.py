"""For how long finished runs are kept. Pure: clocks and rows stay outside."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple


class Keep(NamedTuple):
    """How much of a DAG's past is kept; 0 sets no limit.

    runs_days : days after its end for which a run is kept.
    details_days : days after its end for which a run keeps its logs, executed notebooks, XComs and
        rendered fields.
    most_runs : how many runs are kept, the newest by execution date.
    least_runs : how many of the newest stay whatever their age, at least 1: schedules go on from
        the latest.
    """

    runs_days: float
    details_days: float
    most_runs: int
    least_runs: int


class Past(NamedTuple):
    """What there is of a DAG's past.

    runs : how many runs there are.
    oldest_end : when the first run ended that is still there; None if none did.
    oldest_full_end : the same of runs that have their details.
    """

    runs: int
    oldest_end: datetime | None
    oldest_full_end: datetime | None


def may_go(past: Past, keep: Keep, now: datetime) -> bool:
    """Say whether any run may have to go or lose its details; mostly none does."""
    return (
        bool(keep.most_runs and past.runs > keep.most_runs)
        or _is_before(past.oldest_end, ended_before(now, keep.runs_days))
        or _is_before(past.oldest_full_end, ended_before(now, keep.details_days))
    )


def _is_before(moment: datetime | None, limit: datetime | None) -> bool:
    return moment is not None and limit is not None and moment < limit


def keep_of(usual: Keep, days: int | None, runs: int | None) -> Keep:
    """Return what holds for a DAG that says itself how many days or runs are kept."""
    keep = usual
    if days is not None:
        shorter = min(days, usual.details_days) if usual.details_days else days
        keep = keep._replace(runs_days=days, details_days=shorter)
    if runs is not None:
        keep = keep._replace(most_runs=runs, least_runs=min(runs, usual.least_runs))
    return keep


def ended_before(now: datetime, days: float) -> datetime | None:
    """Return before when a run must have ended to go; None if none has to."""
    return now - timedelta(days=days) if days else None
