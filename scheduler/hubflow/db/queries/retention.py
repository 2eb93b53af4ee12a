"""Which old runs and rows go, and their removal in small steps. Guarded: only what is over goes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from hubflow.db import orm
from hubflow.states import RUN_FINISHED


class KeptDag(NamedTuple):
    """A DAG, what it says itself about how long its runs are kept, and what there is of them."""

    key: int
    dag_id: str
    keep_days: int | None
    keep_runs: int | None
    runs: int
    oldest_end: datetime | None
    oldest_full_end: datetime | None
    """The same of runs that have their details."""


class OldRun(NamedTuple):
    """A run whose time has come."""

    key: int
    run_id: str
    execution_date: datetime


def list_dags(session: Session, after_key: int, limit: int) -> list[KeptDag]:
    """Return DAGs in the order of their keys, also those whose file is gone."""
    dag, run = orm.Dag, orm.DagRun

    def of_dag(what: Any, *conditions: ColumnElement[bool]) -> Any:
        return select(what).where(run.dag_id == dag.id, *conditions).scalar_subquery()

    query = (
        select(
            dag.id,
            dag.dag_id,
            dag.keep_days,
            dag.keep_runs,
            of_dag(func.count()),
            # Two, as each is one step into the index of (dag, is_thinned, end).
            of_dag(func.min(run.end_date), run.is_thinned.is_(False)),
            of_dag(func.min(run.end_date), run.is_thinned.is_(True)),
        )
        .where(dag.id > after_key)
        .order_by(dag.id)
        .limit(limit)
    )
    found = []
    for key, dag_id, days, runs, count, full, thinned in session.execute(query):
        oldest = min((end for end in (full, thinned) if end is not None), default=None)
        found.append(KeptDag(key, dag_id, days, runs, count, oldest, full))
    return found


def nth_newest(session: Session, dag_key: int, number: int) -> datetime | None:
    """Return the execution date of the newest (1), second newest (2) … run; None without one."""
    return session.scalar(
        select(orm.DagRun.execution_date)
        .where(orm.DagRun.dag_id == dag_key)
        .order_by(orm.DagRun.execution_date.desc())
        .offset(number - 1)
        .limit(1)
    )


def to_delete(
    session: Session,
    dag_key: int,
    *,
    ended_before: datetime | None,
    most_runs: int,
    least_runs: int,
) -> ColumnElement[bool] | None:
    """Return the condition on runs that go altogether; None when none can."""
    run = orm.DagRun
    if (floor := nth_newest(session, dag_key, least_runs)) is None:
        return None
    reasons = []
    if ended_before is not None:
        reasons.append(run.end_date < ended_before)
    if most_runs and (last_kept := nth_newest(session, dag_key, most_runs)) is not None:
        reasons.append(run.execution_date < last_kept)
    return _over(dag_key) & (run.execution_date < floor) & or_(*reasons) if reasons else None


def to_thin(dag_key: int, ended_before: datetime) -> ColumnElement[bool]:
    """Return the condition on runs whose details go."""
    run = orm.DagRun
    return _over(dag_key) & run.is_thinned.is_(False) & (run.end_date < ended_before)


def count(session: Session, condition: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(orm.DagRun).where(condition)) or 0


def list_runs(session: Session, condition: ColumnElement[bool], limit: int) -> list[OldRun]:
    """Return the oldest of these runs."""
    run = orm.DagRun
    query = select(run.id, run.run_id, run.execution_date).where(condition)
    return [
        OldRun(*row) for row in session.execute(query.order_by(run.execution_date).limit(limit))
    ]


def task_ids(session: Session, run_key: int) -> list[str]:
    """Return the tasks of which a run has instances."""
    query = select(orm.TaskInstance.task_id).where(orm.TaskInstance.dag_run_id == run_key)
    return list(session.scalars(query.distinct()))


def artifacts(session: Session, run_key: int) -> list[str]:
    """Return what the tries of a run left below the artifact folder."""
    query = (
        select(orm.TaskTry.artifacts)
        .join(orm.TaskInstance, orm.TaskInstance.id == orm.TaskTry.task_instance_id)
        .where(orm.TaskInstance.dag_run_id == run_key, orm.TaskTry.artifacts.is_not(None))
    )
    return [path for found in session.scalars(query) for path in (found or {}).values()]


def thin(session: Session, run_key: int) -> bool:
    """Forget the details of a run and say so; returns False if it goes on meanwhile."""
    done = session.connection().execute(
        update(orm.table(orm.DagRun))
        .where(orm.DagRun.id == run_key, orm.DagRun.state.in_(RUN_FINISHED))
        .values(is_thinned=True)
    )
    if not done.rowcount:
        return False
    of_run = select(orm.TaskInstance.id).where(orm.TaskInstance.dag_run_id == run_key)
    for detail in (orm.XCom, orm.RenderedFields):
        session.execute(delete(detail).where(detail.task_instance_id.in_(of_run)))
    return True


def delete_instances(session: Session, run_key: int, limit: int) -> int:
    """Delete up to ``limit`` task instances of a run that is over; returns how many."""
    query = (
        select(orm.TaskInstance.id)
        .join(orm.DagRun, orm.DagRun.id == orm.TaskInstance.dag_run_id)
        .where(orm.DagRun.id == run_key, orm.DagRun.state.in_(RUN_FINISHED))
        .limit(limit)
    )
    return _delete(session, orm.TaskInstance.id, query)


def delete_run(session: Session, run_key: int) -> bool:
    """Delete a run that is over; returns False if it goes on meanwhile."""
    query = select(orm.DagRun.id).where(
        orm.DagRun.id == run_key, orm.DagRun.state.in_(RUN_FINISHED)
    )
    return _delete(session, orm.DagRun.id, query) > 0


def delete_audit(session: Session, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` old audit events."""
    row = orm.AuditEvent
    return _delete(session, row.id, select(row.id).where(row.at < before).limit(limit))


def delete_alerts(session: Session, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` alerts that are done or given up for long."""
    row = orm.Alert
    return _delete(session, row.id, select(row.id).where(row.done_at < before).limit(limit))


def delete_sla_misses(session: Session, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` old SLA misses."""
    row = orm.SlaMiss
    return _delete(session, row.id, select(row.id).where(row.at < before).limit(limit))


def delete_backfills(session: Session, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` backfills that ended long ago."""
    row = orm.Backfill
    return _delete(session, row.id, select(row.id).where(row.completed_at < before).limit(limit))


def _over(dag_key: int) -> ColumnElement[bool]:
    return (orm.DagRun.dag_id == dag_key) & orm.DagRun.state.in_(RUN_FINISHED)


def _delete(session: Session, column: InstrumentedAttribute[int], chosen: Select[int]) -> int:
    """Delete the rows with the chosen keys; MySQL knows no limit within the statement itself."""
    keys: Sequence[int] = session.scalars(chosen).all()
    if keys:
        session.execute(delete(column.class_).where(column.in_(keys)))
    return len(keys)
