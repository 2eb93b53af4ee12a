"""Guarded moves of task instances and their tries, in batches.

Every move is `UPDATE … WHERE id = :id AND state = :expected AND try_number = :try`. A batch that
moved fewer rows than it has raises StaleState: the caller's picture of the database is wrong,
so it rolls back and reads again. Core statements with bind lists, because the unit of work
of the ORM is what shows on this path.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict

import msgspec
from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.db.types import UtcDateTime
from hubflow.errors import StaleState
from hubflow.execution.messages import Pause
from hubflow.serialization.model import SerializedTask
from hubflow.states import HELD, TaskEvent, TaskState, next_state

_TI = orm.table(orm.TaskInstance)
_TRY = orm.table(orm.TaskTry)
_GOOD = (TaskState.SUCCESS, TaskState.SKIPPED)


class TaskMove(TypedDict):
    """Where an instance was (`id_`, `expected`, `expected_try`) and what its row becomes."""

    id_: int
    expected: TaskState
    expected_try: int
    state_: TaskState
    try_: int
    ready_: datetime | None
    queued_: datetime | None
    start_: datetime | None
    end_: datetime | None
    retry_: datetime | None
    hostname_: str | None
    pid_: int | None


class TryGoesOn(TypedDict):
    """A try that has a row got another process."""

    id_: int
    try_: int
    hostname_: str | None
    pid_: int | None


class TryEnd(TypedDict):
    """How a try that has a row ended."""

    id_: int
    try_: int
    state_: TaskState
    code_at_: datetime | None
    end_: datetime | None
    exit_code_: int | None
    error_: str | None
    error_detail_: dict[str, Any] | None
    artifacts_: dict[str, str] | None


_MOVE = (
    update(_TI)
    .where(
        (_TI.c.id == bindparam("id_"))
        & (_TI.c.state == bindparam("expected"))
        & (_TI.c.try_number == bindparam("expected_try"))
    )
    .values(
        state=bindparam("state_"),
        try_number=bindparam("try_"),
        ready_at=bindparam("ready_"),
        queued_at=bindparam("queued_"),
        start_date=bindparam("start_"),
        end_date=bindparam("end_"),
        retry_at=bindparam("retry_"),
        hostname=bindparam("hostname_"),
        pid=bindparam("pid_"),
    )
)
_END_TRY = (
    update(_TRY)
    .where((_TRY.c.task_instance_id == bindparam("id_")) & (_TRY.c.try_number == bindparam("try_")))
    .values(
        state=bindparam("state_"),
        code_at=func.coalesce(_TRY.c.code_at, bindparam("code_at_", type_=UtcDateTime)),
        end_date=bindparam("end_"),
        exit_code=bindparam("exit_code_"),
        error=bindparam("error_"),
        error_detail=bindparam("error_detail_"),
        artifacts=bindparam("artifacts_"),
    )
)


_CONTINUE_TRY = (
    update(_TRY)
    .where((_TRY.c.task_instance_id == bindparam("id_")) & (_TRY.c.try_number == bindparam("try_")))
    .values(state=TaskState.RUNNING, hostname=bindparam("hostname_"), pid=bindparam("pid_"))
)
_PAUSE = update(_TI).where(_TI.c.id == bindparam("id_")).values(deferral=bindparam("pause_"))
_RULE_OUT = update(_TI).where(_TI.c.id == bindparam("id_")).values(rules_out=bindparam("tasks_"))


def move(session: Session, moves: Sequence[TaskMove]) -> None:
    """Write moved instances; raises StaleState when any was not where it was expected."""
    if not moves:
        return
    moved = session.connection().execute(_MOVE, list(moves)).rowcount
    if moved != len(moves):
        raise StaleState(f"{len(moves) - moved} of {len(moves)} task instances were moved before")


def require_current(session: Session, task_instance_id: int, try_number: int) -> None:
    """Raise StaleState unless this try is the one that is queued or running now."""
    row = session.execute(
        select(_TI.c.state, _TI.c.try_number).where(_TI.c.id == task_instance_id)
    ).first()
    if row is None or row[0] not in HELD or row[1] != try_number:
        raise StaleState(f"try {try_number} is over; what it pushes now is not kept")


def insert_instances(
    session: Session, dag_run_id: int, rows: Sequence[dict[str, Any]]
) -> dict[str, int]:
    """Insert the task instances of a new run; returns task id -> primary key."""
    if not rows:
        return {}
    session.connection().execute(insert(_TI), list(rows))
    found = session.execute(select(_TI.c.task_id, _TI.c.id).where(_TI.c.dag_run_id == dag_run_id))
    return {task_id: key for task_id, key in found}


def insert_mapped(session: Session, rows: Sequence[dict[str, Any]]) -> dict[int, int]:
    """Insert further instances of one mapped task; returns map index -> primary key."""
    if not rows:
        return {}
    session.connection().execute(insert(_TI), list(rows))
    found = session.execute(
        select(_TI.c.map_index, _TI.c.id).where(
            _TI.c.dag_run_id == rows[0]["dag_run_id"], _TI.c.task_id == rows[0]["task_id"]
        )
    )
    return {index: key for index, key in found}


def restore_removed(
    session: Session, dag_run_id: int, task: SerializedTask, indexes: Sequence[int]
) -> dict[int, orm.TaskInstance]:
    """Restore those of these instances of a mapped task that were removed; by map index."""
    rows = session.scalars(
        select(orm.TaskInstance).where(
            orm.TaskInstance.dag_run_id == dag_run_id,
            orm.TaskInstance.task_id == task.task_id,
            orm.TaskInstance.state == TaskState.REMOVED,
        )
    )
    found = {row.map_index: row for row in rows if row.map_index in indexes}
    for row in found.values():
        row.state = next_state(row.state, TaskEvent.RESTORED)
        row.max_tries = task.tries_after(row.try_number)
    session.flush()
    return found


def set_map_index(session: Session, task_instance_id: int, map_index: int) -> None:
    """Make an instance one of several of its task."""
    session.execute(update(_TI).where(_TI.c.id == task_instance_id).values(map_index=map_index))


def list_of_runs(session: Session, run_keys: Sequence[int]) -> Sequence[orm.TaskInstance]:
    """Return all instances of these runs."""
    return session.scalars(
        select(orm.TaskInstance).where(orm.TaskInstance.dag_run_id.in_(run_keys))
    ).all()


def states_of(
    session: Session, run_key: int, task_ids: Collection[str] | None = None
) -> dict[str, TaskState]:
    """Return how these tasks (None: all) of a run stand; of a mapped one, an instance that is not
    good if any. Instances that were removed for want of a value do not count."""
    query = select(_TI.c.task_id, _TI.c.state).where(
        _TI.c.dag_run_id == run_key, (_TI.c.state != TaskState.REMOVED) | (_TI.c.map_index < 1)
    )
    if task_ids is not None:
        query = query.where(_TI.c.task_id.in_(task_ids))
    found: dict[str, TaskState] = {}
    for task_id, state in session.execute(query):
        if found.get(task_id, TaskState.SUCCESS) in _GOOD:
            found[task_id] = state
    return found


def insert_tries(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows of tries that started (or ended without a start)."""
    if rows:
        session.connection().execute(insert(_TRY), list(rows))


