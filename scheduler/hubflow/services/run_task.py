"""Run one task instance now, through the scheduler and a worker (SEMANTICS 3.8)."""

from __future__ import annotations

from hubflow.db.queries import dag_runs, task_instances
from hubflow.errors import BadRequest, CannotRun, TaskNotFound
from hubflow.rules.run_now import Ignore, forbidding
from hubflow.services import failed_deps, shapes
from hubflow.services.access import Actor, Permission
from hubflow.services.change_plan import Plan, instances
from hubflow.services.dto import RunTask, TaskInstanceDto
from hubflow.services.unit import Backend, changing
from hubflow.states import TaskEvent


def run_now(
    backend: Backend,
    actor: Actor,
    dag_id: str,
    run_id: str,
    task_id: str,
    body: RunTask,
) -> TaskInstanceDto:
    """Queue a task instance whatever it waits for, as far as ``body`` says.

    A finished run is open until it is over. Raises DagRunNotFound, TaskNotFound, BadRequest for
    a mapped task without instances, CannotRun with the unmet dependencies.
    """
    ignore = Ignore(body.ignore_all_deps, body.ignore_task_state, body.ignore_task_deps)
    with changing(backend, actor, Permission.RUNS_EDIT, "run", dag_id) as unit:
        plan = Plan(backend, unit.session)
        row = dag_runs.get(unit.session, dag_id, run_id)
        plan.ensure_instances(row.run)
        if (task := plan.of(row.run).dag.tasks.get(task_id)) is None:
            raise TaskNotFound(dag_id, task_id)
        instance = task_instances.get(unit.session, row.run, dag_id, task_id, body.map_index)
        if task.mapped is not None and instance.map_index < 0:
            raise BadRequest(
                f"{task_id!r} is mapped, and what over is not known yet; clear it, with the tasks "
                "before it, instead of running it by hand"
            )
        unmet = failed_deps.list_unmet(
            backend, unit.session, dag_id, run_id, task_id, body.map_index
        )
        if against := forbidding(unmet, instance.state, ignore):
            raise CannotRun(task_id, [f"{name}: {reason}" for name, reason in against])
        decided = [(one, TaskEvent.RUN_BY_HAND) for one in instances([instance])]
        plan.add(row.run, [instance], decided, reopens=True)
        plan.carry_out(unit)
        unit.note(
            execution_date=row.run.execution_date, extra={"run_id": run_id, "task_id": task_id}
        )
        names = backend.versions.task_names(unit.session, [row.run.dag_version_id])
        return shapes.task_instance(instance, row, names)
