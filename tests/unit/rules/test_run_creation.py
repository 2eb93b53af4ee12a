"""Run creation, by the vectors of SEMANTICS 1.6 and Appendix B."""

from datetime import UTC, datetime, timedelta

import pytest

from hubflow.rules.run_creation import NextRun, may_admit, may_create, next_run
from hubflow.timetable import Timetable

NOW = datetime(2020, 3, 10, 12, tzinfo=UTC)


def day(month: int, number: int, hour: int = 0) -> datetime:
    return datetime(2020, month, number, hour, tzinfo=UTC)


def cron(expression: str, start: datetime) -> Timetable:
    return Timetable.from_parts(kind="cron", cron=expression, start_date=start)


def first(
    timetable: Timetable,
    *,
    catchup: bool = True,
    last: datetime | None = None,
    end_date: datetime | None = None,
    now: datetime = NOW,
) -> NextRun | None:
    return next_run(timetable, end_date=end_date, catchup=catchup, last=last, now=now)


def test_a_continuous_schedule_has_its_next_run_now() -> None:
    table = Timetable.from_parts(kind="continuous", start_date=day(3, 1))
    second = timedelta(seconds=1)
    assert first(table) == NextRun(NOW, NOW, NOW)
    assert first(table, last=day(3, 2)) == NextRun(NOW, NOW, NOW)
    soon = first(table, last=NOW)
    assert soon is not None
    assert soon.due_at == soon.execution_date == NOW + second
    later = first(table, now=day(2, 1))
    assert later is not None
    assert later.due_at == day(3, 1)
    assert first(table, end_date=day(3, 9)) is None


@pytest.mark.parametrize(
    ("timetable", "stamp", "due"),
    [
        (cron("0 0 * * *", day(1, 1)), day(1, 1), day(1, 2)),
        (cron("0 0 * * *", day(1, 1, 5)), day(1, 2), day(1, 3)),
        (
            Timetable.from_parts(kind="delta", delta_s=86400, start_date=day(1, 1, 5)),
            day(1, 1, 5),
            day(1, 2, 5),
        ),
        (cron("0 0 1 * *", day(1, 15)), day(2, 1), day(3, 1)),
        (cron("0 0 * * 0", day(1, 1)), day(1, 5), day(1, 12)),
        (Timetable.from_parts(kind="once", start_date=day(1, 1)), day(1, 1), day(1, 1)),
    ],
)
def test_first_run(timetable: Timetable, stamp: datetime, due: datetime) -> None:
    found = first(timetable)
    assert found is not None
    assert (found.execution_date, found.due_at) == (stamp, due)


def test_catchup_goes_on_after_the_last_run() -> None:
    found = first(cron("0 0 * * *", day(1, 1)), last=day(1, 7))
    assert found is not None
    assert found.execution_date == day(1, 8)


def test_catchup_fills_sixty_nine_days() -> None:
    timetable, last, count = cron("0 0 * * *", day(1, 1)), None, 0
    while (found := first(timetable, last=last)) is not None and found.due_at <= NOW:
        last, count = found.execution_date, count + 1
    assert (count, last) == (69, day(3, 9))


@pytest.mark.parametrize(
    ("expression", "stamp"), [("0 0 * * *", day(3, 9)), ("0 6 * * *", day(3, 9, 6))]
)
def test_without_catchup_only_the_latest_interval(expression: str, stamp: datetime) -> None:
    found = first(cron(expression, day(1, 1)), catchup=False)
    assert found is not None
    assert found.execution_date == stamp
    assert found.due_at <= NOW


def test_without_catchup_the_latest_interval_is_not_run_twice() -> None:
    found = first(cron("0 0 * * *", day(1, 1)), catchup=False, last=day(3, 9))
    assert found is not None
    assert found.due_at == day(3, 11)


def test_without_catchup_timedelta_keeps_its_grid() -> None:
    timetable = Timetable.from_parts(kind="delta", delta_s=7200, start_date=day(1, 1, 1))
    found = first(timetable, catchup=False)
    assert found is not None
    assert found.execution_date == day(3, 10, 9)


def test_a_start_in_the_future_waits() -> None:
    found = first(cron("0 0 * * *", day(4, 1)), catchup=False)
    assert found is not None
    assert found.execution_date == day(4, 1)


def test_end_date_is_the_last_stamp() -> None:
    timetable = cron("0 0 * * *", day(1, 1))
    last = first(timetable, last=day(1, 2), end_date=day(1, 3))
    assert last is not None
    assert last.execution_date == day(1, 3)
    assert first(timetable, last=day(1, 3), end_date=day(1, 3)) is None
    once = Timetable.from_parts(kind="once", start_date=day(1, 5))
    assert first(once, end_date=day(1, 3)) is None


def test_once_is_once() -> None:
    assert first(Timetable.from_parts(kind="once", start_date=day(1, 1)), last=day(1, 1)) is None


@pytest.mark.parametrize(
    "timetable",
    [
        Timetable.from_parts(kind="none"),
        cron("0 0 * * *", day(1, 1)).__class__("cron", "0 0 * * *"),
    ],
)
def test_no_schedule_or_no_start_means_no_run(timetable: Timetable) -> None:
    assert first(timetable) is None


def test_limits_of_active_runs() -> None:
    assert may_create(15, 16)
    assert not may_create(16, 16)
    assert may_admit(0, 1, NOW, NOW)
    assert not may_admit(1, 1, NOW, NOW)
    assert not may_admit(0, 1, NOW + timedelta(seconds=1), NOW)
