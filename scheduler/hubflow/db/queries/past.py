"""The run before a run, for `depends_on_past`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hubflow.db import orm


def find_at(session: Session, dag_key: int, date: datetime) -> tuple[int, datetime] | None:
    """Return (primary key, execution date) of the run at exactly this date."""
    return _first(session, orm.DagRun.dag_id == dag_key, orm.DagRun.execution_date == date)


def find_before(session: Session, dag_key: int, date: datetime) -> tuple[int, datetime] | None:
    """Return (primary key, execution date) of the latest run before this date."""
    return _first(session, orm.DagRun.dag_id == dag_key, orm.DagRun.execution_date < date)


def firsts_among(
    session: Session, dag_key: int, date: datetime, task_ids: Collection[str]
) -> frozenset[str]:
    """Return those of these tasks that have no instance in any run before this date."""
    if not task_ids:
        return frozenset()
    known = session.scalars(
        select(orm.TaskInstance.task_id)
        .join(orm.DagRun)
        .where(
            orm.DagRun.dag_id == dag_key,
            orm.DagRun.execution_date < date,
            orm.TaskInstance.task_id.in_(task_ids),
        )
        .distinct()
    )
    return frozenset(task_ids) - frozenset(known)


def dags_changed_after(session: Session, event_id: int) -> set[int]:
    """Return the keys of DAGs of which somebody changed a run after this event."""
    return set(
        session.scalars(select(orm.DagRun.dag_id).where(orm.DagRun.change_id > event_id).distinct())
    )


def _first(session: Session, *conditions: object) -> tuple[int, datetime] | None:
    row = session.execute(
        select(orm.DagRun.id, orm.DagRun.execution_date)
        .where(*conditions)  # type: ignore[arg-type]  # comparisons of columns
        .order_by(orm.DagRun.execution_date.desc())
        .limit(1)
    ).first()
    return None if row is None else (row[0], row[1])
