"""Cron, preset or timedelta -> ticks, and the schedule in plain words. Pure: no clock inside.

A tick is an execution date: the start of an interval whose run is created when the interval has
ended, at the next tick (SEMANTICS 1.4).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import islice

from hubflow.clock import as_utc
from hubflow.errors import ScheduleInvalid
from hubflow.timetable import cron as crons
from hubflow.timetable import months as by_months
from hubflow.timetable.explain import cron_reading, delta_reading
from hubflow.timetable.zones import zone, zone_name, zone_names

PRESETS: Mapping[str, str] = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@quarterly": "0 0 1 */3 *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
CONTINUOUS = "continuous"
KINDS = frozenset({"none", "once", "cron", "delta", CONTINUOUS})
_NAMED: Mapping[str, str] = {"@once": "once", "@continuous": CONTINUOUS}
_MICROSECOND = timedelta(microseconds=1)

__all__ = [
    "PRESETS",
    "Timetable",
    "explain",
    "next_due",
    "parse",
    "zone",
    "zone_name",
    "zone_names",
]


@dataclass(frozen=True, slots=True)
class Timetable:
    """When runs are due. Make one with `parse` or `Timetable.from_parts`.

    kind : "none", "once", "cron", "delta" or "continuous".
    months : how many months ``delta`` is longer than it says.
    text : what the author wrote, for people; None for kind "none".
    start_date : UTC; anchors timedelta schedules and `@once`.
    """

    kind: str
    cron: str | None = None
    delta: timedelta | None = None
    timezone: str = "UTC"
    start_date: datetime | None = None
    text: str | None = None
    months: int = 0

    @classmethod
    def from_parts(
        cls,
        *,
        kind: str,
        cron: str | None = None,
        delta_s: float | None = None,
        timezone: str = "UTC",
        start_date: datetime | None = None,
        text: str | None = None,
        months: int = 0,
    ) -> Timetable:
        """Build from the plain values of `serialization.model.Schedule`, checking them.

        Raises ScheduleInvalid.
        """
        zone(timezone)
        start = None if start_date is None else as_utc(start_date)
        delta = None
        if kind == "cron":
            cron = crons.read(cron or "").text
        elif kind == "delta":
            delta = _checked(timedelta(seconds=delta_s or 0), months)
        elif kind not in KINDS:
            raise ScheduleInvalid(f"{kind!r} is no kind of schedule")
        return cls(kind, cron if kind == "cron" else None, delta, timezone, start, text, months)

    @property
    def is_periodic(self) -> bool:
        """True if runs repeat by themselves."""
        return self.kind in {"cron", "delta"}

    def first_tick(self, start: datetime | None = None) -> datetime | None:
        """Return the first execution date at or after ``start`` (default: the start date).

        Cron aligns to its first tick, timedelta and `@once` begin at the start date itself.
        None if there is no schedule or no start.
        """
        begin = self.start_date if start is None else as_utc(start)
        if begin is None or self.kind == "none":
            return None
        if self.kind in {"once", CONTINUOUS} or (self.kind == "delta" and self.start_date is None):
            return begin
        return self.next_tick(begin - _MICROSECOND)

    def next_tick(self, after: datetime) -> datetime | None:
        """Return the first tick later than ``after``; None if the schedule has none."""
        if self.kind == "cron":
            return crons.next_tick(self._cron, self._zone, as_utc(after))
        if self.kind == "delta":
            return self._grid(as_utc(after), forward=True)
        return None

    def previous_tick(self, before: datetime) -> datetime | None:
        """Return the last tick earlier than ``before``; None if the schedule has none.

        It may lie before the start date: `@daily` has no beginning, only its runs have.
        """
        if self.kind == "cron":
            return crons.previous_tick(self._cron, self._zone, as_utc(before))
        if self.kind == "delta":
            return self._grid(as_utc(before), forward=False)
        return None

    def interval_end(self, execution_date: datetime) -> datetime:
        """Return when the run with this execution date is due: the end of its interval.

        `@once`, and schedules that never tick, are due at once.
        """
        return self.next_tick(execution_date) or as_utc(execution_date)

    def latest_complete(self, now: datetime) -> datetime | None:
        """Return the start of the last interval that ended at or before ``now`` (catchup=False)."""
        end = self.previous_tick(as_utc(now) + _MICROSECOND)
        return None if end is None else self.previous_tick(end)

    def manual_interval(self, execution_date: datetime) -> tuple[datetime, datetime]:
        """Return the interval of a run by hand: the last one that is over at its date.

        Nothing but the date itself where there is no schedule.
        """
        at = as_utc(execution_date)
        start = self.latest_complete(at)
        return (at, at) if start is None else (start, self.interval_end(start))

    def ticks(self, after: datetime) -> Iterator[datetime]:
        """Yield the ticks later than ``after``, without end for most schedules."""
        tick = self.next_tick(after)
        while tick is not None:
            yield tick
            tick = self.next_tick(tick)

    def reading(self) -> str:
        """Say the schedule in plain words, without the time zone."""
        if self.kind == "cron":
            return cron_reading(self._cron)
        if self.kind == "delta" and self.delta is not None:
            return delta_reading(self.delta, self.months)
        if self.kind == CONTINUOUS:
            return "Again and again: a run starts when the one before has ended"
        return "Once" if self.kind == "once" else "Only when triggered"

    @property
    def _cron(self) -> crons.Cron:
        return crons.read(self.cron or "")

    @property
    def _zone(self) -> tzinfo:
        return zone(self.timezone)

    def _grid(self, instant: datetime, *, forward: bool) -> datetime:
        """Return the neighbour of ``instant`` on start_date + k * delta; absolute time, no DST."""
        delta = timedelta(days=1) if self.delta is None else self.delta
        anchor = self.start_date or instant
        if self.months:
            return by_months.neighbour(anchor, self.months, delta, instant, forward=forward)
        steps = (instant - anchor) // delta if forward else -((anchor - instant) // delta)
        return anchor + delta * (steps + 1 if forward else steps - 1)


def parse(
    schedule: object, *, timezone: str = "UTC", start_date: datetime | None = None
) -> Timetable:
    """Read what an author wrote: None, `@once`, `@continuous`, a preset, a cron expression, or a
    timedelta or relativedelta.

    Raises ScheduleInvalid, naming what is wrong.
    """
    text = None if schedule is None else str(schedule).strip()
    delta_s, in_months = None, 0
    if schedule is None or text == "None":
        kind, text = "none", None
    elif isinstance(schedule, str):
        kind = _NAMED.get(text or "", "cron")
    elif (length := _length(schedule)) is not None:
        in_months, delta = length
        kind, delta_s = "delta", delta.total_seconds()
        text = delta_reading(delta, in_months) if in_months else str(delta)
    else:
        raise ScheduleInvalid(
            f"{schedule!r} is no schedule; use None, '@once', a preset such as '@daily', "
            "a cron expression, a timedelta or a relativedelta of years, months, days…"
        )
    return Timetable.from_parts(
        kind=kind,
        cron=_expand(text) if kind == "cron" and text is not None else None,
        delta_s=delta_s,
        timezone=timezone,
        start_date=start_date,
        text=text,
        months=in_months,
    )


def explain(schedule: object) -> str:
    """Say a schedule in plain words; raises ScheduleInvalid."""
    return parse(schedule).reading()


def next_due(schedule: object, timezone: str, after: datetime, count: int = 5) -> list[datetime]:
    """Return when the next ``count`` runs become due, in the schedule's own time zone."""
    timetable = parse(schedule, timezone=timezone)
    with contextlib.suppress(OverflowError):
        return [t.astimezone(zone(timezone)) for t in islice(timetable.ticks(after), count)]
    return []


