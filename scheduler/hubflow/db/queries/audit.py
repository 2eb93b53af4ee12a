"""The audit log, for reading."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.db.queries.paging import Orders, page_of
from hubflow.errors import NotFound

ORDERS: Orders = {
    "id": orm.AuditEvent.id,
    "event_log_id": orm.AuditEvent.id,
    "when": orm.AuditEvent.at,
    "dag_id": orm.AuditEvent.dag_id,
    "task_id": orm.AuditEvent.task_id,
    "event": orm.AuditEvent.event,
    "owner": orm.AuditEvent.owner,
}


class AuditFilter(NamedTuple):
    """What the audit log is narrowed to; None or empty narrows nothing."""

    dag_id: str | None = None
    task_id: str | None = None
    event: str | None = None
    owner: str | None = None
    before: datetime | None = None
    after: datetime | None = None
    run_id: str | None = None
    included: Sequence[str] = ()
    excluded: Sequence[str] = ()


def list_page(
    session: Session, narrowed: AuditFilter, *, order_by: str, limit: int, offset: int
) -> tuple[Sequence[orm.AuditEvent], int]:
    """Return a page of the audit log and how many entries there are."""
    return page_of(
        session,
        orm.AuditEvent,
        ORDERS,
        conditions=_conditions(narrowed),
        order_by=order_by,
        limit=limit,
        offset=offset,
    )


def get(session: Session, id: int) -> orm.AuditEvent:
    """Return one entry; raises NotFound."""
    found = session.get(orm.AuditEvent, id)
    if found is None:
        raise NotFound(f"the audit log has no entry {id}")
    return found


def _conditions(narrowed: AuditFilter) -> list[ColumnElement[bool]]:
    audit = orm.AuditEvent
    found = [
        column == value
        for column, value in (
            (audit.dag_id, narrowed.dag_id),
            (audit.task_id, narrowed.task_id),
            (audit.event, narrowed.event),
            (audit.owner, narrowed.owner),
        )
        if value is not None
    ]
    if narrowed.run_id is not None:
        part = msgspec.json.encode({"run_id": narrowed.run_id}).decode().strip("{}")
        found.append(audit.extra.contains(part, autoescape=True))
    if narrowed.before is not None:
        found.append(audit.at < narrowed.before)
    if narrowed.after is not None:
        found.append(audit.at > narrowed.after)
    if narrowed.included:
        found.append(audit.event.in_(narrowed.included))
    if narrowed.excluded:
        found.append(audit.event.not_in(narrowed.excluded))
    return found
