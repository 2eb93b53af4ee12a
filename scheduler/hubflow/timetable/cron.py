"""Cron expressions: checked field by field, and their ticks on the wall clock of a zone.

Dialect: croniter's, which DAG authors know. Five fields, or six where the last one is seconds;
names, ranges (also around the end: `22-2`), steps, lists, `L`, `5#2`, `?`. If day of month and
day of week are both restricted, either one suffices. cronsim does the calendar.

Daylight saving (SEMANTICS 1.5): a tick in the spring gap moves forward by the gap; a tick in the
autumn overlap happens once, at the second occurrence. If the hour field is `*`, every instant
whose wall clock matches is a tick, so that hourly schedules have no hole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

from cronsim import CronSim, CronSimError

from hubflow.errors import ScheduleInvalid

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
# Clock changes shift the wall clock by at most a day (Samoa left out 2011-12-30).
_LONGEST_SHIFT = timedelta(hours=25)
_ANY = datetime(2000, 1, 1)


class Field(NamedTuple):
    """What one field of an expression may hold; `names[i]` stands for ``first_name + i``."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()
    first_name: int = 0


MINUTE = Field("minute", 0, 59)
HOUR = Field("hour", 0, 23)
DAY = Field("day of month", 1, 31)
MONTH = Field("month", 1, 12, MONTHS, 1)
WEEKDAY = Field("day of week", 0, 7, DAYS)
SECOND = Field("second", 0, 59)
FIELDS = (MINUTE, HOUR, DAY, MONTH, WEEKDAY, SECOND)


@dataclass(frozen=True, slots=True)
class Cron:
    """A checked expression. `sim` is the form that cronsim reads, seconds first."""

    text: str
    sim: str
    every_hour: bool


@lru_cache(maxsize=4096)
def read(expression: str) -> Cron:
    """Check an expression; raises ScheduleInvalid naming the field that is wrong."""
    parts = expression.upper().split()
    if len(parts) not in (5, 6):
        raise _invalid(
            expression, f"it has {len(parts)} fields, not 5 (or 6 with seconds as the last)"
        )
    try:
        minute, hour, day, month, weekday, *second = (
            _normal(field, part) for field, part in zip(FIELDS, parts, strict=False)
        )
        day, weekday = _either_day(day, weekday)
        sim = " ".join([*second, minute, hour, day, month, weekday])
        CronSim(sim, _ANY)
    except ValueError as exc:
        raise _invalid(expression, str(exc)) from None
    except CronSimError:
        raise _invalid(expression, "no month has that day") from None
    return Cron(" ".join(expression.split()), sim, hour in {"*", "*/1", "0-23"})


def next_tick(cron: Cron, zone: tzinfo, after: datetime) -> datetime | None:
    """Return the first tick later than ``after``, in UTC; None if none comes in 50 years."""
    return _neighbour(cron, zone, after, forward=True)


def previous_tick(cron: Cron, zone: tzinfo, before: datetime) -> datetime | None:
    """Return the last tick earlier than ``before``, in UTC; None if there is none."""
    return _neighbour(cron, zone, before, forward=False)


def _neighbour(cron: Cron, zone: tzinfo, instant: datetime, *, forward: bool) -> datetime | None:
    local = instant.astimezone(zone)
    if cron.every_hour:
        tick = next(CronSim(cron.sim, local, reverse=not forward), None)
        return None if tick is None else tick.astimezone(UTC)
    naive = local.replace(tzinfo=None, fold=0)
    nearest = next(CronSim(cron.sim, naive, reverse=not forward), None)
    if nearest is None:
        return None
    tick = _on_clock(nearest, zone)
    if _is_steady(instant, zone) and _is_steady(tick, zone):
        return tick
    return _near_clock_change(cron, zone, instant, forward=forward)


