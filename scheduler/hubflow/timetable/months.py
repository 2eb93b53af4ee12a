"""Schedules of months and years, of no fixed length: the start date plus so many of them."""

from __future__ import annotations

import calendar
from datetime import datetime, timedelta

_MONTH = timedelta(days=30.436875)


def tick(anchor: datetime, months: int, delta: timedelta, count: int) -> datetime:
    """Return ``anchor`` plus ``count`` times ``months`` and ``delta``.

    A day that a month does not have is its last one: from 31 January comes 28 February, then 31
    March. Raises ValueError or OverflowError beyond the calendar.
    """
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months * count, 12)
    last = calendar.monthrange(year, month + 1)[1]
    moved = anchor.replace(year=year, month=month + 1, day=min(anchor.day, last))
    return moved + delta * count


def neighbour(
    anchor: datetime, months: int, delta: timedelta, instant: datetime, *, forward: bool
) -> datetime:
    """Return the first tick after ``instant``, or the last one before it."""
    count = (instant - anchor) // (_MONTH * months + delta)
    while tick(anchor, months, delta, count) > instant:
        count -= 1
    while tick(anchor, months, delta, count + 1) <= instant:
        count += 1
    found = tick(anchor, months, delta, count)
    if forward:
        return tick(anchor, months, delta, count + 1)
    return found if found < instant else tick(anchor, months, delta, count - 1)
