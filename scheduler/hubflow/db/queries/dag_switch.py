"""Switching a DAG off that keeps failing, and who was switched off so."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.db.queries import event_store
from hubflow.db.queries.dags import list_subdags
from hubflow.events import DagChanged

SCHEDULER = "scheduler"
"""Who has done it, in the audit log."""
_EVENT = "paused"


def switch_off(session: Session, dag_key: int, failed_runs: int, at: datetime) -> list[int]:
    """Pause a DAG with its sub-DAGs, after so many failed runs; returns their primary keys."""
    dag = session.get_one(orm.Dag, dag_key)
    found = [one for one in (dag, *list_subdags(session, dag.dag_id)) if not one.is_paused]
    for one in found:
        one.is_paused = True
        news = DagChanged(dag_id=one.dag_id, change="paused")
        one.change_id = event_store.append(session, "dag", one.dag_id, news, at)
    extra = {"is_paused": True, "failed_runs": failed_runs}
    session.add(
        orm.AuditEvent(
            at=at,
            event=_EVENT,
            dag_id=dag.dag_id,
            owner=SCHEDULER,
            extra=msgspec.json.encode(extra).decode(),
        )
    )
    session.flush()
    return [one.id for one in found]


def switched_off(session: Session, dag_ids: Collection[str]) -> dict[str, int]:
    """Return which of these DAGs are off because of how many failed runs."""
    newest = (
        select(func.max(orm.AuditEvent.id))
        .join(orm.Dag, orm.Dag.dag_id == orm.AuditEvent.dag_id)
        .where(orm.AuditEvent.dag_id.in_(dag_ids), orm.AuditEvent.event == _EVENT)
        .where(orm.Dag.is_paused)
        .group_by(orm.AuditEvent.dag_id)
    )
    rows = session.execute(
        select(orm.AuditEvent.dag_id, orm.AuditEvent.extra).where(
            orm.AuditEvent.id.in_(newest), orm.AuditEvent.owner == SCHEDULER
        )
    )
    told = {dag_id: msgspec.json.decode(extra or "{}") for dag_id, extra in rows if dag_id}
    return {
        dag_id: extra["failed_runs"] for dag_id, extra in told.items() if "failed_runs" in extra
    }
