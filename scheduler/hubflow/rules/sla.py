"""Which tasks should be done by when, and which of them are late."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from hubflow.clock import later
from hubflow.states import TaskState

IN_TIME = frozenset({TaskState.SUCCESS, TaskState.SKIPPED})


class Deadline(NamedTuple):
    """When a task of a run should be done."""

    at: datetime
    task_id: str


class Verdict(NamedTuple):
    """Deadlines that are missed now, and when to look again (None: never)."""

    missed: list[Deadline]
    next_at: datetime | None


def deadlines(slas: Mapping[str, float], interval_end: datetime) -> list[Deadline]:
    """Return the deadlines of one run, earliest first.

    Parameters
    ----------
    slas : task id -> seconds after the end of the run's interval.

    Source: SEMANTICS 5.6.
    """
    return sorted(
        Deadline(at, task_id)
        for task_id, seconds in slas.items()
        if (at := later(interval_end, seconds)) is not None
    )


def judge(due: Iterable[Deadline], states: Mapping[str, TaskState], now: datetime) -> Verdict:
    """Say which deadlines are missed.

    Parameters
    ----------
    states : task id -> state; a task without one has not begun. Only success and skipped stop
        the clock: a task that failed before its deadline misses it.
    """
    open_ = [deadline for deadline in due if states.get(deadline.task_id) not in IN_TIME]
    missed = [deadline for deadline in open_ if deadline.at <= now]
    later = [deadline.at for deadline in open_ if deadline.at > now]
    return Verdict(missed, min(later, default=None))


def is_worth_telling(
    deadline: datetime, created: datetime, now: datetime, max_age: timedelta, *, was_busy: bool
) -> bool:
    """Say whether somebody should hear of a miss.

    Not when years of runs are caught up, and not when the deadline lay before the run was
    ``created``: that run could not meet it, as when its DAG was switched on only then. If the DAG
    ``was_busy`` with other runs at the deadline, though, these were why this one came late.
    """
    return (created < deadline or was_busy) and now - deadline <= max_age
