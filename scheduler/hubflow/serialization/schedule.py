"""The timetable of a serialized DAG."""

from __future__ import annotations

from hubflow.serialization.model import SerializedDag
from hubflow.timetable import Timetable


def timetable_of(dag: SerializedDag) -> Timetable:
    """Return when runs of ``dag`` are due. Raises ScheduleInvalid."""
    schedule = dag.schedule
    return Timetable.from_parts(
        kind=schedule.kind,
        cron=schedule.cron,
        delta_s=schedule.delta_s,
        timezone=schedule.timezone,
        start_date=dag.start_date,
        text=schedule.text,
        months=schedule.months,
    )
