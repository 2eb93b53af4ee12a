"""What task instances take up now, counted for people; the scheduler keeps its own count."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.states import HELD, TaskState


def count_held(
    session: Session,
    *,
    dag_key: int | None = None,
    run_key: int | None = None,
    task_id: str | None = None,
) -> int:
    """Count the instances that hold a slot: of everything, a DAG, a run, or a task of it."""
    query = select(func.count()).where(orm.TaskInstance.state.in_(HELD))
    if dag_key is not None:
        query = query.join_from(orm.TaskInstance, orm.DagRun).where(orm.DagRun.dag_id == dag_key)
    if run_key is not None:
        query = query.where(orm.TaskInstance.dag_run_id == run_key)
    if task_id is not None:
        query = query.where(orm.TaskInstance.task_id == task_id)
    return session.scalar(query) or 0


def count_pool_slots(session: Session, pool: orm.Pool) -> int:
    """Add up the pool slots that are taken (SEMANTICS 5.5)."""
    states = {*HELD, TaskState.DEFERRED} if pool.include_deferred else HELD
    taken = select(func.sum(orm.TaskInstance.pool_slots)).where(
        orm.TaskInstance.pool == pool.name, orm.TaskInstance.state.in_(states)
    )
    return int(session.scalar(taken) or 0)  # a sum is no int on every database
