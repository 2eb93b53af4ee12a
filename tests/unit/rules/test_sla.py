"""Deadlines, and which of them are missed (SEMANTICS 5.6)."""

from datetime import UTC, datetime, timedelta

import pytest

from hubflow.rules.sla import Deadline, deadlines, is_worth_telling, judge
from hubflow.states import TaskState as S

END = datetime(2026, 1, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
DUE = [Deadline(END + HOUR, "a"), Deadline(END + 2 * HOUR, "b")]


def test_deadlines_count_from_the_end_of_the_interval_earliest_first() -> None:
    assert deadlines({"b": 7200, "a": 3600}, END) == DUE


def test_a_deadline_beyond_the_calendar_never_comes() -> None:
    assert deadlines({"a": 3600, "never": timedelta.max.total_seconds()}, END) == DUE[:1]


@pytest.mark.parametrize(
    ("states", "hours", "missed", "next_hours"),
    [
        pytest.param({}, 0.5, [], 1, id="too early"),
        pytest.param({}, 1, ["a"], 2, id="at the deadline, not begun"),
        pytest.param({"a": S.RUNNING}, 1.5, ["a"], 2, id="still running"),
        pytest.param({"a": S.FAILED}, 1.5, ["a"], 2, id="failed in time is missed all the same"),
        pytest.param({"a": S.SUCCESS}, 1.5, [], 2, id="done"),
        pytest.param({"a": S.SKIPPED, "b": S.SUCCESS}, 1.5, [], None, id="nothing left to watch"),
        pytest.param({"a": S.SUCCESS}, 3, ["b"], None, id="the last one"),
        pytest.param({}, 3, ["a", "b"], None, id="both at once"),
    ],
)
def test_what_is_not_done_by_its_deadline_is_missed(
    states: dict[str, S], hours: float, missed: list[str], next_hours: float | None
) -> None:
    verdict = judge(DUE, states, END + timedelta(hours=hours))
    assert [deadline.task_id for deadline in verdict.missed] == missed
    assert verdict.next_at == (None if next_hours is None else END + timedelta(hours=next_hours))


def test_a_miss_of_long_ago_is_not_worth_telling() -> None:
    created = END - HOUR
    assert is_worth_telling(END, created, END + 24 * HOUR, 24 * HOUR, was_busy=False)
    assert not is_worth_telling(END, created, END + 25 * HOUR, 24 * HOUR, was_busy=True)


def test_a_miss_of_a_run_that_came_after_its_deadline_counts_if_others_held_it_up() -> None:
    assert not is_worth_telling(END, END, END + HOUR, 24 * HOUR, was_busy=False)
    assert is_worth_telling(END, END, END + HOUR, 24 * HOUR, was_busy=True)
