"""The timetable of a serialized DAG."""

from __future__ import annotations

from hubflow.serialization.model import SerializedDag
from hubflow.timetable import Timetable


def timetable_of(dag: SerializedDag) -> Timetable:
    """Return when runs of this DAG are due. Raises ScheduleInvalid if an older cron knew more."""
    schedule = dag.schedule
    return Timetable.from_parts(
        kind=schedule.kind,
        cron=schedule.cron,
        delta_s=schedule.delta_s,
        timezone=schedule.timezone,
        start_date=dag.start_date,
        text=schedule.text,
    )
