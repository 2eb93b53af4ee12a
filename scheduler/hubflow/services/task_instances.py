"""List the task instances of a run, show and annotate one."""

from __future__ import annotations

from hubflow.db.queries import dag_runs
from hubflow.db.queries import task_instances as queries
from hubflow.services import shapes
from hubflow.services.access import Actor, Permission
from hubflow.services.dto import SetNote, TaskInstanceDto, TaskInstancesDto
from hubflow.services.unit import Backend, changing, reading


def list_page(
    backend: Backend, actor: Actor, dag_id: str, run_id: str, limit: int, offset: int
) -> TaskInstancesDto:
    """Return a page of the task instances of a run. Raises DagRunNotFound."""
    with reading(backend, actor, Permission.DAGS_READ) as session:
        row = dag_runs.get(session, dag_id, run_id)
        found = queries.list_of_runs(session, [row.run.id])[row.run.id]
        shown = found[offset : offset + limit]
        return TaskInstancesDto(
            task_instances=[shapes.task_instance(one, row) for one in shown],
            total_entries=len(found),
        )


def get(backend: Backend, actor: Actor, dag_id: str, run_id: str, task_id: str) -> TaskInstanceDto:
    """Return one task instance. Raises DagRunNotFound, TaskNotFound."""
    with reading(backend, actor, Permission.DAGS_READ) as session:
        row = dag_runs.get(session, dag_id, run_id)
        instance = queries.get(session, row.run, dag_id, task_id)
        return shapes.task_instance(instance, row)


def set_note(
    backend: Backend, actor: Actor, dag_id: str, run_id: str, task_id: str, body: SetNote
) -> TaskInstanceDto:
    """Write a note on a task instance. Raises DagRunNotFound, TaskNotFound."""
    with changing(backend, actor, Permission.RUNS_EDIT, "set_note", dag_id) as unit:
        row = dag_runs.get(unit.session, dag_id, run_id)
        instance = queries.get(unit.session, row.run, dag_id, task_id)
        instance.note = body.note or None
        unit.note(
            execution_date=row.run.execution_date, extra={"run_id": run_id, "task_id": task_id}
        )
        return shapes.task_instance(instance, row)
