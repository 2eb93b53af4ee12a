"""Alerts as the scheduler writes them and acts on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypedDict

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from hubflow.db import orm

MAIL, CALLBACK = "mail", "callback"
PENDING, DONE, FAILED = "pending", "done", "failed"
_ALERT = orm.table(orm.Alert)


class AlertEnd(TypedDict):
    """How an attempt to act on a pending alert went; `next_` is when to try again."""

    id_: int
    state_: str
    attempts_: int
    next_: datetime
    done_: datetime | None
    error_: str | None


_END = (
    update(_ALERT)
    .where((_ALERT.c.id == bindparam("id_")) & (_ALERT.c.state == PENDING))
    .values(
        state=bindparam("state_"),
        attempts=bindparam("attempts_"),
        next_at=bindparam("next_"),
        done_at=bindparam("done_"),
        error=bindparam("error_"),
    )
)


def add(session: Session, values: dict[str, Any], at: datetime) -> int:
    """Store an alert, pending and due now if ``values`` say nothing else; returns its id."""
    fresh = {"state": PENDING, "attempts": 0, "done_at": None, "error": None}
    row = {**fresh, "next_at": at, "created_at": at, **values}
    result = session.execute(insert(orm.Alert).values(row))
    key = result.inserted_primary_key  # type: ignore[attr-defined]  # insert() always has one
    return int(key[0])


def list_pending(session: Session, kind: str) -> Sequence[orm.Alert]:
    """Return the pending alerts of a kind, oldest first."""
    return session.scalars(
        select(orm.Alert)
        .where(orm.Alert.state == PENDING, orm.Alert.kind == kind)
        .order_by(orm.Alert.id)
    ).all()


def list_due(session: Session, kind: str, now: datetime, limit: int) -> Sequence[orm.Alert]:
    """Return pending alerts of a kind whose time has come."""
    return session.scalars(
        select(orm.Alert)
        .where(orm.Alert.state == PENDING, orm.Alert.kind == kind, orm.Alert.next_at <= now)
        .order_by(orm.Alert.next_at, orm.Alert.id)
        .limit(limit)
    ).all()


def next_due(session: Session, kind: str) -> datetime | None:
    """Return when the next pending alert of a kind is due."""
    return session.scalar(
        select(func.min(orm.Alert.next_at)).where(
            orm.Alert.state == PENDING, orm.Alert.kind == kind
        )
    )


def set_back(session: Session, by: timedelta) -> None:
    """Make pending alerts due earlier: the clock was set back."""
    for alert in session.scalars(select(orm.Alert).where(orm.Alert.state == PENDING)):
        alert.next_at -= by


def end(session: Session, ends: Sequence[AlertEnd]) -> None:
    """Write how attempts went; an alert that is not pending any more stays as it is."""
    if ends:
        session.connection().execute(_END, list(ends))
