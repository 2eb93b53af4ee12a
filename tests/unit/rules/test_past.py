"""`depends_on_past`, by SEMANTICS 3.5."""

from datetime import UTC, datetime, timedelta

import pytest

from hubflow.rules.past import Before, Previous, past_counts, past_obstacle, where_to_look
from hubflow.rules.readiness import Readiness
from hubflow.states import TaskState
from hubflow.timetable import Timetable

DAY = datetime(2026, 1, 10, tzinfo=UTC)
YESTERDAY = DAY - timedelta(days=1)
DAILY = Timetable.from_parts(kind="cron", cron="0 0 * * *", start_date=YESTERDAY)
ONCE = Timetable.from_parts(kind="once", start_date=YESTERDAY)
S = TaskState


@pytest.mark.parametrize(
    ("timetable", "catchup", "date", "before"),
    [
        (DAILY, True, DAY, Before(YESTERDAY, is_exact=True)),
        (DAILY, True, DAY + timedelta(hours=7), Before(DAY, is_exact=True)),
        (DAILY, False, DAY, Before(DAY, is_exact=False)),
        (Timetable("none"), True, DAY, None),
        (ONCE, True, DAY, None),
        (Timetable("none"), False, DAY, Before(DAY, is_exact=False)),
    ],
)
def test_where_the_previous_run_is(
    timetable: Timetable, catchup: bool, date: datetime, before: Before | None
) -> None:
    assert where_to_look(timetable, catchup=catchup, execution_date=date) == before


def previous(**states: TaskState) -> Previous:
    return Previous(YESTERDAY, 1, states)


@pytest.mark.parametrize("state", TaskState)
def test_success_and_skipped_are_good_enough(state: TaskState) -> None:
    obstacle = past_obstacle(previous(t=state), "t", None)
    assert (obstacle is None) is (state in {S.SUCCESS, S.SKIPPED})


@pytest.mark.parametrize(
    ("found", "start", "words"),
    [
        (None, None, None),
        (Previous(YESTERDAY, None, {}), DAY, None),
        (Previous(YESTERDAY, None, {}), YESTERDAY, "does not exist"),
        (previous(), DAY, None),
        (previous(), None, "has no instance in the previous run"),
        (Previous(YESTERDAY, None, {}, {"t"}), YESTERDAY, None),
        (Previous(YESTERDAY, 1, {}, {"t"}), None, None),
        (Previous(YESTERDAY, 1, {}, {"other"}), None, "has no instance in the previous run"),
        (Previous(YESTERDAY, 1, {"t": S.FAILED}, {"t"}), None, "the task is failed"),
        (previous(t=S.FAILED), None, "the task is failed in the previous run, at 2026-01-09"),
    ],
)
def test_the_first_run_depends_on_nothing(
    found: Previous | None, start: datetime | None, words: str | None
) -> None:
    obstacle = past_obstacle(found, "t", start)
    assert obstacle is None if words is None else obstacle and words in obstacle


@pytest.mark.parametrize(
    ("after", "is_free"),
    [(S.SUCCESS, True), (S.REMOVED, True), (None, True), (S.SKIPPED, False), (S.RUNNING, False)],
)
def test_waiting_for_downstream(after: TaskState | None, is_free: bool) -> None:
    states = {"t": S.SUCCESS} | ({} if after is None else {"next": after})
    obstacle = past_obstacle(previous(**states), "t", None, ["next"])
    assert (obstacle is None) is is_free
    assert is_free or "'next', directly after it" in (obstacle or "")


@pytest.mark.parametrize("verdict", Readiness)
def test_the_past_counts_before_running_and_if_wanted_before_skipping(verdict: Readiness) -> None:
    assert past_counts(verdict, before_skipping=False) is (verdict is Readiness.RUN)
    wanted = verdict in {Readiness.RUN, Readiness.SKIP}
    assert past_counts(verdict, before_skipping=True) is wanted
