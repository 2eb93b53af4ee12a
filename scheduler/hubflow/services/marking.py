"""Mark task instances and runs as success or failed, running nothing (SEMANTICS 3.7)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.db.queries import dag_runs, dags, task_instances
from hubflow.rules import clearing as rules
from hubflow.rules.clearing import Spread
from hubflow.services import selection, shapes
from hubflow.services.access import Actor, Permission
from hubflow.services.change_plan import Plan, instances
from hubflow.services.dto import (
    DagRunDto,
    MarkedTaskInstanceDto,
    PatchDagRun,
    PatchTaskInstance,
    TouchedDto,
    UpdateTaskInstancesState,
)
from hubflow.services.unit import Backend, changing, reading
from hubflow.states import RunEvent, TaskEvent

_EVENTS = {event.value.removeprefix("marked_"): event for event in rules.MARKS}
_RUN_EVENTS = {
    "success": (RunEvent.MARKED_SUCCESS, rules.on_run_success),
    "failed": (RunEvent.MARKED_FAILED, rules.on_run_failure),
}


def mark_tasks(
    backend: Backend, actor: Actor, dag_id: str, body: UpdateTaskInstancesState
) -> TouchedDto:
    """Set the state of task instances, or say whose that would be.

    Failed tasks below those that are marked are cleared, so that they run. Raises DagNotFound,
    DagRunNotFound, TaskNotFound, BadRequest, StaleState.
    """
    if body.dry_run:
        with reading(backend, actor, Permission.RUNS_EDIT) as session:
            return _plan(backend, session, dag_id, body).touched()
    event = _EVENTS[body.new_state]
    with changing(backend, actor, Permission.RUNS_EDIT, event.value, dag_id) as unit:
        touched = _plan(backend, unit.session, dag_id, body).carry_out(unit)
        unit.note(extra={"task_id": body.task_id, "task_instances": touched.total_entries})
        return touched


def mark_task(
    backend: Backend,
    actor: Actor,
    dag_id: str,
    run_id: str,
    task_id: str,
    body: PatchTaskInstance,
    map_index: int | None = None,
) -> MarkedTaskInstanceDto:
    """Set the state of one task instance, unless it is a dry run. Raises as `mark_tasks` does.

    ``map_index`` chooses one of several; without it all of them are meant.
    """
    whole = UpdateTaskInstancesState(
        task_id=task_id,
        dag_run_id=run_id,
        new_state=body.new_state,
        dry_run=body.dry_run,
        map_index=map_index,
    )
    mark_tasks(backend, actor, dag_id, whole)
    with reading(backend, actor, Permission.RUNS_EDIT) as session:
        date = dag_runs.get(session, dag_id, run_id).run.execution_date
    return MarkedTaskInstanceDto(
        task_id=task_id, dag_id=dag_id, dag_run_id=run_id, execution_date=date
    )


def mark_run(
    backend: Backend, actor: Actor, dag_id: str, run_id: str, body: PatchDagRun
) -> DagRunDto:
    """End a run as success or failed with its tasks, or open it again ("queued").

    Raises DagRunNotFound, StaleState.
    """
    with changing(backend, actor, Permission.RUNS_EDIT, f"run_{body.state}", dag_id) as unit:
        row = dag_runs.get(unit.session, dag_id, run_id)
        plan = Plan(backend, unit.session)
        of_run = plan.of(row.run)
        if body.state == "queued":
            of_run.reopens = True
        else:
            _end(plan, unit.session, row.run, body.state)
        plan.carry_out(unit)
        unit.note(execution_date=row.run.execution_date, extra={"run_id": run_id})
        unit.session.flush()
        return shapes.dag_run(dag_runs.get(unit.session, dag_id, run_id))


def preview_run(backend: Backend, actor: Actor, dag_id: str, run_id: str, state: str) -> TouchedDto:
    """Say which task instances `mark_run` would touch. Raises DagRunNotFound.

    A run that has not started has no instances yet, and shows none.
    """
    with reading(backend, actor, Permission.RUNS_EDIT) as session:
        run = dag_runs.get(session, dag_id, run_id).run
        plan = Plan(backend, session)
        _decide(plan, session, run, state)
        return plan.touched()


def _end(plan: Plan, session: Session, run: orm.DagRun, state: str) -> None:
    plan.of(run).ends = _RUN_EVENTS[state][0]
    plan.ensure_instances(run)
    _decide(plan, session, run, state)


def _decide(plan: Plan, session: Session, run: orm.DagRun, state: str) -> None:
    rule = _RUN_EVENTS[state][1]
    rows = task_instances.list_selected(session, [run.id], None)[run.id]
    plan.add(run, rows, rule(instances(rows)), reopens=False)


def _plan(backend: Backend, session: Session, dag_id: str, body: UpdateTaskInstancesState) -> Plan:
    plan = Plan(backend, session)
    row = dags.get(session, dag_id)
    dag = plan.dag(row)
    run = selection.run_named(session, row, body.dag_run_id, body.execution_date)
    selection.require_tasks(dag, [body.task_id])
    if body.map_index is not None:
        task_instances.get(session, run, dag_id, body.task_id, body.map_index)
    marked = rules.related(
        dag.edges,
        [body.task_id],
        upstream=body.include_upstream,
        downstream=body.include_downstream,
    )
    spread = Spread(past=body.include_past, future=body.include_future)
    _mark(
        plan,
        session,
        selection.runs_around(session, row, run, spread),
        marked,
        _EVENTS[body.new_state],
        body.map_index,
    )
    return plan


def _mark(
    plan: Plan,
    session: Session,
    runs: Sequence[orm.DagRun],
    marked: frozenset[str],
    event: TaskEvent,
    map_index: int | None,
) -> None:
    """Mark these tasks in these runs; what failed below them gets another chance."""
    rows_of = task_instances.list_selected(session, [run.id for run in runs], None)
    for run in runs:
        rows = rows_of[run.id]
        chosen = [
            item
            for row, item in zip(rows, instances(rows), strict=True)
            if item.task_id in marked and map_index in (None, row.map_index)
        ]
        touched = plan.add(run, rows, rules.to_mark(chosen, event), reopens=False)
        if touched:
            dag = plan.of(run).dag
            resumed = rules.to_resume(
                dag.edges, instances(touched), instances(rows), dag.mapped_groups
            )
            plan.add(
                run,
                rows,
                [(item, what) for item, what in resumed if item.task_id not in marked],
                reopens=True,
            )