def _near_clock_change(
    cron: Cron, zone: tzinfo, instant: datetime, *, forward: bool
) -> datetime | None:
    """Look at all ticks around ``instant``: near a change they may collide or swap places."""
    shift = _LONGEST_SHIFT if forward else -_LONGEST_SHIFT
    naive = instant.astimezone(zone).replace(tzinfo=None, fold=0)
    best: datetime | None = None
    for clock in _from(cron, naive - shift, forward=forward):
        tick = _on_clock(clock, zone)
        is_beyond = tick > instant if forward else tick < instant
        if is_beyond and (best is None or (tick < best if forward else tick > best)):
            best = tick
        limit = best and best.astimezone(zone).replace(tzinfo=None, fold=0) + shift
        if limit is not None and (clock > limit if forward else clock < limit):
            break
    return best


def _from(cron: Cron, naive: datetime, *, forward: bool) -> Iterator[datetime]:
    return iter(CronSim(cron.sim, naive, reverse=not forward))


def _on_clock(naive: datetime, zone: tzinfo) -> datetime:
    """Return the instant when the clock shows ``naive``: the second one, or past a gap."""
    later = naive.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if later.astimezone(zone).replace(tzinfo=None, fold=0) == naive:
        return later
    return naive.replace(tzinfo=zone, fold=0).astimezone(UTC)


def _is_steady(instant: datetime, zone: tzinfo) -> bool:
    """Say whether the zone keeps its offset around ``instant``."""
    nearby = (instant - _LONGEST_SHIFT, instant, instant + _LONGEST_SHIFT)
    return len({moment.astimezone(zone).utcoffset() for moment in nearby}) == 1


def _normal(field: Field, text: str) -> str:
    """Check one field and write it as cronsim reads it; raises ValueError with the reason."""
    return ",".join(_normal_term(field, term) for term in text.split(","))


def _normal_term(field: Field, term: str) -> str:
    if field is DAY and term in {"?", "L", "LW"}:
        return "*" if term == "?" else term
    if field is WEEKDAY and term == "?":
        return "*"
    if field is WEEKDAY and ("#" in term or "L" in term):
        return _normal_nth(term)
    span, slash, step = term.partition("/")
    if slash and not (step.isdecimal() and int(step) > 0):
        raise ValueError(f"{step!r} is no step for the {field.name}")
    every = f"/{int(step)}" if slash else ""
    if span == "*":
        return span + every
    low, dash, high = span.partition("-")
    first = _number(field, low)
    if not dash:
        return f"{first}{every}"
    last = _number(field, high)
    if last == 0 and field is WEEKDAY:
        last = 7
    return f"{first}-{last}{every}" if first <= last else _around(field, first, last, step)


def _around(field: Field, first: int, last: int, step: str) -> str:
    """`22-2` goes past the end of the field and on from its beginning."""
    top = 6 if field is WEEKDAY else field.high
    values = [*range(first, top + 1), *range(field.low, last + 1)]
    return ",".join(str(value) for value in values[:: int(step or 1)])


def _normal_nth(term: str) -> str:
    """`5#2` is the second Friday, `5L` or `L5` the last one."""
    day, hash_, nth = term.partition("#")
    if hash_ and nth not in {"1", "2", "3", "4", "5"}:
        raise ValueError(f"{nth!r} in {term!r} is not 1 to 5")
    number = _number(WEEKDAY, day if hash_ else term.strip("L"))
    return f"{number}#{nth}" if hash_ else f"{number}L"


def _number(field: Field, text: str) -> int:
    if text in field.names:
        return field.names.index(text) + field.first_name
    allowed = f"{field.low} to {field.high}"
    if not (text.isascii() and text.isdecimal()):
        raise ValueError(f"{text.lower()!r} is no {field.name} ({allowed})")
    if not field.low <= int(text) <= field.high:
        raise ValueError(f"{text} is no {field.name} ({allowed})")
    return int(text)


def _either_day(day: str, weekday: str) -> tuple[str, str]:
    """Keep cronsim from reading `*/2` as "any day": it then asks for both day fields at once."""
    if "*" in (day, weekday):
        return day, weekday
    return day.replace("*", "1-31"), weekday.replace("*", "0-6")


def _invalid(expression: str, reason: str) -> ScheduleInvalid:
    return ScheduleInvalid(f"Invalid Cron expression: {expression!r}: {reason}")
