"""Guarded moves of DAG runs, and the rows the scheduler keeps in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import ColumnElement, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.errors import StaleState
from hubflow.states import RunState, RunType

_RUN = orm.table(orm.DagRun)
ACTIVE = (RunState.QUEUED, RunState.RUNNING)
ON_SCHEDULE = (RunType.SCHEDULED, RunType.BACKFILL)


class RunMove(TypedDict):
    id_: int
    expected: RunState
    state_: RunState
    start_: datetime | None
    end_: datetime | None
    counts_: dict[str, int]
    version_: int | None
    reason_: str | None


_MOVE = (
    update(_RUN)
    .where((_RUN.c.id == bindparam("id_")) & (_RUN.c.state == bindparam("expected")))
    .values(
        state=bindparam("state_"),
        start_date=bindparam("start_"),
        end_date=bindparam("end_"),
        task_counts=bindparam("counts_"),
        dag_version_id=bindparam("version_"),
        reason=bindparam("reason_"),
    )
)


def move(session: Session, moves: Sequence[RunMove]) -> None:
    """Write state, dates and task counts of runs; raises StaleState on a lost race."""
    if not moves:
        return
    moved = session.connection().execute(_MOVE, list(moves)).rowcount
    if moved != len(moves):
        raise StaleState(f"{len(moves) - moved} of {len(moves)} runs were moved before")


def list_active(session: Session, after_id: int = 0) -> Sequence[orm.DagRun]:
    """Return queued and running runs with a primary key above ``after_id``, oldest first."""
    return session.scalars(
        select(orm.DagRun)
        .where(orm.DagRun.state.in_(ACTIVE), orm.DagRun.id > after_id)
        .order_by(orm.DagRun.id)
    ).all()


def list_changed(session: Session, after_change: int) -> Sequence[orm.DagRun]:
    """Return runs that others changed later than ``after_change``, in the order of change."""
    return session.scalars(
        select(orm.DagRun).where(orm.DagRun.change_id > after_change).order_by(orm.DagRun.change_id)
    ).all()


def list_latest(
    session: Session, dag_key: int, also: Sequence[int], limit: int
) -> list[tuple[int, RunState]]:
    """Return primary key and state of the latest runs of a DAG that have begun, and of ``also``.

    The latest execution date comes first.
    """
    run = orm.DagRun
    rows = session.execute(
        select(run.id, run.state)
        .where(run.dag_id == dag_key, (run.state != RunState.QUEUED) | run.id.in_(also))
        .order_by(run.execution_date.desc())
        .limit(limit)
    )
    return [(id, state) for id, state in rows]


def last_change(session: Session) -> int:
    """Return the greatest `change_id` of all runs."""
    return session.scalar(select(func.max(orm.DagRun.change_id))) or 0


def last_scheduled(session: Session, dag_key: int) -> datetime | None:
    """Return the execution date of the latest run that follows the schedule (SEMANTICS 1.4)."""
    return session.scalar(
        select(orm.DagRun.execution_date)
        .where(orm.DagRun.dag_id == dag_key, orm.DagRun.run_type.in_(ON_SCHEDULE))
        .order_by(orm.DagRun.execution_date.desc())
        .limit(1)
    )


def find_facts(session: Session, run_key: int) -> dict[str, Any] | None:
    """Return what whoever waits for the end of a run is told about it."""
    row = session.execute(
        select(orm.Dag.dag_id, orm.DagRun.run_id, orm.DagRun.execution_date, orm.DagRun.state)
        .join(orm.Dag, orm.Dag.id == orm.DagRun.dag_id)
        .where(orm.DagRun.id == run_key)
    ).first()
    return None if row is None else dict(row._mapping)


def add(session: Session, values: dict[str, Any]) -> orm.DagRun:
    """Insert a queued run and point its DAG's `last_run_id` at it when it is the latest."""
    run = orm.DagRun(state=RunState.QUEUED, task_counts={}, **values)
    session.add(run)
    session.flush()
    dag = session.get_one(orm.Dag, run.dag_id)
    newest = session.get(orm.DagRun, dag.last_run_id) if dag.last_run_id else None
    if newest is None or newest.execution_date <= run.execution_date:
        dag.last_run_id = run.id
    return run


def delete_run(session: Session, dag: orm.Dag, run: orm.DagRun) -> None:
    """Delete a run with all that belongs to it; `last_run_id` of its DAG follows."""
    session.flush()
    release_children(session, orm.DagRun.id == run.id)
    session.execute(delete(orm.DagRun).where(orm.DagRun.id == run.id))
    session.expunge(run)
    if dag.last_run_id == run.id:
        dag.last_run_id = session.scalar(
            select(orm.DagRun.id)
            .where(orm.DagRun.dag_id == dag.id)
            .order_by(orm.DagRun.execution_date.desc())
            .limit(1)
        )


def release_children(session: Session, doomed: ColumnElement[bool]) -> None:
    """Let the runs that tasks of ``doomed`` runs wait for stand alone: nothing leads to these."""
    tasks = (
        select(orm.TaskInstance.id)
        .join(orm.DagRun, orm.TaskInstance.dag_run_id == orm.DagRun.id)
        .where(doomed)
        .subquery()  # MySQL reads no table directly that it updates
    )
    session.execute(
        update(orm.DagRun)
        .where(orm.DagRun.parent_id.in_(select(tasks.c.id)))
        .values(parent_id=None, starter=None)
    )


def exists_at(session: Session, dag_key: int, execution_date: datetime) -> bool:
    """Say whether the DAG has a run at this date."""
    return (
        session.scalar(
            select(orm.DagRun.id).where(
                orm.DagRun.dag_id == dag_key, orm.DagRun.execution_date == execution_date
            )
        )
        is not None
    )
