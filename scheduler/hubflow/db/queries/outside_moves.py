"""What people do to task instances and runs: clear, mark, run by hand. Guarded like all moves.

Who calls has read the instances in the same transaction. A row that has moved since raises
StaleState; nothing is written then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.db.queries import task_moves
from hubflow.errors import StaleState
from hubflow.serialization.model import SerializedDag, SerializedTask
from hubflow.states import (
    FINISHED,
    HELD,
    PAUSED,
    RunEvent,
    TaskEvent,
    TaskState,
    next_run_state,
    next_state,
)

_TI = orm.table(orm.TaskInstance)
_TRY = orm.table(orm.TaskTry)
_KEPT = (
    "start_date",
    "end_date",
    "ready_at",
    "queued_at",
    "retry_at",
    "hostname",
    "pid",
    "deferral",
)

_MOVE = (
    update(_TI)
    .where(
        (_TI.c.id == bindparam("id_"))
        & (_TI.c.state == bindparam("expected"))
        & (_TI.c.try_number == bindparam("expected_try"))
    )
    .values(
        state=bindparam("state_"),
        max_tries=bindparam("max_tries_"),
        rules_out=bindparam("rules_out_"),
        **{name: bindparam(f"{name}_") for name in _KEPT},
    )
)
_END_TRY = (
    update(_TRY)
    .where(
        (_TRY.c.task_instance_id == bindparam("id_"))
        & (_TRY.c.try_number == bindparam("try_"))
        & (_TRY.c.end_date.is_(None))
    )
    .values(state=bindparam("state_"), end_date=bindparam("end_"), error=bindparam("error_"))
)


class Change(NamedTuple):
    """One instance and what happens to it. `task` is None if the DAG has it no more."""

    row: orm.TaskInstance
    event: TaskEvent
    task: SerializedTask | None = None


def apply(session: Session, changes: Sequence[Change], at: datetime, by: str) -> None:
    """Move task instances; raises StaleState on a lost race.

    The rows show the new state afterwards.
    """
    if not changes:
        return
    moves, ends = [], []
    for change in changes:
        moves.append(_move(change, at))
        state = moves[-1]["state_"]
        if change.row.state in HELD and state in FINISHED:
            ends.append(_try_end(change, state, at, f"{by} marked it as {state} while it ran"))
        elif change.row.state in PAUSED:
            # A try without a process: nobody else will say that it is over.
            ended = state if state in FINISHED else TaskState.FAILED
            ends.append(_try_end(change, ended, at, f"{by} ended it while it waited"))
    session.flush()
    moved = session.connection().execute(_MOVE, moves).rowcount
    if moved != len(moves):
        raise StaleState(f"{len(moves) - moved} task instances changed meanwhile; look again")
    if ends:
        session.connection().execute(_END_TRY, ends)
    for change in changes:
        session.expire(change.row)


def reopen(session: Session, run: orm.DagRun, *, event: RunEvent = RunEvent.REOPENED) -> None:
    """Let a run go on: a finished one waits for its turn, and will have a new start date."""
    was = run.state
    run.state = next_run_state(was, event)
    if was is not run.state:
        run.start_date = run.end_date = run.reason = None
        run.is_thinned = False


def finish(run: orm.DagRun, event: RunEvent, at: datetime) -> None:
    """End a run by hand."""
    run.state = next_run_state(run.state, event)
    run.start_date = run.start_date or at
    run.end_date, run.reason = at, None


def take_version(
    session: Session,
    run: orm.DagRun,
    version: tuple[int, SerializedDag],
    former: SerializedDag | None,
) -> bool:
    """Let a run that is cleared go on with another version of its DAG (SEMANTICS 3.3).

    Tasks that are new get instances, tasks that are gone become removed, tasks that are back
    are restored. A run that never had all tasks (a backfill of some) gets no new ones. While a
    task that is gone still runs, the run keeps its version. Returns whether it has the new one.
    """
    key, dag = version
    rows: dict[str, list[orm.TaskInstance]] = {}
    for row in sorted(task_moves.list_of_runs(session, [run.id]), key=lambda row: row.map_index):
        rows.setdefault(row.task_id, []).append(row)
    tasks = {task.task_id: task for task in dag.tasks}
    gone = [
        row for task_id, some in rows.items() for row in some if not _has(tasks.get(task_id), row)
    ]
    if any(row.state in HELD for row in gone):
        return False
    had_all = former is None or all(task.task_id in rows for task in former.tasks)
    known = {task.task_id for task in former.tasks} if former else set(rows)
    for row in gone:
        row.state = next_state(row.state, TaskEvent.REMOVED)
    for task_id in rows.keys() & tasks.keys():
        _keep(tasks[task_id], rows[task_id])
    if had_all:
        session.add_all(
            _instance(run, task)
            for task_id, task in tasks.items()
            if task_id not in rows and task_id not in known
        )
    run.dag_version_id = key
    session.flush()
    return True


def _has(task: SerializedTask | None, row: orm.TaskInstance) -> bool:
    """Say whether there is still such an instance; only a mapped task has several."""
    return task is not None and (task.mapped is not None or row.map_index < 1)


def _keep(task: SerializedTask, rows: Sequence[orm.TaskInstance]) -> None:
    """Restore a task that is back: its first instance, from which a mapped one gets the others."""
    first = rows[0]
    if all(row.state is TaskState.REMOVED for row in rows):
        first.state = next_state(first.state, TaskEvent.RESTORED)
        first.max_tries = task.tries_after(first.try_number)
    if task.mapped is None:
        first.map_index = -1


def ensure_instances(session: Session, run: orm.DagRun, dag: SerializedDag, key: int) -> None:
    """Give a run that has not started yet its task instances."""
    if task_moves.list_of_runs(session, [run.id]):
        return
    session.add_all(_instance(run, task) for task in dag.tasks)
    run.dag_version_id = key
    session.flush()


def recount(session: Session, runs: Collection[orm.DagRun]) -> None:
    """Renew the counts of task states that runs keep."""
    counts: dict[int, Counter[str]] = {run.id: Counter() for run in runs}
    rows = session.execute(
        select(_TI.c.dag_run_id, _TI.c.state, func.count())
        .where(_TI.c.dag_run_id.in_(counts))
        .group_by(_TI.c.dag_run_id, _TI.c.state)
    )
    for run_key, state, count in rows:
        counts[run_key][str(state)] = count
    for run in runs:
        run.task_counts = dict(counts[run.id])


def _move(change: Change, at: datetime) -> dict[str, Any]:
    row, event = change.row, change.event
    state = next_state(row.state, event)
    max_tries, rules_out = row.max_tries, row.rules_out
    values: dict[str, Any] = {name: getattr(row, name) for name in _KEPT}
    if event in (TaskEvent.CLEARED, TaskEvent.RUN_BY_HAND):
        max_tries = change.task.tries_after(row.try_number) if change.task else max_tries
        rules_out = None
        if state not in HELD:
            values = dict.fromkeys(_KEPT)
    else:
        values |= {
            "start_date": row.start_date or at,
            "end_date": row.end_date if row.state in FINISHED and row.end_date else at,
            "retry_at": None,
            "deferral": None,
        }
    return {
        "id_": row.id,
        "expected": row.state,
        "expected_try": row.try_number,
        "state_": state,
        "max_tries_": max_tries,
        "rules_out_": rules_out,
        **{f"{name}_": value for name, value in values.items()},
    }


def _try_end(change: Change, state: TaskState, at: datetime, why: str) -> dict[str, Any]:
    return {
        "id_": change.row.id,
        "try_": change.row.try_number,
        "state_": state,
        "end_": at,
        "error_": why,
    }


def _instance(run: orm.DagRun, task: SerializedTask) -> orm.TaskInstance:
    return orm.TaskInstance(
        dag_run_id=run.id,
        task_id=task.task_id,
        map_index=-1,
        state=TaskState.NONE,
        try_number=0,
        max_tries=task.retries + 1,
        operator=task.operator,
        pool=task.pool,
        pool_slots=task.pool_slots,
        queue=task.queue,
        priority_weight=task.priority_weight,
    )
