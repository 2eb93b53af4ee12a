"""Which processes of hubflow were heard of last, for reading."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hubflow.db import orm

MOST = 100


def newest_by_kind(session: Session, now: datetime) -> dict[str, orm.Process]:
    """Return the process of each kind that was heard of last.

    A heartbeat far ahead of ``now`` is one from before the clock was set back, so an old one.
    """
    rows = session.scalars(select(orm.Process)).all()
    by_age = sorted(rows, key=lambda row: abs(now - row.heartbeat_at), reverse=True)
    return {process.kind: process for process in by_age}


def list_of_kind(session: Session, kind: str) -> Sequence[orm.Process]:
    """Return the processes of a kind that are remembered, the last heard of first."""
    return session.scalars(
        select(orm.Process)
        .where(orm.Process.kind == kind)
        .order_by(orm.Process.heartbeat_at.desc())
        .limit(MOST)
    ).all()
