"""The dates of a backfill, and what it does about runs that exist.

Source: SEMANTICS 3.9.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

import msgspec

from hubflow.rules.clearing import FAILED_STATES
from hubflow.states import BackfillState, TaskState
from hubflow.timetable import Timetable

NONE, FAILED, COMPLETED = "none", "failed", "completed"
REPROCESS = (NONE, FAILED, COMPLETED)
_MOMENT = timedelta(microseconds=1)


class BackfillOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What `backfill.options` holds.

    reprocess : about a finished run at one of the dates: "none" leaves it as it is, "failed"
        clears its failed tasks and those that never began, "completed" clears all.
    tasks : only these tasks run; None means all.
    ignores_past_at : the run at this date does not look at its past.
    max_active_runs : None means that of the DAG.
    """

    run_backwards: bool = False
    reprocess: str = NONE
    tasks: list[str] | None = None
    conf: dict[str, Any] = {}
    pool: str | None = None
    mark_success: bool = False
    ignores_past_at: datetime | None = None
    max_active_runs: int | None = None


def dates(timetable: Timetable, first: datetime, last: datetime) -> Iterator[datetime]:
    """Yield the execution dates in [first, last], oldest first.

    Dates before the start date of the DAG count, too. `@once` has its start date only.
    """
    if not timetable.is_periodic:
        date = timetable.first_tick()
        if date is not None and first <= date <= last:
            yield date
        return
    yield from takewhile(lambda tick: tick <= last, timetable.ticks(first - _MOMENT))


def following(
    timetable: Timetable, date: datetime, first: datetime, last: datetime, *, backwards: bool
) -> datetime | None:
    """Return the date after ``date`` in the order of the backfill, None after the last one."""
    tick = timetable.previous_tick(date) if backwards else timetable.next_tick(date)
    return tick if tick is not None and first <= tick <= last else None


def outcome(*, active: int, failed: int, has_more: bool) -> BackfillState:
    """Return the state of a backfill that was not cancelled, from the counts of its runs."""
    if has_more or active:
        return BackfillState.RUNNING
    return BackfillState.FAILED if failed else BackfillState.SUCCESS


def must_clear(reprocess: str, state: TaskState) -> bool:
    """Say whether a backfill clears a task instance of a finished run.

    What never began there, as in a deadlocked run, counts as failed.
    """
    is_bad = state in FAILED_STATES or state is TaskState.NONE
    return reprocess == COMPLETED or (reprocess == FAILED and is_bad)
