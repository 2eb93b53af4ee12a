"""List DAGs, show, pause, unpause and delete one."""

from __future__ import annotations

from hubflow.db.queries import dag_store, task_instances
from hubflow.db.queries import dags as queries
from hubflow.db.queries.dags import DagFilter
from hubflow.errors import DagBusy
from hubflow.events import DagChanged, Deleted
from hubflow.services import shapes
from hubflow.services.access import Actor, Permission
from hubflow.services.changes import checked_order
from hubflow.services.dto import DagDto, DagsDto, PatchDag
from hubflow.services.dto.stable import PatchDags
from hubflow.services.unit import Backend, Unit, changing, reading


def list_page(
    backend: Backend,
    actor: Actor,
    narrowed: DagFilter,
    limit: int,
    offset: int,
    order_by: str = "dag_id",
) -> DagsDto:
    """Return a page of DAGs, by default by id. Raises BadRequest."""
    checked_order(order_by, queries.ORDERS)
    with reading(backend, actor, Permission.DAGS_READ) as session:
        rows = queries.list_page(session, narrowed, limit=limit, offset=offset, order_by=order_by)
        versions = backend.versions.get_many(session, [row.dag.version_id for row in rows])
        return DagsDto(
            dags=[shapes.dag(row, versions.get(row.dag.version_id or 0)) for row in rows],
            total_entries=queries.count(session, narrowed).shown(narrowed.paused),
        )


def get(backend: Backend, actor: Actor, dag_id: str) -> DagDto:
    """Return one DAG. Raises DagNotFound."""
    with reading(backend, actor, Permission.DAGS_READ) as session:
        row = queries.get_row(session, dag_id)
        return shapes.dag(row, backend.versions.find(session, row.dag.version_id))


def patch_many(
    backend: Backend, actor: Actor, narrowed: DagFilter, body: PatchDags, limit: int, offset: int
) -> DagsDto:
    """Pause or unpause the DAGs of a page; returns them as they are then."""
    with changing(backend, actor, Permission.DAGS_EDIT, "paused") as unit:
        rows = queries.list_page(unit.session, narrowed, limit=limit, offset=offset)
        chosen = [row.dag.dag_id for row in rows]
        total = queries.count(unit.session, narrowed).shown(narrowed.paused)
        for dag_id in chosen:
            _switch(unit, dag_id, body.is_paused)
        unit.note(extra={"is_paused": body.is_paused, "dag_ids": chosen})
    return DagsDto(dags=[get(backend, actor, dag_id) for dag_id in chosen], total_entries=total)


def patch(backend: Backend, actor: Actor, dag_id: str, body: PatchDag) -> DagDto:
    """Pause or unpause a DAG with its sub-DAGs; saying what it is already changes nothing.

    Raises DagNotFound.
    """
    with changing(backend, actor, Permission.DAGS_EDIT, "paused", dag_id) as unit:
        _switch(unit, dag_id, body.is_paused)
        unit.note(extra={"is_paused": body.is_paused})
    return get(backend, actor, dag_id)


def _switch(unit: Unit, dag_id: str, is_paused: bool) -> None:
    dag = queries.get(unit.session, dag_id)
    change = "paused" if is_paused else "unpaused"
    for one in (dag, *queries.list_subdags(unit.session, dag_id)):
        if one.is_paused != is_paused:
            one.is_paused = is_paused
            news = DagChanged(dag_id=one.dag_id, change=change)
            one.change_id = unit.emit("dag", one.dag_id, news)


def delete(backend: Backend, actor: Actor, dag_id: str) -> None:
    """Delete a DAG with all its history; logs, files and the audit log stay.

    A DAG whose file is still there stays known, paused and without history, as if it had just
    been found. Raises DagNotFound, DagBusy.
    """
    with changing(backend, actor, Permission.DAGS_EDIT, "delete_dag", dag_id) as unit:
        dag = queries.get(unit.session, dag_id)
        if held := task_instances.count_held(unit.session, dag.id):
            raise DagBusy(
                f"{held} tasks of the DAG {dag_id!r} run or are about to; "
                "mark their runs as failed, or wait for them"
            )
        unit.emit("deleted", dag_id, Deleted(dag_id=dag_id, run_id=None, key=dag.id))
        if dag.is_active:
            dag_store.forget_history(unit.session, dag)
            changed = DagChanged(dag_id=dag_id, change="changed")
            dag.change_id = unit.emit("dag", dag_id, changed)
        else:
            dag_store.delete_dag(unit.session, dag)
            unit.emit("dag", dag_id, DagChanged(dag_id=dag_id, change="removed"))
