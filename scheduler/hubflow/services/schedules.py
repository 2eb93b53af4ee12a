"""Schedules in plain words, and when they are due next."""

from __future__ import annotations

from hubflow import timetable
from hubflow.clock import utcnow
from hubflow.errors import ScheduleInvalid
from hubflow.serialization.model import SerializedDag
from hubflow.services.access import Actor, Permission, require
from hubflow.services.dto import ScheduleReadingDto
from hubflow.services.unit import Backend

SHOWN = 5


def explain(backend: Backend, actor: Actor, text: str, timezone: str) -> ScheduleReadingDto:
    """Read a cron expression or preset and say when it is due next. Raises ScheduleInvalid."""
    require(actor, Permission.DAGS_READ)
    return ScheduleReadingDto(
        text=text,
        reading=timetable.explain(text),
        timezone=timezone,
        next=timetable.next_due(text, timezone, utcnow(), SHOWN),
    )


def reading_of(version: SerializedDag | None) -> str:
    """Say a DAG's schedule in plain words."""
    if version is None:
        return ""
    parts = version.schedule
    try:
        return timetable.Timetable.from_parts(
            kind=parts.kind,
            cron=parts.cron,
            delta_s=parts.delta_s,
            timezone=parts.timezone,
            months=parts.months,
        ).reading()
    except ScheduleInvalid:  # stored by another release, whose cron knew more
        return parts.text or ""


def timezones(backend: Backend, actor: Actor) -> list[str]:
    """Return the time zones that people choose from."""
    require(actor, Permission.DAGS_READ)
    return timetable.zone_names()
