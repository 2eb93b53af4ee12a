"""The dates of a backfill, and its outcome."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hubflow.rules import backfills as rules
from hubflow.states import BackfillState, TaskState
from hubflow.timetable import parse

DAY = timedelta(days=1)
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
LAST = FIRST + 2 * DAY
DAILY = parse("@daily", start_date=datetime(2026, 6, 1, tzinfo=UTC))


def test_both_ends_count_and_so_do_dates_before_the_start_date() -> None:
    assert list(rules.dates(DAILY, FIRST, LAST)) == [FIRST, FIRST + DAY, LAST]


def test_ends_between_ticks_are_rounded_inwards() -> None:
    inner = rules.dates(DAILY, FIRST + timedelta(hours=1), LAST - timedelta(hours=1))
    assert list(inner) == [FIRST + DAY]


def test_a_schedule_that_ticks_once_or_never() -> None:
    once = parse("@once", start_date=FIRST)
    assert list(rules.dates(once, FIRST, LAST)) == [FIRST]
    assert list(rules.dates(once, FIRST + DAY, LAST)) == []
    assert list(rules.dates(parse(None, start_date=FIRST), FIRST, LAST)) == []


@pytest.mark.parametrize(
    ("date", "backwards", "then"),
    [
        (FIRST, False, FIRST + DAY),
        (LAST, False, None),
        (LAST, True, FIRST + DAY),
        (FIRST, True, None),
    ],
)
def test_one_date_follows_another(date: datetime, backwards: bool, then: datetime | None) -> None:
    assert rules.following(DAILY, date, FIRST, LAST, backwards=backwards) == then


def test_nothing_follows_a_date_without_a_schedule() -> None:
    once = parse("@once", start_date=FIRST)
    assert rules.following(once, FIRST, FIRST, LAST, backwards=False) is None


@pytest.mark.parametrize(
    ("active", "failed", "has_more", "state"),
    [
        (1, 0, False, BackfillState.RUNNING),
        (0, 1, True, BackfillState.RUNNING),
        (0, 1, False, BackfillState.FAILED),
        (0, 0, False, BackfillState.SUCCESS),
    ],
)
def test_outcome(active: int, failed: int, has_more: bool, state: BackfillState) -> None:
    assert rules.outcome(active=active, failed=failed, has_more=has_more) is state


@pytest.mark.parametrize(
    ("reprocess", "cleared"),
    [
        (rules.NONE, set()),
        (rules.FAILED, {TaskState.FAILED, TaskState.UPSTREAM_FAILED, TaskState.NONE}),
        (rules.COMPLETED, set(TaskState)),
    ],
)
def test_what_is_cleared_of_a_finished_run(reprocess: str, cleared: set[TaskState]) -> None:
    assert {state for state in TaskState if rules.must_clear(reprocess, state)} == cleared
