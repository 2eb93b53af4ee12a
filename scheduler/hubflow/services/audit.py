"""Page through the audit log, and show one entry."""

from __future__ import annotations

import msgspec

from hubflow.db import orm
from hubflow.db.queries import audit as queries
from hubflow.db.queries.audit import AuditFilter
from hubflow.services.access import Actor, Permission
from hubflow.services.changes import checked_order
from hubflow.services.dto import EventLogDto, EventLogsDto
from hubflow.services.selection import refuse_naive
from hubflow.services.unit import Backend, reading

_OF_VARIABLES = ("set_variable", "delete_variable", "varexport", "varimport")
_OF_CONNECTIONS = (
    "add_connection",
    "edit_connection",
    "delete_connection",
    "export_connections",
    "import_connections",
    "test_connection",
)
# Event -> the permission without which nobody sees what it names; who did it, all may see.
_NEEDED = {
    **dict.fromkeys(_OF_VARIABLES, Permission.VARIABLES_READ),
    **dict.fromkeys(_OF_CONNECTIONS, Permission.CONNECTIONS_READ),
}


def list_page(
    backend: Backend,
    actor: Actor,
    narrowed: AuditFilter,
    limit: int,
    offset: int,
    order_by: str = "-id",
) -> EventLogsDto:
    """Return a page of the audit log, by default newest first. Raises BadRequest.

    Entries about variables and connections name these only to who may read them.
    """
    checked_order(order_by, queries.ORDERS)
    refuse_naive("before", narrowed.before)
    refuse_naive("after", narrowed.after)
    with reading(backend, actor, Permission.AUDIT_READ) as session:
        rows, total = queries.list_page(
            session, narrowed, order_by=order_by, limit=limit, offset=offset
        )
        logs = [_shape(row, actor) for row in rows]
        return EventLogsDto(event_logs=logs, total_entries=total)


def get(backend: Backend, actor: Actor, id: int) -> EventLogDto:
    """Return one entry. Raises NotFound."""
    with reading(backend, actor, Permission.AUDIT_READ) as session:
        return _shape(queries.get(session, id), actor)


def _shape(row: orm.AuditEvent, actor: Actor) -> EventLogDto:
    return EventLogDto(
        event_log_id=row.id,
        when=row.at,
        dag_id=row.dag_id,
        task_id=row.task_id,
        event=row.event,
        run_id=_run_id(row.extra),
        execution_date=row.execution_date,
        owner=row.owner,
        extra=row.extra if _may_see(actor, row.event) else None,
        source_ip=row.source_ip,
    )


def _run_id(extra: str | None) -> str | None:
    found = msgspec.json.decode(extra) if extra and extra.startswith("{") else {}
    return found.get("run_id")


def _may_see(actor: Actor, event: str) -> bool:
    return event not in _NEEDED or _NEEDED[event] in actor.permissions
