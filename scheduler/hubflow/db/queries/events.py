"""The event stream, for reading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.db.queries import event_store


class Bounds(NamedTuple):
    """Ids of the oldest and the newest event; both 0 when there is none."""

    first: int
    last: int


def bounds(session: Session) -> Bounds:
    """Return the ids between which events exist."""
    return Bounds(*event_store.bounds(session))


def list_after(session: Session, after: int, limit: int) -> Sequence[orm.Event]:
    """Return up to ``limit`` events with an id above ``after``, in order."""
    return session.scalars(
        select(orm.Event).where(orm.Event.id > after).order_by(orm.Event.id).limit(limit)
    ).all()
