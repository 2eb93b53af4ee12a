"""Alerts and SLA misses, for reading."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.db.queries.alert_store import CALLBACK, FAILED, MAIL, PENDING
from hubflow.errors import NotFound


class AlertRow(NamedTuple):
    alert: orm.Alert
    dag_id: str
    run_id: str | None


class MissRow(NamedTuple):
    miss: orm.SlaMiss
    dag_id: str
    run_id: str | None


def list_alerts(
    session: Session, *, dag_id: str | None, states: Sequence[str], limit: int, offset: int
) -> tuple[list[AlertRow], int]:
    """Return a page of alerts, newest first, and how many there are."""
    where = [orm.Dag.dag_id == dag_id] if dag_id is not None else []
    if states:
        where.append(orm.Alert.state.in_(states))
    rows = session.execute(
        _alerts().where(*where).order_by(orm.Alert.id.desc()).limit(limit).offset(offset)
    )
    total = session.scalar(select(func.count()).select_from(orm.Alert).join(orm.Dag).where(*where))
    return [AlertRow(*row) for row in rows], total or 0


def get_alert(session: Session, key: int) -> AlertRow:
    """Return one alert; raises NotFound."""
    row = session.execute(_alerts().where(orm.Alert.id == key)).first()
    if row is None:
        raise NotFound(f"there is no alert {key}")
    return AlertRow(*row)


def list_unsent_since(session: Session, since: datetime, limit: int) -> list[AlertRow]:
    """Return the newest alerts that came to nothing, or have not yet come to anything."""
    is_tried_again = and_(
        orm.Alert.state == PENDING, orm.Alert.kind == MAIL, orm.Alert.error.is_not(None)
    )
    return _newest(session, or_(_failed_since(since), is_tried_again), limit)


def list_failed_since(session: Session, since: datetime, limit: int) -> list[AlertRow]:
    """Return the newest alerts that came to nothing."""
    return _newest(session, _failed_since(since), limit)


def count_failed_since(session: Session, since: datetime) -> int:
    """Count the alerts that came to nothing."""
    query = select(func.count()).select_from(orm.Alert).where(_failed_since(since))
    return session.scalar(query) or 0


def list_misses(
    session: Session,
    *,
    dag_id: str | None = None,
    since: datetime | None = None,
    is_open: bool = False,
    limit: int,
    offset: int = 0,
) -> tuple[list[MissRow], int]:
    """Return a page of SLA misses, newest first, and how many there are; if `is_open`, of those
    that nobody has dismissed."""
    where = [orm.Dag.dag_id == dag_id] if dag_id is not None else []
    if since is not None:
        where.append(orm.SlaMiss.at >= since)
    if is_open:
        where.append(orm.SlaMiss.dismissed_at.is_(None))
    rows = session.execute(
        _misses().where(*where).order_by(orm.SlaMiss.id.desc()).limit(limit).offset(offset)
    )
    total = session.scalar(
        select(func.count()).select_from(orm.SlaMiss).join(orm.Dag).where(*where)
    )
    return [MissRow(*row) for row in rows], total or 0


def get_miss(session: Session, key: int) -> MissRow:
    """Return one SLA miss; raises NotFound."""
    row = session.execute(_misses().where(orm.SlaMiss.id == key)).first()
    if row is None:
        raise NotFound(f"there is no SLA miss {key}")
    return MissRow(*row)


def dismiss(session: Session, keys: Sequence[int], at: datetime, by: str) -> list[MissRow]:
    """Note who has dismissed these misses, of those that nobody has; return all of them.

    Raises NotFound when there is no such miss.
    """
    rows = [MissRow(*row) for row in session.execute(_misses().where(orm.SlaMiss.id.in_(keys)))]
    if missing := sorted(set(keys) - {row.miss.id for row in rows}):
        raise NotFound(f"there is no SLA miss {missing[0]}")
    for row in rows:
        if row.miss.dismissed_at is None:
            row.miss.dismissed_at, row.miss.dismissed_by = at, by
    return rows


def _newest(session: Session, where: ColumnElement[bool], limit: int) -> list[AlertRow]:
    rows = session.execute(_alerts().where(where).order_by(orm.Alert.id.desc()).limit(limit))
    return [AlertRow(*row) for row in rows]


def _failed_since(since: datetime) -> ColumnElement[bool]:
    return and_(
        orm.Alert.state == FAILED,
        orm.Alert.kind.in_((MAIL, CALLBACK)),
        orm.Alert.next_at >= since,
    )


def _alerts() -> Select[orm.Alert, str, str]:
    return (
        select(orm.Alert, orm.Dag.dag_id, orm.DagRun.run_id)
        .join(orm.Dag, orm.Alert.dag_id == orm.Dag.id)
        .outerjoin(orm.DagRun, orm.Alert.dag_run_id == orm.DagRun.id)
    )


def _misses() -> Select[orm.SlaMiss, str, str]:
    return (
        select(orm.SlaMiss, orm.Dag.dag_id, orm.DagRun.run_id)
        .join(orm.Dag, orm.SlaMiss.dag_id == orm.Dag.id)
        .outerjoin(
            orm.DagRun,
            (orm.DagRun.dag_id == orm.SlaMiss.dag_id)
            & (orm.DagRun.execution_date == orm.SlaMiss.execution_date),
        )
    )
