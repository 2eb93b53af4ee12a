"""`airflow.utils.weekday`."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Any


class WeekDay(IntEnum):
    """Days of the week, Monday is 1."""

    MONDAY = 1
    TUESDAY = 2
    WEDNESDAY = 3
    THURSDAY = 4
    FRIDAY = 5
    SATURDAY = 6
    SUNDAY = 7

    @classmethod
    def get_weekday_number(cls, week_day_str: str) -> WeekDay:
        """Return the day by its name, in any case."""
        try:
            return cls[week_day_str.upper()]
        except KeyError:
            known = ", ".join(day.name.title() for day in cls)
            raise AttributeError(f"{week_day_str!r} is no day of the week; use {known}") from None

    @classmethod
    def convert(cls, day: Any) -> int:
        return cls.get_weekday_number(day) if isinstance(day, str) else cls(day)

    @classmethod
    def validate_week_day(cls, week_day: Any) -> set[int]:
        """Return the numbers of a day or of several."""
        if isinstance(week_day, str | WeekDay):
            return {cls.convert(week_day)}
        if isinstance(week_day, Iterable) and not isinstance(week_day, dict):
            return {cls.convert(day) for day in week_day}
        raise TypeError(f"{week_day!r} is no day of the week, nor several of them")
