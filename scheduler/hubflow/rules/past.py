"""`depends_on_past` and `wait_for_downstream`: may a task run, given the run before?"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from hubflow.clock import isoformat
from hubflow.rules.readiness import Readiness
from hubflow.states import TaskState
from hubflow.timetable import Timetable

_GOOD = frozenset({TaskState.SUCCESS, TaskState.SKIPPED})


class Before(NamedTuple):
    """Where to look for the previous run: at `date`, or at the latest one before `date`."""

    date: datetime
    is_exact: bool


class Previous(NamedTuple):
    """The previous run. `run_key` is None where one should be and is not.

    `states` has those tasks that have an instance in it. `firsts` are tasks that had no instance in
    any earlier run, and whose first one depends on nothing (ignore_first_depends_on_past).
    """

    date: datetime
    run_key: int | None
    states: dict[str, TaskState]
    firsts: Collection[str] = ()


def where_to_look(
    timetable: Timetable, *, catchup: bool, execution_date: datetime
) -> Before | None:
    """Say which run is the previous one; None when a run has none by definition.

    With catchup every tick has its run, so it is the one at the tick before; a DAG with catchup
    that does not repeat has no past. Without catchup it is whatever ran before.

    Source: SEMANTICS 3.5, as in Airflow 1.10.
    """
    if not catchup:
        return Before(execution_date, is_exact=False)
    tick = timetable.previous_tick(execution_date)
    return None if tick is None else Before(tick, is_exact=True)


def past_obstacle(
    previous: Previous | None,
    task_id: str,
    start_date: datetime | None,
    downstream: Collection[str] = (),
) -> str | None:
    """Say why the past keeps a task that depends on it from running, or None if it does not.

    Parameters
    ----------
    previous : None when the run has no previous run.
    start_date : of the task; its first run depends on nothing.
    downstream : the tasks directly after it, if it waits for those of the previous run, too.
        Those without an instance there are not waited for.

    Source: SEMANTICS 2.1 and 3.5.
    """
    if previous is None or (start_date is not None and previous.date < start_date):
        return None
    if task_id in previous.firsts and task_id not in previous.states:
        return None
    when = isoformat(previous.date)
    if previous.run_key is None:
        return f"the previous run, at {when}, does not exist"
    state = previous.states.get(task_id)
    if state is None:
        return f"the task has no instance in the previous run, at {when}"
    if state not in _GOOD:
        return f"the task is {state} in the previous run, at {when}"
    for other in downstream:
        after = previous.states.get(other, TaskState.REMOVED)
        if after not in {TaskState.SUCCESS, TaskState.REMOVED}:
            return f"{other!r}, directly after it, is {after} in the previous run, at {when}"
    return None


def past_counts(verdict: Readiness, *, before_skipping: bool) -> bool:
    """Say whether a task that depends on the past waits for it, by what its upstream tasks decide.

    It does before it runs; ``before_skipping``, before it is skipped as well, so that it is not
    skipped before the one in the run before is over (wait_for_past_depends_before_skipping).

    Source: SEMANTICS 3.5, as in Airflow 2.6.
    """
    return verdict is Readiness.RUN or (before_skipping and verdict is Readiness.SKIP)
