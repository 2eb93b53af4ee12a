"""Deadlines of runs, and the misses that the scheduler records."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from hubflow.db import orm


def list_watched(session: Session) -> Mapping[int, datetime]:
    """Return the runs that have a deadline ahead: primary key -> when to look."""
    rows = session.execute(
        select(orm.DagRun.id, orm.DagRun.sla_at).where(orm.DagRun.sla_at.is_not(None))
    )
    return {key: at for key, at in rows if at is not None}


def set_next(session: Session, run_key: int, at: datetime | None) -> None:
    """Write when to look at a run again; None means never."""
    session.execute(update(orm.DagRun).where(orm.DagRun.id == run_key).values(sla_at=at))


def find_run(session: Session, run_key: int) -> orm.DagRun | None:
    return session.get(orm.DagRun, run_key)


def recorded(session: Session, dag_key: int, execution_date: datetime) -> set[str]:
    """Return the tasks whose miss at this date is recorded."""
    return set(
        session.scalars(
            select(orm.SlaMiss.task_id).where(
                orm.SlaMiss.dag_id == dag_key, orm.SlaMiss.execution_date == execution_date
            )
        )
    )


def was_busy(session: Session, run: orm.DagRun, at: datetime) -> bool:
    """Say whether another run of its DAG was under way at a moment."""
    other = orm.DagRun
    query = select(other.id).where(
        other.dag_id == run.dag_id,
        other.id != run.id,
        other.start_date < at,
        or_(other.end_date.is_(None), other.end_date > at),
    )
    return session.scalar(query.limit(1)) is not None


def add(session: Session, misses: Sequence[orm.SlaMiss]) -> None:
    session.add_all(misses)
    session.flush()


def set_told(session: Session, keys: Collection[int], *, by_mail: bool) -> None:
    """Note that somebody was told of these misses, by mail or by callback."""
    values = {"email_sent": True} if by_mail else {}
    session.execute(
        update(orm.SlaMiss).where(orm.SlaMiss.id.in_(keys)).values(notification_sent=True, **values)
    )
