"""Which processes of hubflow were heard of last, for reading."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from hubflow.db import orm


def newest_by_kind(session: Session) -> dict[str, orm.Process]:
    """Return the process of each kind with the latest heartbeat."""
    rows = session.scalars(select(orm.Process).order_by(orm.Process.heartbeat_at))
    return {process.kind: process for process in rows}


def of_kind(session: Session, kind: str) -> list[orm.Process]:
    """Return the processes of one kind, alive or not."""
    return list(session.scalars(select(orm.Process).where(orm.Process.kind == kind)))
