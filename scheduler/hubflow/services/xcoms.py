"""List and show XCom values. Pickles are never loaded: people see the text kept beside them."""

from __future__ import annotations

from hubflow.db import orm
from hubflow.db.queries import dag_runs, task_instances
from hubflow.db.queries import xcoms as queries
from hubflow.errors import NotFound
from hubflow.services.access import Actor, Permission
from hubflow.services.dto import XComDto, XComsDto, XComValueDto
from hubflow.services.unit import Backend, reading


def list_page(
    backend: Backend,
    actor: Actor,
    dag_id: str,
    run_id: str,
    task_id: str,
    limit: int,
    offset: int,
    *,
    key: str | None = None,
    map_index: int | None = None,
) -> XComsDto:
    """Return a page of the values a task instance pushed, without the values."""
    with reading(backend, actor, Permission.DAGS_READ) as session:
        run = dag_runs.get(session, dag_id, run_id).run
        instance = task_instances.get(session, run, dag_id, task_id, map_index)
        found = [one for one in queries.list_of(session, instance) if key in (None, one.key)]
        entries = [
            XComDto(
                key=value.key,
                timestamp=value.at,
                execution_date=run.execution_date,
                task_id=task_id,
                dag_id=dag_id,
                map_index=instance.map_index,
            )
            for value in found[offset : offset + limit]
        ]
        return XComsDto(xcom_entries=entries, total_entries=len(found))


def get(
    backend: Backend,
    actor: Actor,
    dag_id: str,
    run_id: str,
    task_id: str,
    key: str,
    map_index: int | None = None,
) -> XComValueDto:
    """Return one value. Raises DagRunNotFound, TaskNotFound, NotFound."""
    with reading(backend, actor, Permission.DAGS_READ) as session:
        run = dag_runs.get(session, dag_id, run_id).run
        instance = task_instances.get(session, run, dag_id, task_id, map_index)
        value = queries.find(session, instance, key)
        if value is None:
            raise NotFound(f"task {task_id!r} pushed no XCom {key!r} in run {run_id!r}")
        return XComValueDto(
            key=key,
            timestamp=value.at,
            execution_date=run.execution_date,
            task_id=task_id,
            dag_id=dag_id,
            map_index=instance.map_index,
            value=_text(value),
        )


def _text(value: orm.XCom) -> str:
    return value.data.decode() if value.encoding == "json" else value.text
