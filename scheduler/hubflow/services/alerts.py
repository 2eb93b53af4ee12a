"""Alerts: list them, and send again what could not be sent."""

from __future__ import annotations

from collections.abc import Sequence

from hubflow.db.queries import alert_store
from hubflow.db.queries import alerts as queries
from hubflow.db.queries.alerts import AlertRow
from hubflow.errors import BadRequest
from hubflow.services.access import Actor, Permission
from hubflow.services.dto import AlertDto, AlertsDto
from hubflow.services.unit import Backend, changing, reading


def list_page(
    backend: Backend,
    actor: Actor,
    *,
    dag_id: str | None,
    states: Sequence[str],
    limit: int,
    offset: int,
) -> AlertsDto:
    """Return a page of alerts, newest first."""
    with reading(backend, actor, Permission.DAGS_READ) as session:
        rows, total = queries.list_alerts(
            session, dag_id=dag_id, states=states, limit=limit, offset=offset
        )
        return AlertsDto(alerts=[_shape(row) for row in rows], total_entries=total)


def retry(backend: Backend, actor: Actor, alert_id: int) -> AlertDto:
    """Send a mail again that could not be sent. Raises NotFound; BadRequest for another state."""
    with changing(backend, actor, Permission.ALERTS_EDIT, "alert_retried") as unit:
        row = queries.get_alert(unit.session, alert_id)
        alert = row.alert
        if alert.kind != alert_store.MAIL or alert.state != alert_store.FAILED:
            raise BadRequest(
                f"alert {alert_id} is a {alert.state} {alert.kind}; "
                "only failed mails are sent again"
            )
        alert.state, alert.attempts, alert.next_at = alert_store.PENDING, 0, unit.now
        alert.error = alert.done_at = None
        unit.note(extra={"alert_id": alert_id, "dag_id": row.dag_id})
        return _shape(row)


def _shape(row: AlertRow) -> AlertDto:
    alert = row.alert
    is_pending = alert.state == alert_store.PENDING
    return AlertDto(
        alert_id=alert.id,
        kind=alert.kind,
        reason=alert.reason,
        dag_id=row.dag_id,
        dag_run_id=row.run_id,
        task_id=alert.data.get("facts", {}).get("task_id"),
        try_number=alert.try_number,
        recipients=list(alert.data.get("to", ())),
        state=alert.state,
        attempts=alert.attempts,
        created_at=alert.created_at,
        next_attempt_at=alert.next_at if is_pending else None,
        done_at=alert.done_at,
        error=alert.error,
    )
