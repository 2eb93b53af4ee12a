"""Timetables of Airflow 2 as DAG files name them, and what each means as a schedule of ours."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo
from typing import Any, NamedTuple, Self

from hubflow.sdk.datasets import is_by_dataset

_BY_HAND = "runs start only by hand, through the API or from another DAG"


class Plain(NamedTuple):
    """A schedule as `timetable.parse` takes it; `timezone` None means that of the DAG.

    `warning` says in what it differs from what the author wrote.
    """

    schedule: Any
    timezone: Any = None
    warning: str | None = None


class DataInterval(NamedTuple):
    """The time that a run is about."""

    start: datetime
    end: datetime

    @classmethod
    def exact(cls, at: datetime) -> Self:
        return cls(at, at)


class DagRunInfo(NamedTuple):
    """When a run is due, and what it is about."""

    run_after: datetime
    data_interval: DataInterval

    @classmethod
    def exact(cls, at: datetime) -> Self:
        return cls(at, DataInterval.exact(at))

    @classmethod
    def interval(cls, start: datetime, end: datetime) -> Self:
        return cls(end, DataInterval(start, end))

    @property
    def logical_date(self) -> datetime:
        return self.data_interval.start


class TimeRestriction(NamedTuple):
    """Between which dates a timetable may make runs."""

    earliest: datetime | None
    latest: datetime | None
    catchup: bool


class Timetable:
    """Base of timetables. One of the author's own is code, which the scheduler never runs."""

    def plain(self) -> Plain:
        """Return what hubflow's scheduler makes of it."""
        name = type(self).__name__
        return Plain(None, warning=f"the timetable {name} is code of its own: {_BY_HAND}")


class NullTimetable(Timetable):
    """Never by itself."""

    def plain(self) -> Plain:
        return Plain(None)


class OnceTimetable(Timetable):
    """Once, at the start date."""

    def plain(self) -> Plain:
        return Plain("@once")


class CronDataIntervalTimetable(Timetable):
    """A run for each interval between two ticks of ``cron``, when it has ended."""

    def __init__(self, cron: str, timezone: str | tzinfo | None = None) -> None:
        self.cron = cron
        self.timezone = timezone

    def plain(self) -> Plain:
        return Plain(self.cron, self.timezone)


class DeltaDataIntervalTimetable(Timetable):
    """A run for each interval of the length ``delta``."""

    def __init__(self, delta: Any) -> None:
        self.delta: timedelta = delta

    def plain(self) -> Plain:
        return Plain(self.delta)


class CronTriggerTimetable(CronDataIntervalTimetable):
    """A run at each tick of ``cron``. Ours is stamped with the tick before (SEMANTICS 0.2, C18)."""

    def __init__(
        self,
        cron: str,
        *,
        timezone: str | tzinfo | None = None,
        interval: Any = None,
        run_immediately: Any = None,
    ) -> None:
        super().__init__(cron, timezone)

    def plain(self) -> Plain:
        return Plain(self.cron, self.timezone, _stamped(type(self).__name__))


class DeltaTriggerTimetable(DeltaDataIntervalTimetable):
    """A run every ``delta``."""

    def __init__(self, delta: Any, *, interval: Any = None) -> None:
        super().__init__(delta)

    def plain(self) -> Plain:
        return Plain(self.delta, None, _stamped(type(self).__name__))


class MultipleCronTriggerTimetable(Timetable):
    """A run at each tick of several cron expressions."""

    def __init__(self, *crons: str, timezone: str | tzinfo | None = None, **options: Any) -> None:
        self.crons = crons
        self.timezone = timezone

    def plain(self) -> Plain:
        if len(self.crons) == 1:
            return Plain(self.crons[0], self.timezone, _stamped(type(self).__name__))
        return Plain(None, warning=f"a DAG has one cron expression here: {_BY_HAND}")


class EventsTimetable(Timetable):
    """A run at each of some dates."""

    def __init__(self, event_dates: Iterable[datetime], **options: Any) -> None:
        self.event_dates = list(event_dates)

    def plain(self) -> Plain:
        return Plain(None, warning=f"a schedule by a list of dates is not kept: {_BY_HAND}")


class DatasetOrTimeSchedule(Timetable):
    """By time and by datasets: the time counts."""

    def __init__(self, *, timetable: Timetable, datasets: Any = None, assets: Any = None) -> None:
        self.timetable = timetable
        self.datasets = datasets if assets is None else assets

    def plain(self) -> Plain:
        found = self.timetable.plain()
        words = "datasets start no runs here: only the timetable counts"
        return found._replace(warning=f"{words}; {found.warning}" if found.warning else words)


def plain(schedule: object) -> Plain:
    """Return what any schedule of a DAG file means; most are plain already."""
    if isinstance(schedule, Timetable):
        return schedule.plain()
    if is_by_dataset(schedule):
        return Plain(None, warning=f"datasets start no runs here: {_BY_HAND}")
    return Plain(schedule)


def _stamped(name: str) -> str:
    return (
        f"{name}: a run starts at the tick that it names, and its execution_date is the tick before"
    )
