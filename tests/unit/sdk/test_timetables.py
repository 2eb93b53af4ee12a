"""Timetables and datasets of Airflow 2 as schedules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hubflow.sdk import DAG
from hubflow.sdk.datasets import Dataset, DatasetAlias, InletEvents, OutletEvents
from hubflow.sdk.exceptions import InvalidDag
from hubflow.sdk.timetables import (
    CronDataIntervalTimetable,
    CronTriggerTimetable,
    DatasetOrTimeSchedule,
    DeltaDataIntervalTimetable,
    Timetable,
)

ONE, OTHER = Dataset("s3://a"), Dataset("s3://b")


class Workdays(Timetable):
    pass


@pytest.mark.parametrize(
    ("schedule", "kind", "warning"),
    [
        (CronDataIntervalTimetable("0 6 * * *", "Europe/Berlin"), "cron", None),
        (DeltaDataIntervalTimetable(timedelta(hours=2)), "delta", None),
        (CronTriggerTimetable("0 6 * * *", timezone="Europe/Berlin"), "cron", "the tick before"),
        (Workdays(), "none", "the timetable Workdays is code of its own"),
        ([ONE, OTHER], "none", "datasets start no runs here"),
        (ONE | (OTHER & ONE), "none", "datasets start no runs here"),
        ([DatasetAlias("x")], "none", "datasets start no runs here"),
        (
            DatasetOrTimeSchedule(timetable=CronDataIntervalTimetable("@daily"), datasets=[ONE]),
            "cron",
            "only the timetable counts",
        ),
    ],
)
def test_schedule_of_airflow_2(schedule: Any, kind: str, warning: str | None) -> None:
    dag = DAG("d", schedule=schedule, start_date=datetime(2020, 1, 1, tzinfo=UTC))
    assert dag.timetable.kind == kind
    assert [warning in text for text in dag.warnings if warning] == ([True] if warning else [])
    assert bool(dag.warnings) is bool(warning)


def test_zone_of_the_timetable_counts() -> None:
    dag = DAG("d", timetable=CronDataIntervalTimetable("0 6 * * *", "Europe/Berlin"))
    assert dag.timetable.timezone == "Europe/Berlin"
    with pytest.raises(InvalidDag, match="no time zone"):
        DAG("d", timetable=CronDataIntervalTimetable("0 6 * * *", "Mars/Base"))


def test_events_of_datasets_are_there_and_empty() -> None:
    outlets = OutletEvents()
    outlets[ONE].extra = {"rows": 5}
    outlets[DatasetAlias("x")].add(OTHER)
    assert outlets[Dataset("s3://a")].extra == {"rows": 5}
    assert list(InletEvents()[ONE][:-2]) == []
