"""The audit log, for reading."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hubflow.db import orm


def list_page(
    session: Session, *, dag_id: str | None, event: str | None, limit: int, offset: int
) -> tuple[Sequence[orm.AuditEvent], int]:
    """Return a page of the audit log, newest first, and how many entries there are."""
    conditions = []
    if dag_id is not None:
        conditions.append(orm.AuditEvent.dag_id == dag_id)
    if event is not None:
        conditions.append(orm.AuditEvent.event == event)
    query = select(orm.AuditEvent).where(*conditions).order_by(orm.AuditEvent.id.desc())
    total = session.scalar(select(func.count()).select_from(orm.AuditEvent).where(*conditions))
    return session.scalars(query.limit(limit).offset(offset)).all(), total or 0
