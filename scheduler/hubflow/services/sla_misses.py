"""SLA misses: list them, write down what was found out about one, dismiss them."""

from __future__ import annotations

from hubflow.db.queries import alerts as queries
from hubflow.db.queries.alerts import MissRow
from hubflow.services.access import Actor, Permission
from hubflow.services.dto import DismissSlaMisses, PatchSlaMiss, SlaMissDto, SlaMissesDto
from hubflow.services.unit import Backend, changing, reading


def list_page(
    backend: Backend, actor: Actor, *, dag_id: str | None, limit: int, offset: int
) -> SlaMissesDto:
    """Return a page of SLA misses, newest first."""
    with reading(backend, actor, Permission.DAGS_READ) as session:
        rows, total = queries.list_misses(session, dag_id=dag_id, limit=limit, offset=offset)
        return SlaMissesDto(sla_misses=[_shape(row) for row in rows], total_entries=total)


def patch(backend: Backend, actor: Actor, sla_miss_id: int, change: PatchSlaMiss) -> SlaMissDto:
    """Write a description. Raises NotFound."""
    with changing(backend, actor, Permission.ALERTS_EDIT, "sla_miss_described") as unit:
        row = queries.get_miss(unit.session, sla_miss_id)
        row.miss.description = change.description
        unit.note(execution_date=row.miss.execution_date, extra={"dag_id": row.dag_id})
        return _shape(row)


def dismiss(backend: Backend, actor: Actor, body: DismissSlaMisses) -> SlaMissesDto:
    """Take misses out of what needs attention. Raises NotFound; then none is dismissed."""
    with changing(backend, actor, Permission.ALERTS_EDIT, "sla_misses_dismissed") as unit:
        rows = queries.dismiss(unit.session, body.sla_miss_ids, unit.now, actor.name)
        dag_ids = sorted({row.dag_id for row in rows})
        unit.note(extra={"ids": sorted(body.sla_miss_ids), "dag_ids": dag_ids})
        return SlaMissesDto(sla_misses=[_shape(row) for row in rows], total_entries=len(rows))


def _shape(row: MissRow) -> SlaMissDto:
    miss = row.miss
    return SlaMissDto(
        sla_miss_id=miss.id,
        dag_id=row.dag_id,
        dag_run_id=row.run_id,
        task_id=miss.task_id,
        execution_date=miss.execution_date,
        deadline=miss.deadline,
        timestamp=miss.at,
        email_sent=miss.email_sent,
        notification_sent=miss.notification_sent,
        description=miss.description,
        dismissed_at=miss.dismissed_at,
        dismissed_by=miss.dismissed_by,
    )
