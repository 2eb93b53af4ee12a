"""Connections as they are stored. Passwords and extras are opaque here: services hold the keys."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.db.queries.paging import contains, page_of

ORDERS = {
    "id": orm.Connection.id,
    "connection_id": orm.Connection.conn_id,
    "conn_type": orm.Connection.conn_type,
    "description": orm.Connection.description,
    "host": orm.Connection.host,
    "port": orm.Connection.port,
}


def list_page(
    session: Session, *, pattern: str, order_by: str, limit: int, offset: int
) -> tuple[Sequence[orm.Connection], int]:
    """Return a page of the connections whose id holds ``pattern``, and how many there are."""
    return page_of(
        session,
        orm.Connection,
        ORDERS,
        conditions=contains(orm.Connection.conn_id, pattern),
        order_by=order_by,
        limit=limit,
        offset=offset,
    )


def list_all(session: Session) -> Sequence[orm.Connection]:
    """Return every connection, by conn_id, those of one id in the order of their creation."""
    query = select(orm.Connection).order_by(orm.Connection.conn_id, orm.Connection.id)
    return session.scalars(query).all()


def list_named(session: Session, conn_id: str) -> Sequence[orm.Connection]:
    """Return the connections that share this id, in the order of their creation."""
    query = select(orm.Connection).where(orm.Connection.conn_id == conn_id)
    return session.scalars(query.order_by(orm.Connection.id)).all()


def list_after(session: Session, after: int, limit: int) -> Sequence[orm.Connection]:
    """Return up to ``limit`` connections with a row id above ``after``, in order."""
    query = select(orm.Connection).where(orm.Connection.id > after).order_by(orm.Connection.id)
    return session.scalars(query.limit(limit)).all()
