"""Runs and task instances as tasks look for them (`questions.FindRuns`, `FindTasks`)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.questions import FindRuns, FindTasks

MOST_RUNS = 1000


def find_runs(session: Session, wanted: FindRuns) -> list[dict[str, Any]]:
    """Return what `FindRuns` asks for."""
    run = orm.DagRun
    query = (
        select(run).join(orm.Dag, orm.Dag.id == run.dag_id).where(orm.Dag.dag_id == wanted.dag_id)
    )
    if wanted.run_id is not None:
        query = query.where(run.run_id == wanted.run_id)
    if wanted.execution_dates is not None:
        query = query.where(run.execution_date.in_(wanted.execution_dates))
    if wanted.states is not None:
        query = query.where(run.state.in_(wanted.states))
    if wanted.before is not None:
        query = query.where(run.execution_date < wanted.before)
    order = run.execution_date.desc() if wanted.latest_first else run.execution_date.asc()
    limit = max(0, min(wanted.limit, MOST_RUNS))
    return [
        {
            "dag_id": wanted.dag_id,
            "run_id": row.run_id,
            "execution_date": row.execution_date,
            "state": str(row.state),
            "run_type": str(row.run_type),
            "external_trigger": row.external_trigger,
            "conf": row.conf or {},
            "start_date": row.start_date,
            "end_date": row.end_date,
            "data_interval_start": row.data_interval_start,
            "data_interval_end": row.data_interval_end,
        }
        for row in session.scalars(query.order_by(order).limit(limit))
    ]


def find_tasks(session: Session, wanted: FindTasks) -> list[dict[str, Any]]:
    """Return what `FindTasks` asks for, by execution date and task id."""
    instance, run = orm.TaskInstance, orm.DagRun
    query = (
        select(instance, run.run_id, run.execution_date)
        .join(run, run.id == instance.dag_run_id)
        .join(orm.Dag, orm.Dag.id == run.dag_id)
        .where(orm.Dag.dag_id == wanted.dag_id, run.execution_date.in_(wanted.execution_dates))
        .order_by(run.execution_date, instance.task_id, instance.map_index)
    )
    if wanted.task_ids is not None:
        query = query.where(instance.task_id.in_(wanted.task_ids))
    return [
        {
            "task_id": row.task_id,
            "map_index": row.map_index,
            "run_id": run_id,
            "execution_date": execution_date,
            "state": str(row.state),
            "try_number": row.try_number,
            "queued_at": row.queued_at,
            "start_date": row.start_date,
            "end_date": row.end_date,
        }
        for row, run_id, execution_date in session.execute(query)
    ]
