"""May a single task instance run now, by hand? What stands against it, by name and reason.

Source: SEMANTICS 3.2 and 3.8; the names are those that Airflow's pages show.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from hubflow.rules.readiness import Readiness, count, readiness
from hubflow.states import FINISHED, HELD, TaskState


class Facts(NamedTuple):
    """What is known of the instance and its surroundings.

    upstream : states of its direct upstream instances in the same run.
    previous : state of the same task in the previous run; None if there is none or the task does
        not depend on the past.
    """

    state: TaskState
    is_paused: bool
    is_due: bool
    trigger_rule: str
    upstream: Sequence[TaskState]
    previous: TaskState | None = None


class Ignore(NamedTuple):
    """Which dependencies do not count: all, those of the state, those on other tasks."""

    all_deps: bool = False
    task_state: bool = False
    task_deps: bool = False


NOTHING = Ignore()


def unmet(facts: Facts, ignore: Ignore = NOTHING) -> list[str]:
    """Return the dependencies that are not met, each as "Name: reason"; none means go."""
    found = []
    if facts.is_paused:
        found.append("Dag Not Paused: the DAG is paused, and starts nothing; unpause it first")
    if facts.state in (*HELD, TaskState.SCHEDULED):
        found.append(f"Task Instance State: it is {facts.state} already")
    elif facts.state is TaskState.REMOVED:
        found.append("Task Instance State: the DAG has no such task any more")
    elif facts.state in FINISHED and not (ignore.all_deps or ignore.task_state):
        found.append(f"Task Instance State: it is {facts.state}; clear it to run it again")
    if not ignore.all_deps and not facts.is_due:
        found.append("Execution Date: the date of the run lies in the future")
    if not (ignore.all_deps or ignore.task_deps):
        found += _task_deps(facts)
    return found


def _task_deps(facts: Facts) -> list[str]:
    found = []
    if readiness(facts.trigger_rule, count(list(facts.upstream))) is not Readiness.RUN:
        states = ", ".join(sorted(set(facts.upstream)))
        found.append(
            f"Trigger Rule: {facts.trigger_rule} does not hold, its upstream tasks are {states}"
        )
    if facts.previous not in (None, TaskState.SUCCESS, TaskState.SKIPPED):
        found.append(f"Previous Dagrun State: the task is {facts.previous} in the previous run")
    return found
