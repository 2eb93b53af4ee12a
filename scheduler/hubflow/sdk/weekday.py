"""Days of the week, as sensors and branches name them."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Any

from hubflow.sdk.exceptions import InvalidDag


class WeekDay(IntEnum):
    """A day of the week, numbered as `datetime.isoweekday` does."""

    MONDAY = 1
    TUESDAY = 2
    WEDNESDAY = 3
    THURSDAY = 4
    FRIDAY = 5
    SATURDAY = 6
    SUNDAY = 7

    @classmethod
    def get_weekday_number(cls, week_day_str: str) -> WeekDay:
        """Return a day by its name; raises AttributeError, as Airflow's does."""
        try:
            return cls[week_day_str.upper()]
        except KeyError:
            raise AttributeError(f"{week_day_str!r} is no day of the week") from None

    @classmethod
    def validate_week_day(cls, week_day: Any) -> set[int]:
        """Return the numbers of a day, or of several, given by name or as WeekDay."""
        return set(week_days(week_day))


def week_days(given: Any) -> frozenset[WeekDay]:
    """Return the days that a name, a `WeekDay`, a number or several of them stand for."""
    several = isinstance(given, Iterable) and not isinstance(given, str)
    days = frozenset(_day(day) for day in (given if several else [given]))
    if not days:
        raise InvalidDag("name at least one day of the week")
    return days


def _day(given: Any) -> WeekDay:
    try:
        return WeekDay[given.strip().upper()] if isinstance(given, str) else WeekDay(int(given))
    except (KeyError, TypeError, ValueError):
        known = ", ".join(day.name.title() for day in WeekDay)
        raise InvalidDag(f"{given!r} is no day of the week; write one of {known}") from None
