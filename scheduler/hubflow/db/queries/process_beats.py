"""Heartbeats of processes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hubflow.db import orm


def beat(
    session: Session,
    kind: str,
    hostname: str,
    *,
    pid: int,
    version: str,
    at: datetime,
    slots: int | None = None,
    queues: Sequence[str] = (),
) -> None:
    """Say that the process lives; a new pid replaces the former process of its kind there."""
    row = session.scalar(
        select(orm.Process).where(orm.Process.kind == kind, orm.Process.hostname == hostname)
    )
    if row is None:
        row = orm.Process(kind=kind, hostname=hostname, pid=pid, started_at=at)
    elif row.pid != pid:
        row.pid, row.started_at = pid, at
    session.add(row)
    row.version, row.slots, row.queues = version, slots, list(queues)
    row.heartbeat_at, row.stopped_at = at, None


def stop(session: Session, kind: str, hostname: str, at: datetime) -> None:
    """Say that the process ended in an orderly way."""
    row = session.scalar(
        select(orm.Process).where(orm.Process.kind == kind, orm.Process.hostname == hostname)
    )
    if row is not None:
        row.stopped_at = at
