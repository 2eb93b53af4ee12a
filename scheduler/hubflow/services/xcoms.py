"""List and show XCom values. Pickles are never loaded: people see the text kept beside them."""

from __future__ import annotations

from typing import Any

import msgspec

from hubflow.db import orm
from hubflow.db.queries import dag_runs, dags, task_instances
from hubflow.db.queries import xcoms as queries
from hubflow.errors import NotFound
from hubflow.services.access import Actor, Permission
from hubflow.services.dto import XComDto, XComsDto, XComValueDto
from hubflow.services.unit import Backend, reading

ANY = "~"


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
    """Return a page of what task instances pushed, without the values; `~` stands for any name.

    Raises DagNotFound, DagRunNotFound, TaskNotFound.
    """
    with reading(backend, actor, Permission.DAGS_READ) as session:
        if ANY not in (dag_id, run_id):
            run = dag_runs.get(session, dag_id, run_id).run
            if task_id != ANY:
                task_instances.get(session, run, dag_id, task_id, map_index)
        elif dag_id != ANY:
            dags.get(session, dag_id)
        wanted = queries.XComFilter(
            dag_id=None if dag_id == ANY else dag_id,
            run_id=None if run_id == ANY else run_id,
            task_id=None if task_id == ANY else task_id,
            key=key,
            map_index=map_index,
        )
        rows, total = queries.list_page(session, wanted, limit=limit, offset=offset)
        entries = [XComDto(**row._asdict()) for row in rows]
        return XComsDto(xcom_entries=entries, total_entries=total)


def get(
    backend: Backend,
    actor: Actor,
    dag_id: str,
    run_id: str,
    task_id: str,
    key: str,
    map_index: int | None = None,
    *,
    as_text: bool = True,
) -> XComValueDto:
    """Return one value, as text or as JSON; that of a pickle is its text.

    Raises DagRunNotFound, TaskNotFound, NotFound.
    """
    with reading(backend, actor, Permission.DAGS_READ) as session:
        run = dag_runs.get(session, dag_id, run_id).run
        instance = task_instances.get(session, run, dag_id, task_id, map_index)
        value = queries.find(session, instance, key)
        if value is None:
            raise NotFound(f"task {task_id!r} pushed no XCom {key!r} in run {run_id!r}")
        return XComValueDto(
            key=key,
            timestamp=value.at,
            execution_date=queries.own_date(value) or run.execution_date,
            task_id=task_id,
            dag_id=dag_id,
            map_index=instance.map_index,
            value=_text(value) if as_text else _native(value),
        )


def _text(value: orm.XCom) -> str:
    return value.data.decode() if value.encoding == "json" else value.text


def _native(value: orm.XCom) -> Any:
    return msgspec.json.decode(value.data) if value.encoding == "json" else value.text
