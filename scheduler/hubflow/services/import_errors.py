"""DAG files that are broken now."""

from __future__ import annotations

from hubflow.db.queries import import_failures as queries
from hubflow.services import shapes
from hubflow.services.access import Actor, Permission
from hubflow.services.changes import checked_order
from hubflow.services.dto import ImportErrorDto, ImportErrorsDto
from hubflow.services.unit import Backend, reading


def list_page(
    backend: Backend, actor: Actor, limit: int, offset: int, order_by: str = "-timestamp"
) -> ImportErrorsDto:
    """Return a page of import errors, by default newest first. Raises BadRequest."""
    checked_order(order_by, queries.ORDERS)
    with reading(backend, actor, Permission.DAGS_READ) as session:
        rows = queries.list_page(session, limit=limit, offset=offset, order_by=order_by)
        return ImportErrorsDto(
            import_errors=[shapes.import_error(row) for row in rows],
            total_entries=queries.count(session),
        )


def get(backend: Backend, actor: Actor, id: int) -> ImportErrorDto:
    """Return one import error. Raises NotFound."""
    with reading(backend, actor, Permission.DAGS_READ) as session:
        return shapes.import_error(queries.get(session, id))
