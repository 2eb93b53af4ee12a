"""The event stream as writers append to it and the scheduler follows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from hubflow.db import orm

# Kind of event -> the field of its data that names what changed.
_NAMES = {"variable": "key", "connection": "connection_id"}


def append(session: Session, kind: str, dag_id: str | None, data: Any, at: datetime) -> int:
    """Append one event and return its id. ``data`` is a struct of `services.dto` or like it."""
    result = session.execute(insert(orm.Event).values(kind=kind, dag_id=dag_id, data=data, at=at))
    key = result.inserted_primary_key  # type: ignore[attr-defined]  # insert() always has one
    return int(key[0])


def append_many(
    session: Session, rows: Sequence[tuple[str, str | None, Any]], at: datetime
) -> None:
    """Append events (kind, dag id, data) in order."""
    if rows:
        session.connection().execute(
            insert(orm.table(orm.Event)),
            [{"kind": kind, "dag_id": dag, "data": data, "at": at} for kind, dag, data in rows],
        )


def last_id(session: Session) -> int:
    """Return the id of the newest event, 0 when there is none."""
    return session.scalar(select(func.max(orm.Event.id))) or 0


def bounds(session: Session) -> tuple[int, int]:
    """Return the ids of the oldest and the newest event, both 0 when there is none."""
    first, last = session.execute(select(func.min(orm.Event.id), func.max(orm.Event.id))).one()
    return first or 0, last or 0


def changed_names(session: Session, after: int) -> list[tuple[int, str]]:
    """Return which variables and connections changed after an event: (event id, `kind:name`)."""
    rows = session.execute(
        select(orm.Event.id, orm.Event.kind, orm.Event.data)
        .where(orm.Event.id > after, orm.Event.kind.in_(_NAMES))
        .order_by(orm.Event.id)
    )
    return [(id, f"{kind}:{data[_NAMES[kind]]}") for id, kind, data in rows]


def parse_asked(session: Session, after: int) -> list[str]:
    """Return the paths of DAG files that somebody wanted read again after an event."""
    query = select(orm.Event.data).where(orm.Event.id > after, orm.Event.kind == "parse")
    return sorted({data["path"] for data in session.scalars(query)})


def deleted_after(session: Session, after: int) -> list[Any]:
    """Return what the events of kind "deleted" with an id above ``after`` say."""
    query = select(orm.Event.data).where(orm.Event.id > after, orm.Event.kind == "deleted")
    return list(session.scalars(query.order_by(orm.Event.id)))


def prune(session: Session, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` of the oldest events from before ``before``; returns how many.

    The newest event always stays: `last_id` is what everybody compares with.
    """
    old = (
        select(orm.Event.id)
        .where(orm.Event.at < before, orm.Event.id < last_id(session))
        .order_by(orm.Event.id)
        .limit(limit)
    )
    keys = session.scalars(old).all()
    if keys:
        session.execute(delete(orm.Event).where(orm.Event.id.between(keys[0], keys[-1])))
    return len(keys)
