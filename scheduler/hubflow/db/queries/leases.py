"""Who holds a lease; guarded taking, renewing and giving back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.process_identity import ProcessId

SCHEDULER = "scheduler"
"""Name of the lease that the leading scheduler holds."""

_LEASE = orm.table(orm.Lease)


def get(session: Session, name: str) -> orm.Lease:
    """Return a lease, whether somebody holds it or not."""
    return session.get_one(orm.Lease, name)


def holder(lease: orm.Lease) -> ProcessId | None:
    """Return the process that a lease names."""
    if lease.host is None or lease.pid is None or lease.start_ticks is None:
        return None
    return ProcessId(lease.host, lease.pid, lease.start_ticks)


def take(
    session: Session, name: str, seen: orm.Lease, process: ProcessId, version: str, at: datetime
) -> int | None:
    """Take a lease that is still as it was ``seen``; returns the new token, None on a lost race."""
    token = seen.token + 1
    values = {**process._asdict(), "version": version, "taken_at": at, "beat": 0, "token": token}
    unchanged = (_LEASE.c.token == seen.token) & (_LEASE.c.beat == seen.beat)
    result = session.connection().execute(
        update(_LEASE).where((_LEASE.c.name == name) & unchanged).values(values)
    )
    return token if result.rowcount else None


def renew(session: Session, name: str, token: int) -> bool:
    """Show that the holder lives; returns whether ``token`` still is the newest."""
    result = session.connection().execute(
        update(_LEASE)
        .where((_LEASE.c.name == name) & (_LEASE.c.token == token))
        .values(beat=_LEASE.c.beat + 1)
    )
    return bool(result.rowcount)


def holds(session: Session, name: str, token: int) -> bool:
    """Say whether ``token`` still is the newest, and keep it so until this transaction ends."""
    query = select(_LEASE.c.token).where(_LEASE.c.name == name).with_for_update()
    return session.connection().execute(query).scalar() == token


def lock_writers(session: Session) -> None:
    """Wait for the writer before us, and let the next one wait: each begins with this lock.

    The row is the one that a leading scheduler looks at anyway. SQLite needs no such lock.
    """
    query = select(_LEASE.c.token).where(_LEASE.c.name == SCHEDULER).with_for_update()
    session.connection().execute(query)


def release(session: Session, name: str, token: int) -> None:
    """Give a lease back, so that the next one need not wait; nothing if it is lost already."""
    session.connection().execute(
        update(_LEASE).where((_LEASE.c.name == name) & (_LEASE.c.token == token)).values(host=None)
    )