def _expand(text: str) -> str:
    if text.startswith("@"):
        try:
            return PRESETS[text.lower()]
        except KeyError:
            known = ", ".join([*_NAMED, *PRESETS])
            raise ScheduleInvalid(f"{text!r} is no schedule preset; known are {known}") from None
    return text


def _length(schedule: object) -> tuple[int, timedelta] | None:
    """Return months and the rest of a timedelta or of a dateutil relativedelta.

    One that sets parts of the date, such as the day, is no length.
    """
    if isinstance(schedule, timedelta):
        return 0, schedule
    if type(schedule).__name__ != "relativedelta":
        return None
    fixed = ("year", "month", "day", "weekday", "hour", "minute", "second", "microsecond")
    if any(getattr(schedule, part, None) is not None for part in fixed):
        return None
    parts = ("days", "hours", "minutes", "seconds", "microseconds")
    rest = timedelta(**{part: getattr(schedule, part) for part in parts})
    whole: int = getattr(schedule, "years", 0) * 12 + getattr(schedule, "months", 0)
    return whole, rest


def _checked(delta: timedelta, months: int) -> timedelta:
    if months < 0 or (months and delta < timedelta(0)):
        raise ScheduleInvalid("a schedule goes forward: none of its parts may be negative")
    if delta < timedelta(seconds=1) and not months:
        raise ScheduleInvalid(f"{delta} is too short: a schedule repeats after a second or more")
    return delta
