"""Page through the audit log, and show one entry."""

from __future__ import annotations

from hubflow.db import orm
from hubflow.db.queries import audit as queries
from hubflow.db.queries.audit import AuditFilter
from hubflow.services.access import Actor, Permission
from hubflow.services.changes import checked_order
from hubflow.services.dto import EventLogDto, EventLogsDto
from hubflow.services.selection import refuse_naive
from hubflow.services.unit import Backend, reading


def list_page(
    backend: Backend,
    actor: Actor,
    narrowed: AuditFilter,
    limit: int,
    offset: int,
    order_by: str = "-id",
) -> EventLogsDto:
    """Return a page of the audit log, by default newest first. Raises BadRequest."""
    checked_order(order_by, queries.ORDERS)
    refuse_naive("before", narrowed.before)
    refuse_naive("after", narrowed.after)
    with reading(backend, actor, Permission.AUDIT_READ) as session:
        rows, total = queries.list_page(
            session, narrowed, order_by=order_by, limit=limit, offset=offset
        )
        return EventLogsDto(event_logs=[_shape(row) for row in rows], total_entries=total)


def get(backend: Backend, actor: Actor, id: int) -> EventLogDto:
    """Return one entry. Raises NotFound."""
    with reading(backend, actor, Permission.AUDIT_READ) as session:
        return _shape(queries.get(session, id))


def _shape(row: orm.AuditEvent) -> EventLogDto:
    return EventLogDto(
        event_log_id=row.id,
        when=row.at,
        dag_id=row.dag_id,
        task_id=row.task_id,
        event=row.event,
        execution_date=row.execution_date,
        owner=row.owner,
        extra=row.extra,
        source_ip=row.source_ip,
    )