def continue_tries(session: Session, rows: Sequence[TryGoesOn]) -> None:
    """Write which process goes on with tries that were rescheduled or deferred."""
    if rows:
        session.connection().execute(_CONTINUE_TRY, list(rows))


def set_pauses(session: Session, pauses: Mapping[int, Pause | None]) -> None:
    """Write where instances stand whose try has no process; None forgets it."""
    rows = [{"id_": key, "pause_": pause} for key, pause in pauses.items()]
    session.connection().execute(_PAUSE, rows)


def set_rules_out(session: Session, decisions: Mapping[int, Sequence[str]]) -> None:
    """Write which tasks instances have decided to skip."""
    rows = [{"id_": key, "tasks_": list(tasks) or None} for key, tasks in decisions.items()]
    session.connection().execute(_RULE_OUT, rows)


def pause_of(row: orm.TaskInstance) -> Pause | None:
    """Return the pause that a row keeps."""
    return None if row.deferral is None else msgspec.convert(row.deferral, Pause)


def end_tries(session: Session, rows: Sequence[TryEnd]) -> None:
    """Write how tries ended, or pause, that started in an earlier transaction."""
    if rows:
        session.connection().execute(_END_TRY, list(rows))


def clear_xcoms(session: Session, task_instance_ids: Sequence[int]) -> None:
    """Forget what earlier tries pushed (SEMANTICS 5.1), before a new one is launched."""
    if task_instance_ids:
        session.execute(delete(orm.XCom).where(orm.XCom.task_instance_id.in_(task_instance_ids)))
