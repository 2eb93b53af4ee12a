"""Run one task instance now, through the scheduler and a worker (SEMANTICS 3.8)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from hubflow.clock import utcnow
from hubflow.db import orm
from hubflow.db.queries import dag_runs, outside_moves, task_instances
from hubflow.db.queries.dag_runs import RunRow
from hubflow.errors import CannotRun, TaskNotFound
from hubflow.rules.clearing import Instance
from hubflow.rules.run_now import Facts, Ignore, unmet
from hubflow.serialization.model import SerializedTask
from hubflow.services import shapes
from hubflow.services.access import Actor, Permission
from hubflow.services.change_plan import DagNow, Plan
from hubflow.services.dto import RunTask, TaskInstanceDto
from hubflow.services.unit import Backend, changing, reading
from hubflow.states import TaskEvent, TaskState


def run_now(
    backend: Backend, actor: Actor, dag_id: str, run_id: str, task_id: str, body: RunTask
) -> TaskInstanceDto:
    """Queue a task instance whatever it waits for, as far as ``body`` says.

    A finished run is open until it is over. Raises DagRunNotFound, TaskNotFound, CannotRun with
    the unmet dependencies.
    """
    ignore = Ignore(body.ignore_all_deps, body.ignore_task_state, body.ignore_task_deps)
    with changing(backend, actor, Permission.RUNS_EDIT, "run", dag_id) as unit:
        plan = Plan(backend, unit.session)
        row = dag_runs.get(unit.session, dag_id, run_id)
        dag = plan.of(row.run).dag
        outside_moves.ensure_instances(unit.session, row.run, dag.version, dag.version_id)
        instance = task_instances.get(unit.session, row.run, dag_id, task_id)
        if against := unmet(_facts(unit.session, row, dag, instance), ignore):
            raise CannotRun(task_id, against)
        decided = Instance(instance.id, task_id, instance.state, instance.try_number)
        plan.add(row.run, [instance], [(decided, TaskEvent.RUN_BY_HAND)], reopens=True)
        plan.carry_out(unit)
        unit.note(
            execution_date=row.run.execution_date, extra={"run_id": run_id, "task_id": task_id}
        )
        return shapes.task_instance(instance, row, dag.tasks)


def failed_deps(
    backend: Backend, actor: Actor, dag_id: str, run_id: str, task_id: str
) -> list[str]:
    """Return why a task instance does not run. Raises DagRunNotFound, TaskNotFound."""
    with reading(backend, actor, Permission.DAGS_READ) as session:
        row = dag_runs.get(session, dag_id, run_id)
        instance = task_instances.get(session, row.run, dag_id, task_id)
        dag = Plan(backend, session).of(row.run).dag
        return unmet(_facts(session, row, dag, instance))


def _facts(session: Session, row: RunRow, dag: DagNow, instance: orm.TaskInstance) -> Facts:
    task = dag.tasks.get(instance.task_id)
    if task is None:
        raise TaskNotFound(row.dag_id, instance.task_id)
    above = {one.task_id for one in dag.version.tasks if task.task_id in one.downstream}
    upstream = task_instances.list_selected(session, [row.run.id], above)[row.run.id]
    return Facts(
        state=instance.state,
        is_paused=dag.row.is_paused,
        is_due=row.run.execution_date <= utcnow(),
        trigger_rule=task.trigger_rule,
        upstream=[one.state for one in upstream],
        previous=_previous(session, row.run, task),
    )


def _previous(session: Session, run: orm.DagRun, task: SerializedTask) -> TaskState | None:
    if not task.depends_on_past:
        return None
    before = dag_runs.find_previous(session, run)
    if before is None:
        return None
    rows = task_instances.list_selected(session, [before.id], {task.task_id})[before.id]
    return rows[0].state if rows else None
