"""Heartbeats of processes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hubflow.db import orm

KEPT = timedelta(hours=1)
"""For how long a process is remembered that was not heard of any more."""


class Beat(NamedTuple):
    """What a process says of itself."""

    kind: str
    hostname: str
    pid: int
    version: str
    slots: int | None = None
    queues: Sequence[str] = ()
    metrics: dict[str, Any] | None = None


def beat(session: Session, process: Beat, at: datetime) -> None:
    """Say that a process lives. The first beat of one removes what was long dead."""
    row = _find(session, process.kind, process.hostname, process.pid)
    if row is None:
        session.execute(delete(orm.Process).where(orm.Process.heartbeat_at < at - KEPT))
        row = orm.Process(kind=process.kind, hostname=process.hostname, pid=process.pid)
        row.started_at = at
    elif row.stopped_at is not None:
        row.started_at = at
    session.add(row)
    row.version, row.slots, row.metrics = process.version, process.slots, process.metrics
    row.queues = list(process.queues)
    row.heartbeat_at, row.stopped_at = at, None


def stop(session: Session, kind: str, hostname: str, pid: int, at: datetime) -> None:
    """Say that the process ended in an orderly way."""
    if (row := _find(session, kind, hostname, pid)) is not None:
        row.stopped_at = at


def _find(session: Session, kind: str, hostname: str, pid: int) -> orm.Process | None:
    return session.scalar(
        select(orm.Process).where(
            orm.Process.kind == kind,
            orm.Process.hostname == hostname,
            orm.Process.pid == pid,
        )
    )
