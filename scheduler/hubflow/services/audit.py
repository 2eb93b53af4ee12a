"""Page through the audit log."""

from __future__ import annotations

from hubflow.db.queries import audit as queries
from hubflow.services.access import Actor, Permission
from hubflow.services.dto import EventLogDto, EventLogsDto
from hubflow.services.unit import Backend, reading


def list_page(
    backend: Backend,
    actor: Actor,
    dag_id: str | None,
    event: str | None,
    limit: int,
    offset: int,
) -> EventLogsDto:
    """Return a page of the audit log, newest first."""
    with reading(backend, actor, Permission.AUDIT_READ) as session:
        rows, total = queries.list_page(
            session, dag_id=dag_id, event=event, limit=limit, offset=offset
        )
        logs = [
            EventLogDto(
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
            for row in rows
        ]
        return EventLogsDto(event_logs=logs, total_entries=total)
