"""May a single task instance run now, by hand? Which of its unmet conditions forbid that.

Source: SEMANTICS 3.8.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from hubflow.rules.blocking import Unmet
from hubflow.states import FINISHED, TaskState

_ALWAYS = frozenset({"Dag Not Paused"})
_OF_STATE = "Task Instance State"
_OF_TASKS = frozenset({"Trigger Rule", "Previous Dagrun State", "Not Previously Skipped"})
_OF_TIME = frozenset({"Execution Date", "Not In Retry Period", "Ready To Reschedule"})


class Ignore(NamedTuple):
    """Which conditions do not count: all, those of the state, those on other tasks."""

    all_deps: bool = False
    task_state: bool = False
    task_deps: bool = False


def forbidding(unmet: Iterable[Unmet], state: TaskState, ignore: Ignore) -> list[Unmet]:
    """Return the conditions that forbid to run a task instance by hand; none means go.

    Limits never do: it waits for its slot. Nor does the state of its run, which opens again.
    """
    found = [one for one in unmet if _counts(one.name, state, ignore)]
    if state is TaskState.SCHEDULED:
        found.append(Unmet(_OF_STATE, "it waits for its slot already"))
    return found


def _counts(name: str, state: TaskState, ignore: Ignore) -> bool:
    if name == _OF_STATE:
        # What runs must not run twice, and a task that is gone not at all.
        is_over = state in FINISHED and state is not TaskState.REMOVED
        return not (is_over and (ignore.all_deps or ignore.task_state))
    if name in _OF_TASKS:
        return not (ignore.all_deps or ignore.task_deps)
    return name in _ALWAYS or (name in _OF_TIME and not ignore.all_deps)
