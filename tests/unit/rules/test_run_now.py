"""What stands against running a single task by hand."""

from __future__ import annotations

import pytest

from hubflow.rules.blocking import Unmet
from hubflow.rules.run_now import Ignore, forbidding
from hubflow.states import TaskState

S = TaskState
NOTHING, ALL = Ignore(), Ignore(all_deps=True)
STATE, DEPS = Ignore(task_state=True), Ignore(task_deps=True)


@pytest.mark.parametrize(
    ("name", "state", "allowed_by"),
    [
        ("Dag Not Paused", S.NONE, ()),
        ("Task Instance State", S.RUNNING, ()),
        ("Task Instance State", S.DEFERRED, ()),
        ("Task Instance State", S.REMOVED, ()),
        ("Task Instance State", S.FAILED, (ALL, STATE)),
        ("Trigger Rule", S.NONE, (ALL, DEPS)),
        ("Previous Dagrun State", S.NONE, (ALL, DEPS)),
        ("Not Previously Skipped", S.NONE, (ALL, DEPS)),
        ("Execution Date", S.NONE, (ALL,)),
        ("Not In Retry Period", S.UP_FOR_RETRY, (ALL,)),
        ("Pool Slots Available", S.NONE, (NOTHING, ALL, STATE, DEPS)),
        ("Dagrun Running", S.SUCCESS, (NOTHING, ALL, STATE, DEPS)),
    ],
)
def test_each_condition_forbids_unless_it_is_ignored(
    name: str, state: TaskState, allowed_by: tuple[Ignore, ...]
) -> None:
    for ignore in (NOTHING, ALL, STATE, DEPS):
        found = forbidding([Unmet(name, "why")], state, ignore)
        assert (found == []) is (ignore in allowed_by)


def test_what_waits_for_a_slot_is_about_to_run() -> None:
    assert [one.name for one in forbidding([], S.SCHEDULED, ALL)] == ["Task Instance State"]
    assert forbidding([], S.NONE, NOTHING) == []
