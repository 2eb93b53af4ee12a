"""List task instances, show and annotate one, and look at its tries."""

from __future__ import annotations

from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.db.queries import dag_runs, dags, instance_search
from hubflow.db.queries import task_instances as queries
from hubflow.db.queries.dag_runs import RunRow
from hubflow.db.queries.instance_search import InstanceFilter
from hubflow.errors import NotFound
from hubflow.services import shapes
from hubflow.services.access import Actor, Permission
from hubflow.services.changes import checked_order, checked_text
from hubflow.services.dto import SetNote, TaskInstanceDto, TaskInstancesDto
from hubflow.services.unit import Backend, changing, reading
from hubflow.services.versions import TaskNames

ANY = "~"
TRY_ORDERS = ("try_number",)
EVERYTHING = InstanceFilter()


def list_page(
    backend: Backend,
    actor: Actor,
    dag_id: str,
    run_id: str,
    limit: int,
    offset: int,
    *,
    wanted: InstanceFilter = EVERYTHING,
    order_by: str = "id",
) -> TaskInstancesDto:
    """Return a page of the task instances of a run; `~` stands for any DAG, or for any run.

    Raises DagNotFound, DagRunNotFound, BadRequest.
    """
    checked_order(order_by, instance_search.ORDERS)
    with reading(backend, actor, Permission.DAGS_READ) as session:
        if ANY not in (dag_id, run_id):
            dag_runs.get(session, dag_id, run_id)
        elif dag_id != ANY:
            dags.get(session, dag_id)
        if dag_id != ANY:
            wanted = wanted._replace(dag_ids=[dag_id])
        if run_id != ANY:
            wanted = wanted._replace(run_ids=[run_id])
        found, total = instance_search.list_page(
            session, wanted, order_by=order_by, limit=limit, offset=offset
        )
        names = backend.versions.task_names(session, {one.row.run.dag_version_id for one in found})
        shown = [shapes.task_instance(one.instance, one.row, names, one.rendered) for one in found]
        return TaskInstancesDto(task_instances=shown, total_entries=total)


def get(
    backend: Backend,
    actor: Actor,
    dag_id: str,
    run_id: str,
    task_id: str,
    map_index: int | None = None,
) -> TaskInstanceDto:
    """Return one task instance. Raises DagRunNotFound, TaskNotFound."""
    with reading(backend, actor, Permission.DAGS_READ) as session:
        row, instance = _find(session, dag_id, run_id, task_id, map_index)
        rendered = instance_search.rendered_of(session, [instance.id]).get(instance.id)
        if rendered is None and instance.try_number:
            # A try whose fields rendered to themselves keeps nothing.
            task = backend.versions.find_task(session, row.run.dag_version_id, task_id)
            rendered = task.fields if task else None
        return shapes.task_instance(instance, row, _names(backend, session, row), rendered)


def list_tries(
    backend: Backend,
    actor: Actor,
    dag_id: str,
    run_id: str,
    task_id: str,
    map_index: int | None = None,
    *,
    order_by: str = "try_number",
    limit: int = 100,
    offset: int = 0,
) -> TaskInstancesDto:
    """Return the task instance as it was in each try.

    Raises DagRunNotFound, TaskNotFound, BadRequest.
    """
    checked_order(order_by, TRY_ORDERS)
    with reading(backend, actor, Permission.DAGS_READ) as session:
        row, instance = _find(session, dag_id, run_id, task_id, map_index)
        tries = list(queries.list_tries(session, instance))
        if order_by.startswith("-"):
            tries.reverse()
        shown = tries[offset : offset + limit]
        names = _names(backend, session, row)
        return TaskInstancesDto(
            task_instances=[shapes.tried_instance(instance, row, names, one) for one in shown],
            total_entries=len(tries),
        )


def get_try(
    backend: Backend,
    actor: Actor,
    dag_id: str,
    run_id: str,
    task_id: str,
    number: int,
    map_index: int | None = None,
) -> TaskInstanceDto:
    """Return the task instance as it was in one try. Raises as `list_tries`, and NotFound."""
    with reading(backend, actor, Permission.DAGS_READ) as session:
        row, instance = _find(session, dag_id, run_id, task_id, map_index)
        tried = queries.find_try(session, instance, number)
        if tried is None:
            raise NotFound(f"task {task_id!r} of run {run_id!r} has no try {number}")
        return shapes.tried_instance(instance, row, _names(backend, session, row), tried)


def links(
    backend: Backend, actor: Actor, dag_id: str, run_id: str, task_id: str
) -> list[dict[str, str]]:
    """Return the extra links of a task instance: none, as hubflow's operators have none.

    Raises DagRunNotFound, TaskNotFound.
    """
    with reading(backend, actor, Permission.DAGS_READ) as session:
        _find(session, dag_id, run_id, task_id, None)
    return []


def set_note(
    backend: Backend,
    actor: Actor,
    dag_id: str,
    run_id: str,
    task_id: str,
    body: SetNote,
    map_index: int | None = None,
) -> TaskInstanceDto:
    """Write a note on a task instance. Raises DagRunNotFound, TaskNotFound."""
    with changing(backend, actor, Permission.RUNS_EDIT, "set_note", dag_id) as unit:
        row, instance = _find(unit.session, dag_id, run_id, task_id, map_index)
        instance.note = checked_text("note", body.note)
        unit.note(
            execution_date=row.run.execution_date, extra={"run_id": run_id, "task_id": task_id}
        )
        return shapes.task_instance(instance, row, _names(backend, unit.session, row))


def _names(backend: Backend, session: Session, row: RunRow) -> TaskNames:
    return backend.versions.task_names(session, [row.run.dag_version_id])


def _find(
    session: Session, dag_id: str, run_id: str, task_id: str, map_index: int | None
) -> tuple[RunRow, orm.TaskInstance]:
    row = dag_runs.get(session, dag_id, run_id)
    return row, queries.get(session, row.run, dag_id, task_id, map_index)
