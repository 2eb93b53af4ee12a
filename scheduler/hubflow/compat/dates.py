"""`airflow.utils.dates`: dates relative to today, ranges and rounding."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from hubflow import timetable
from hubflow.clock import as_utc, utcnow
from hubflow.compat import timezone

cron_presets: dict[str, str] = dict(timetable.PRESETS)
_UNITS = (("days", 86400), ("hours", 3600), ("minutes", 60))


def days_ago(
    n: int, hour: int = 0, minute: int = 0, second: int = 0, microsecond: int = 0
) -> datetime:
    """Return midnight (or the given time of day) of ``n`` days ago, in UTC."""
    today = utcnow().replace(hour=hour, minute=minute, second=second, microsecond=microsecond)
    return today - timedelta(days=n)


def date_range(
    start_date: datetime,
    end_date: datetime | None = None,
    num: int | None = None,
    delta: Any = None,
) -> list[datetime]:
    """Return dates from ``start_date`` to ``end_date``, or ``num`` of them (backwards if negative).

    ``delta`` is a timedelta, a relativedelta, a cron expression or a preset.
    """
    if not delta:
        return []
    if end_date is not None and num:
        raise ValueError("give end_date or num, not both")
    if end_date is not None and start_date > end_date:
        raise ValueError("end_date must not lie before start_date")
    if end_date is None and not num:
        end_date = utcnow()
    if num:
        return sorted(islice(_steps(start_date, delta, forward=num > 0), abs(num)))
    found: list[datetime] = []
    for date in _steps(start_date, delta, forward=True):
        if end_date is not None and as_utc(date) > as_utc(end_date):
            return found
        found.append(date)
    return found


def round_time(dt: datetime, delta: Any, start_date: datetime | None = None) -> datetime:
    """Return the tick of ``delta``, counted from ``start_date``, that is nearest to ``dt``."""
    if isinstance(delta, str):
        table = timetable.parse(delta, start_date=start_date)
        later = table.first_tick(as_utc(dt))
        return dt if later is None else later
    step, origin = _length(delta), start_date or timezone.make_aware(datetime.min)
    if dt.tzinfo is None:
        origin = origin.replace(tzinfo=None)
    count = (dt - origin) / step
    return origin + step * int(count + 0.5)


def parse_execution_date(execution_date_str: str) -> datetime:
    """Read a date as it is written on a command line."""
    return timezone.parse(execution_date_str)


def infer_time_unit(time_seconds_arr: Iterable[float]) -> str:
    """Return the unit in which durations of this size are best shown."""
    longest = max(time_seconds_arr, default=0)
    return next((unit for unit, seconds in _UNITS if longest > 2 * seconds), "seconds")


def scale_time_units(time_seconds_arr: Iterable[float], unit: str) -> list[float]:
    """Return durations in another unit."""
    divisor = dict(_UNITS).get(unit, 1)
    return [seconds / divisor for seconds in time_seconds_arr]


def _steps(start: datetime, delta: Any, *, forward: bool) -> Iterable[datetime]:
    if isinstance(delta, str):
        table = timetable.parse(delta, timezone=timetable.zone_name(start.tzinfo))
        at: datetime | None = table.first_tick(as_utc(start))
        while at is not None:
            yield at
            at = table.next_tick(at) if forward else table.previous_tick(at)
        return
    count = 0
    while True:
        yield start + delta * count
        count += 1 if forward else -1


def _length(delta: Any) -> timedelta:
    """Return a timedelta, also of a relativedelta that has no months."""
    if isinstance(delta, timedelta):
        return delta
    later: datetime = datetime(2001, 1, 1) + delta
    return later - datetime(2001, 1, 1)
