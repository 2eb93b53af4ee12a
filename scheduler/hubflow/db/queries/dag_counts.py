"""Counts over the runs of DAGs, and what warnings about them need."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.states import RunState


def runs_by_state(session: Session, dag_ids: Sequence[str]) -> dict[str, dict[RunState, int]]:
    """Count the runs of these DAGs by state; of all active DAGs if none is named."""
    dags = select(orm.Dag.id, orm.Dag.dag_id).where(
        orm.Dag.dag_id.in_(dag_ids) if dag_ids else orm.Dag.is_active
    )
    names = {key: dag_id for key, dag_id in session.execute(dags)}
    found: dict[str, dict[RunState, int]] = {dag_id: {} for dag_id in names.values()}
    counted = select(orm.DagRun.dag_id, orm.DagRun.state, func.count()).group_by(
        orm.DagRun.dag_id, orm.DagRun.state
    )
    if dag_ids:
        counted = counted.where(orm.DagRun.dag_id.in_(names))
    for key, state, count in session.execute(counted):
        if key in names:
            found[names[key]][state] = count
    return found


def version_date(session: Session, dag: orm.Dag) -> datetime:
    """Return since when a DAG is what it is now."""
    version = session.get(orm.DagVersion, dag.version_id) if dag.version_id else None
    return version.created_at if version else dag.created_at


def latest_runs(session: Session) -> list[tuple[orm.DagRun, str]]:
    """Return the run of each active DAG with the greatest execution date, and the DAG's id."""
    query = (
        select(orm.DagRun, orm.Dag.dag_id)
        .join(orm.Dag, orm.Dag.last_run_id == orm.DagRun.id)
        .where(orm.Dag.is_active)
        .order_by(orm.Dag.dag_id)
    )
    return [(run, dag_id) for run, dag_id in session.execute(query)]
