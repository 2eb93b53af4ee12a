"""Guarded moves of task instances and their tries, in batches.

Every move is `UPDATE … WHERE id = :id AND state = :expected AND try_number = :try`. A batch that
moved fewer rows than it has raises StaleState: the caller's picture of the database is wrong,
so it rolls back and reads again. Core statements with bind lists, because the unit of work
of the ORM is what shows on this path.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import Executable, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.errors import StaleState
from hubflow.states import TaskState

_TI = orm.table(orm.TaskInstance)
_TRY = orm.table(orm.TaskTry)


class Move(TypedDict):
    """One move: the guard (`id_`, `expected`, `expected_try`) and what it sets."""

    id_: int
    expected: TaskState
    expected_try: int


class QueuedMove(Move):
    new_try: int
    at: datetime


class StartedMove(Move):
    at: datetime
    pid: int
    hostname: str | None


class EndedMove(Move):
    state_: TaskState
    at: datetime
    retry_at_: datetime | None


class StateMove(Move):
    state_: TaskState
    at: datetime | None


class NewTry(TypedDict):
    """A row of task_try; a finished try may be written at once."""

    task_instance_id: int
    try_number: int
    state: TaskState
    queued_at: datetime | None
    start_date: datetime | None
    end_date: datetime | None
    hostname: str | None
    pid: int | None
    exit_code: int | None
    error: str | None
    error_detail: dict[str, Any] | None
    artifacts: dict[str, str] | None


_GUARD = (
    (_TI.c.id == bindparam("id_"))
    & (_TI.c.state == bindparam("expected"))
    & (_TI.c.try_number == bindparam("expected_try"))
)
_QUEUED = (
    update(_TI)
    .where(_GUARD)
    .values(
        state=TaskState.QUEUED,
        try_number=bindparam("new_try"),
        queued_at=bindparam("at"),
        start_date=None,
        end_date=None,
        retry_at=None,
        pid=None,
    )
)
_STARTED = (
    update(_TI)
    .where(_GUARD)
    .values(
        state=TaskState.RUNNING,
        start_date=bindparam("at"),
        pid=bindparam("pid"),
        hostname=bindparam("hostname"),
    )
)
_ENDED = (
    update(_TI)
    .where(_GUARD)
    .values(state=bindparam("state_"), end_date=bindparam("at"), retry_at=bindparam("retry_at_"))
)
_STATE = update(_TI).where(_GUARD).values(state=bindparam("state_"), end_date=bindparam("at"))
_END_TRY = (
    update(_TRY)
    .where((_TRY.c.task_instance_id == bindparam("id_")) & (_TRY.c.try_number == bindparam("try_")))
    .values(
        {
            name: bindparam(f"{name}_")
            for name in ("state", "end_date", "exit_code", "error", "error_detail", "artifacts")
        }
    )
)


def queue(session: Session, moves: Sequence[QueuedMove]) -> None:
    """Move instances to QUEUED with their new try number."""
    _guarded(session, _QUEUED, moves)


def start(session: Session, moves: Sequence[StartedMove]) -> None:
    """Move instances from QUEUED to RUNNING."""
    _guarded(session, _STARTED, moves)


def end(session: Session, moves: Sequence[EndedMove]) -> None:
    """Move instances to the state in which their try left them."""
    _guarded(session, _ENDED, moves)


def set_state(session: Session, moves: Sequence[StateMove]) -> None:
    """Move instances between states that involve no try: scheduled, skipped, upstream_failed."""
    _guarded(session, _STATE, moves)


def _guarded(session: Session, statement: Executable, moves: Sequence[Any]) -> None:
    if not moves:
        return
    moved = session.connection().execute(statement, moves).rowcount
    if moved != len(moves):
        raise StaleState(f"{len(moves) - moved} of {len(moves)} task instances were moved before")


def insert_instances(
    session: Session, dag_run_id: int, rows: Sequence[dict[str, Any]]
) -> dict[str, int]:
    """Insert the task instances of a new run; returns task id -> primary key."""
    if not rows:
        return {}
    session.connection().execute(insert(_TI), list(rows))
    found = session.execute(select(_TI.c.task_id, _TI.c.id).where(_TI.c.dag_run_id == dag_run_id))
    return {task_id: key for task_id, key in found}


def insert_tries(session: Session, rows: Sequence[NewTry]) -> None:
    """Insert rows of tries that started (or ended without a start)."""
    if rows:
        session.connection().execute(insert(_TRY), list(rows))


def end_tries(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write how running tries ended; keys are `id_`, `try_` and the columns with `_`."""
    if rows:
        session.connection().execute(_END_TRY, list(rows))


def clear_xcoms(session: Session, task_instance_ids: Sequence[int]) -> None:
    """Forget what earlier tries pushed (SEMANTICS 5.1: when a new try starts)."""
    if task_instance_ids:
        session.execute(delete(orm.XCom).where(orm.XCom.task_instance_id.in_(task_instance_ids)))
