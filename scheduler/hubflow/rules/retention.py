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
