"""Variables as they are stored. Values are opaque here: services hold the keys."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.db.queries.paging import contains, page_of
from hubflow.errors import VariableNotFound

ORDERS = {"id": orm.Variable.id, "key": orm.Variable.key}


def list_page(
    session: Session, *, pattern: str, order_by: str, limit: int, offset: int
) -> tuple[Sequence[orm.Variable], int]:
    """Return a page of the variables whose key holds ``pattern``, and how many there are."""
    return page_of(
        session,
        orm.Variable,
        ORDERS,
        conditions=contains(orm.Variable.key, pattern),
        order_by=order_by,
        limit=limit,
        offset=offset,
    )


def list_all(session: Session) -> Sequence[orm.Variable]:
    """Return every variable, by key."""
    return session.scalars(select(orm.Variable).order_by(orm.Variable.key)).all()


def find(session: Session, key: str) -> orm.Variable | None:
    """Return one variable, or None."""
    return session.scalar(select(orm.Variable).where(orm.Variable.key == key))


def get(session: Session, key: str) -> orm.Variable:
    """Return one variable; raises VariableNotFound."""
    if (found := find(session, key)) is None:
        raise VariableNotFound(key)
    return found


def list_after(session: Session, after: int, limit: int) -> Sequence[orm.Variable]:
    """Return up to ``limit`` variables with an id above ``after``, in order."""
    query = select(orm.Variable).where(orm.Variable.id > after).order_by(orm.Variable.id)
    return session.scalars(query.limit(limit)).all()
