"""Which processes of hubflow were heard of last, for reading."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from hubflow.db import orm

MOST = 100


def newest_by_kind(session: Session) -> dict[str, orm.Process]:
    """Return the process of each kind with the latest heartbeat."""
    rows = session.scalars(select(orm.Process).order_by(orm.Process.heartbeat_at))
    return {process.kind: process for process in rows}


def list_of_kind(session: Session, kind: str) -> Sequence[orm.Process]:
    """Return the processes of a kind that are remembered, the last heard of first."""
    return session.scalars(
        select(orm.Process)
        .where(orm.Process.kind == kind)
        .order_by(orm.Process.heartbeat_at.desc())
        .limit(MOST)
    ).all()
