"""Ticks, alignment, daylight saving and readings: the tables of SEMANTICS appendix B."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from hubflow import timetable
from hubflow.errors import ScheduleInvalid
from hubflow.timetable import Timetable, cron

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def first_stamps(schedule: object, start: datetime, count: int) -> list[datetime]:
    table = timetable.parse(schedule, start_date=start)
    first = table.first_tick()
    assert first is not None
    return [first, *islice(table.ticks(first), count - 1)]


@pytest.mark.parametrize(
    ("start", "schedule", "stamps", "created"),
    [
        ("2020-01-01", "@daily", ["2020-01-01", "2020-01-02"], "2020-01-02"),
        ("2020-01-01T05:00", "@daily", ["2020-01-02", "2020-01-03"], "2020-01-03"),
        (
            "2020-01-01T05:00",
            timedelta(days=1),
            ["2020-01-01T05:00", "2020-01-02T05:00"],
            "2020-01-02T05:00",
        ),
        ("2020-01-15", "@monthly", ["2020-02-01", "2020-03-01"], "2020-03-01"),
        ("2020-01-01", "@weekly", ["2020-01-05", "2020-01-12"], "2020-01-12"),
        ("2020-01-01", "@once", ["2020-01-01"], "2020-01-01"),
    ],
)
def test_first_runs(start: str, schedule: object, stamps: list[str], created: str) -> None:
    expected = [utc(stamp) for stamp in stamps]
    assert first_stamps(schedule, utc(start), len(stamps)) == expected
    table = timetable.parse(schedule, start_date=utc(start))
    assert table.interval_end(expected[0]) == utc(created)


@pytest.mark.parametrize(
    ("schedule", "latest"), [("@daily", "2020-03-09"), ("0 6 * * *", "2020-03-09T06:00")]
)
def test_latest_complete_interval_without_catchup(schedule: str, latest: str) -> None:
    table = timetable.parse(schedule, start_date=utc("2020-01-01"))
    assert table.latest_complete(utc("2020-03-10T12:00")) == utc(latest)


def test_interval_ending_now_is_complete() -> None:
    table = timetable.parse("@daily", start_date=utc("2020-01-01"))
    assert table.latest_complete(utc("2020-03-10")) == utc("2020-03-09")


@pytest.mark.parametrize(
    ("schedule", "date", "interval"),
    [
        ("@daily", "2020-03-10T12:00", ("2020-03-09", "2020-03-10")),
        ("@daily", "2020-03-10", ("2020-03-09", "2020-03-10")),
        ("0 6 * * *", "2020-03-10T05:00", ("2020-03-08T06:00", "2020-03-09T06:00")),
        (timedelta(hours=5), "2020-01-01T12:00", ("2020-01-01T05:00", "2020-01-01T10:00")),
        (None, "2020-03-10T12:00", ("2020-03-10T12:00", "2020-03-10T12:00")),
        ("@once", "2020-03-10T12:00", ("2020-03-10T12:00", "2020-03-10T12:00")),
    ],
)
def test_a_run_by_hand_covers_the_last_interval_that_is_over(
    schedule: str | timedelta | None, date: str, interval: tuple[str, str]
) -> None:
    table = timetable.parse(schedule, start_date=utc("2020-01-01"))
    assert table.manual_interval(utc(date)) == (utc(interval[0]), utc(interval[1]))


@pytest.mark.parametrize(
    ("expression", "local_start", "ticks"),
    [
        (
            "30 2 * * *",
            "2019-03-29",
            ["2019-03-29T01:30", "2019-03-30T01:30", "2019-03-31T01:30", "2019-04-01T00:30"],
        ),
        (
            "30 2 * * *",
            "2019-10-25",
            ["2019-10-25T00:30", "2019-10-26T00:30", "2019-10-27T01:30", "2019-10-28T01:30"],
        ),
        (
            "0 0 * * *",
            "2019-03-30",
            ["2019-03-29T23:00", "2019-03-30T23:00", "2019-03-31T22:00", "2019-04-01T22:00"],
        ),
        (
            "0 * * * *",
            "2019-03-31",
            ["2019-03-30T23:00", "2019-03-31T00:00", "2019-03-31T01:00", "2019-03-31T02:00"],
        ),
        (
            "0 * * * *",
            "2019-10-27",
            [f"2019-10-2{s}:00" for s in ("6T22", "6T23", "7T00", "7T01", "7T02")],
        ),
        (
            "0 */6 * * *",
            "2019-03-30T18:00",
            [f"2019-03-3{s}:00" for s in ("0T17", "0T23", "1T04", "1T10", "1T16")],
        ),
        (
            "0 */6 * * *",
            "2019-10-26T18:00",
            [f"2019-10-2{s}:00" for s in ("6T16", "6T22", "7T05", "7T11", "7T17")],
        ),
    ],
)
def test_clock_changes_in_amsterdam(expression: str, local_start: str, ticks: list[str]) -> None:
    table = timetable.parse(expression, timezone="Europe/Amsterdam")
    start = datetime.fromisoformat(local_start).replace(tzinfo=AMSTERDAM)
    first = table.first_tick(start)
    assert first is not None
    forward = [first, *islice(table.ticks(first), len(ticks) - 1)]
    assert forward == [utc(tick) for tick in ticks]
    backward = [table.previous_tick(tick) for tick in forward[1:]]
    assert backward == forward[:-1]


def test_ticks_that_meet_in_the_spring_gap_happen_once_and_in_order() -> None:
    table = timetable.parse("0,30 1-3 * * *", timezone="Europe/Amsterdam")
    ticks = list(islice(table.ticks(utc("2019-03-30T23:30")), 5))
    times = ["00:00", "00:30", "01:00", "01:30"]
    assert ticks[:4] == [utc(f"2019-03-31T{time}") for time in times]
    assert ticks[4] == utc("2019-03-31T23:00")


@given(
    expression=st.sampled_from(
        [
            "30 2 * * *",
            "*/20 1-4 * * *",
            "*/15 * * * *",
            "0 0 * * *",
            "15,45 */2 * * 0",
            "5 * 1 * *",
        ]
    ),
    start=st.datetimes(datetime(2018, 1, 1), datetime(2021, 1, 1)),
    zone=st.sampled_from(["Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "UTC"]),
)
@settings(max_examples=150, deadline=None)
def test_previous_undoes_next(expression: str, start: datetime, zone: str) -> None:
    table = timetable.parse(expression, timezone=zone)
    first, second = islice(table.ticks(start.replace(tzinfo=UTC)), 2)
    assert start.replace(tzinfo=UTC) < first < second
    assert table.previous_tick(second) == first
    assert table.first_tick(second) == second


def test_sixth_field_is_seconds() -> None:
    ticks = first_stamps("* * * * * */20", utc("2020-01-01T00:00:01"), 3)
    assert [tick.second for tick in ticks] == [20, 40, 0]


def test_timedelta_ignores_clock_changes() -> None:
    start = datetime(2019, 3, 30, 2, 30, tzinfo=AMSTERDAM)
    table = timetable.parse(timedelta(days=1), timezone="Europe/Amsterdam", start_date=start)
    assert table.next_tick(start) == utc("2019-03-31T01:30")
    assert table.previous_tick(utc("2019-03-31T01:31")) == utc("2019-03-31T01:30")
    assert table.previous_tick(utc("2019-03-31T01:30")) == utc("2019-03-30T01:30")


def test_no_schedule_never_ticks() -> None:
    table = timetable.parse(None, start_date=utc("2020-01-01"))
    assert table.first_tick() is None
    assert table.next_tick(utc("2020-01-01")) is None
    assert table.interval_end(utc("2020-01-01")) == utc("2020-01-01")


def test_relativedelta_of_fixed_length_is_a_timedelta() -> None:
    assert timetable.parse(relativedelta(days=+1, hours=2)).delta == timedelta(hours=26)
    with pytest.raises(ScheduleInvalid, match="is no schedule"):
        timetable.parse(relativedelta(day=1))


@pytest.mark.parametrize(
    ("schedule", "start", "ticks", "reading"),
    [
        (
            relativedelta(months=1),
            "2020-01-31T05:00",
            ["2020-02-29T05:00", "2020-03-31T05:00", "2020-04-30T05:00"],
            "Every month",
        ),
        (relativedelta(years=1), "2020-02-29", ["2021-02-28", "2022-02-28"], "Every year"),
        (
            relativedelta(months=3, days=1),
            "2020-01-01",
            ["2020-04-02", "2020-07-03"],
            "Every 3 months and 1 day, 0:00:00",
        ),
    ],
)
def test_months_are_counted_from_the_start_date(
    schedule: relativedelta, start: str, ticks: list[str], reading: str
) -> None:
    table = timetable.parse(schedule, start_date=utc(start))
    assert table.first_tick() == utc(start)
    assert list(islice(table.ticks(utc(start)), len(ticks))) == [utc(tick) for tick in ticks]
    assert table.previous_tick(utc(ticks[0])) == utc(start)
    between = utc(ticks[0]) + timedelta(hours=1)
    assert (table.previous_tick(between), table.next_tick(between)) == (
        utc(ticks[0]),
        utc(ticks[1]),
    )
    assert (table.text, table.reading()) == (reading, reading)


@pytest.mark.parametrize("schedule", [relativedelta(months=-1), relativedelta(months=1, days=-3)])
def test_a_schedule_goes_forward(schedule: relativedelta) -> None:
    with pytest.raises(ScheduleInvalid, match="negative"):
        timetable.parse(schedule)


def test_plain_values_build_the_same_timetable() -> None:
    start = utc("2020-01-01")
    parsed = timetable.parse("0 6 * * 1-5", timezone="Europe/Berlin", start_date=start)
    built = Timetable.from_parts(
        kind="cron",
        cron="0 6 * * 1-5",
        timezone="Europe/Berlin",
        start_date=start,
        text="0 6 * * 1-5",
    )
    assert parsed == built


@pytest.mark.parametrize(
    ("expression", "same_as"),
    [
        ("0 22-2 * * *", "0 22,23,0,1,2 * * *"),
        ("0 0 * * FRI-MON", "0 0 * * 5,6,0,1"),
        ("0 0 ? * L5", "0 0 * * 5L"),
        ("0 0 * jan-mar sun", "0 0 * 1-3 0"),
        ("0 22-4/2 * * *", "0 22,0,2,4 * * *"),
        ("@DAILY", "0 0 * * *"),
    ],
)
def test_croniter_spellings(expression: str, same_as: str) -> None:
    start = utc("2020-01-01")
    assert first_stamps(expression, start, 12) == first_stamps(same_as, start, 12)


def test_restricted_day_and_weekday_are_either_or() -> None:
    ticks = first_stamps("0 0 */10 * 1", utc("2020-06-01"), 8)
    assert [tick.day for tick in ticks] == [1, 8, 11, 15, 21, 22, 29, 1]


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        ("61 * * * *", r"61 is no minute \(0 to 59\)"),
        ("0 24 * * *", "24 is no hour"),
        ("0 0 32 * *", "32 is no day of month"),
        ("0 0 0 * *", "0 is no day of month"),
        ("0 0 * 13 *", "13 is no month"),
        ("0 0 * * 8", "8 is no day of week"),
        ("0 0 * * someday", "'someday' is no day of week"),
        ("0 0 * * 5#6", "'6' in '5#6' is not 1 to 5"),
        ("*/0 * * * *", "'0' is no step for the minute"),
        ("*/x * * * *", "'X' is no step for the minute"),
        ("0 0 30 2 *", "no month has that day"),
        ("* * *", "it has 3 fields, not 5"),
        ("", "it has 0 fields"),
        ("@fortnightly", "'@fortnightly' is no schedule preset; known are @once"),
        (timedelta(0), "too short"),
        (42, "42 is no schedule"),
    ],
)
def test_bad_schedules_say_what_is_wrong(schedule: object, message: str) -> None:
    with pytest.raises(ScheduleInvalid, match=message):
        timetable.parse(schedule)


def test_unknown_time_zone_is_named() -> None:
    with pytest.raises(ScheduleInvalid, match="'Mars/Olympus' is no time zone"):
        timetable.parse("@daily", timezone="Mars/Olympus")


@pytest.mark.parametrize("name", ["Europe/Berlin", "UTC", "+05:30", "-03:00"])
def test_zone_names_survive_a_round_trip(name: str) -> None:
    assert timetable.zone_name(timetable.zone(name)) == name


def test_zone_list_is_for_people() -> None:
    names = timetable.zone_names()
    assert "Europe/Berlin" in names
    assert names[-1] == "UTC"
    assert not any(name.startswith("Etc/") for name in names)


@pytest.mark.parametrize(
    ("schedule", "reading"),
    [
        (None, "Only when triggered"),
        ("@once", "Once"),
        ("@daily", "Every day at 00:00"),
        ("0 6 * * *", "Every day at 06:00"),
        ("0 6,18 * * *", "Every day at 06:00 and 18:00"),
        ("0 6 * * 1-5", "Every weekday at 06:00"),
        ("0 6 * * mon-fri", "Every weekday at 06:00"),
        ("30 7 * * 1", "Every Monday at 07:30"),
        ("30 7 * * 1,4", "Every Monday and Thursday at 07:30"),
        ("0 9 * * 6,0", "Every Saturday and Sunday at 09:00"),
        ("0 0 1 * *", "On day 1 of every month at 00:00"),
        ("0 0 L * *", "On the last day of every month at 00:00"),
        ("* * * * *", "Every minute"),
        ("*/5 * * * *", "Every 5 minutes"),
        ("@hourly", "Every hour"),
        ("15 * * * *", "Every hour at 15 minutes past"),
        ("0 */6 * * *", "Every 6 hours"),
        ("0 6 * * * 10", "Every day at 06:00:10"),
        ("*/10 8-17 * * 1-5", "Every 10th minute from 08:00 to 17:59, Monday to Friday"),
        (timedelta(days=1), "Every day"),
        (timedelta(hours=6), "Every 6 hours"),
        (timedelta(minutes=90), "Every 90 minutes"),
        (timedelta(seconds=2.5), "Every 2.5 seconds"),
    ],
)
def test_readings(schedule: object, reading: str) -> None:
    assert timetable.explain(schedule) == reading


def test_next_due_times_carry_the_zone() -> None:
    times = timetable.next_due("0 6 * * *", "Europe/Berlin", utc("2026-11-22T12:00"), 2)
    assert [time.isoformat() for time in times] == [
        "2026-11-23T06:00:00+01:00",
        "2026-11-24T06:00:00+01:00",
    ]


def test_every_hour_is_recognised() -> None:
    assert cron.read("0 */1 * * *").every_hour
    assert not cron.read("0 */2 * * *").every_hour
