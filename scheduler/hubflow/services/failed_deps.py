"""Why a task instance does not run: what the database says, put before the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hubflow.clock import utcnow
from hubflow.db import orm
from hubflow.db.queries import (
    dag_runs,
    dags,
    occupancy,
    past,
    processes,
    task_instances,
    task_moves,
)
from hubflow.errors import TaskNotFound
from hubflow.rules.blocking import Situation, Unmet, unmet_conditions
from hubflow.rules.mapping import may_rule_out, waits_for
from hubflow.rules.past import Previous, past_obstacle, where_to_look
from hubflow.serialization.model import SerializedDag, SerializedTask
from hubflow.serialization.schedule import timetable_of
from hubflow.services import health
from hubflow.services.access import Actor, Permission
from hubflow.services.dto import TaskDependenciesDto, TaskDependencyDto
from hubflow.services.unit import Backend, reading
from hubflow.states import TaskState


def get(
    backend: Backend,
    actor: Actor,
    dag_id: str,
    run_id: str,
    task_id: str,
    map_index: int | None = None,
) -> TaskDependenciesDto:
    """Return the conditions that a task instance does not meet, the first one if it has several.

    The task of a run that has not started yet, and so has no instances, may be asked for, too.
    Raises DagNotFound, DagRunNotFound, TaskNotFound.
    """
    with reading(backend, actor, Permission.DAGS_READ) as session:
        unmet = list_unmet(backend, session, dag_id, run_id, task_id, map_index)
    return TaskDependenciesDto(
        dependencies=[TaskDependencyDto(name=name, reason=reason) for name, reason in unmet]
    )


def list_unmet(
    backend: Backend,
    session: Session,
    dag_id: str,
    run_id: str,
    task_id: str,
    map_index: int | None = None,
) -> list[Unmet]:
    """Return the conditions that a task instance does not meet. Raises as `get` does."""
    dag_row = dags.get(session, dag_id)
    run = dag_runs.get(session, dag_id, run_id).run
    dag = backend.versions.find(session, run.dag_version_id or dag_row.version_id)
    tasks = {task.task_id: task for task in dag.tasks} if dag else {}
    if dag is None or task_id not in tasks:
        raise TaskNotFound(dag_id, task_id)
    return unmet_conditions(_situation(session, dag_row, run, dag, tasks[task_id], map_index))


def _situation(
    session: Session,
    dag_row: orm.Dag,
    run: orm.DagRun,
    dag: SerializedDag,
    task: SerializedTask,
    map_index: int | None,
) -> Situation:
    rows = task_instances.list_of_runs(session, [run.id])[run.id]
    mine = next((row for row in rows if _is_meant(row, task, map_index)), None)
    index = mine.map_index if mine else -1
    states = task_moves.states_of(session, run.id)
    pool_name = mine.pool if mine else task.pool
    size, free = _pool(session, pool_name)
    now = utcnow()
    workers = health.alive_workers(session, now)
    parallelism = _parallelism(session, now)
    return Situation(
        now=now,
        run_state=run.state,
        run_type=run.run_type,
        execution_date=run.execution_date,
        is_paused=dag_row.is_paused,
        state=mine.state if mine else TaskState.NONE,
        retry_at=mine.retry_at if mine else None,
        start_date=task.start_date,
        end_date=task.end_date,
        trigger_rule=task.trigger_rule,
        upstream=_upstream(dag, task, index, rows, states),
        past_obstacle=_past_obstacle(session, run, dag, task),
        ruled_out_by=_ruled_out_by(dag, task, index, rows),
        pool=pool_name,
        pool_slots=mine.pool_slots if mine else task.pool_slots,
        pool_size=size,
        pool_free=free,
        dag_free=dag.concurrency - occupancy.count_held(session, dag_key=dag_row.id),
        task_free=_task_free(session, dag_row, task),
        task_free_in_run=_task_free_in_run(session, run, task),
        total_free=parallelism and parallelism - occupancy.count_held(session),
        has_worker=bool(workers),
        queue=mine.queue if mine else task.queue,
        queues_served=health.queues_served(workers),
    )


def _past_obstacle(
    session: Session, run: orm.DagRun, dag: SerializedDag, task: SerializedTask
) -> str | None:
    if not task.depends_on_past:
        return None
    downstream = task.downstream if task.wait_for_downstream else ()
    previous = _previous(session, run, dag, task, (task.task_id, *downstream))
    return past_obstacle(previous, task.task_id, task.start_date or dag.start_date, downstream)


def _previous(
    session: Session,
    run: orm.DagRun,
    dag: SerializedDag,
    task: SerializedTask,
    task_ids: tuple[str, ...],
) -> Previous | None:
    before = where_to_look(
        timetable_of(dag), catchup=dag.catchup, execution_date=run.execution_date
    )
    if before is None:
        return None
    new = [task.task_id] if task.ignore_first_depends_on_past else []
    firsts = past.firsts_among(session, run.dag_id, run.execution_date, new)
    find = past.find_at if before.is_exact else past.find_before
    found = find(session, run.dag_id, before.date)
    if found is None:
        return Previous(before.date, None, {}, firsts) if before.is_exact else None
    return Previous(found[1], found[0], task_moves.states_of(session, found[0], task_ids), firsts)


def _is_meant(row: orm.TaskInstance, task: SerializedTask, map_index: int | None) -> bool:
    return row.task_id == task.task_id and map_index in (None, row.map_index)


def _upstream(
    dag: SerializedDag,
    task: SerializedTask,
    index: int,
    rows: Sequence[orm.TaskInstance],
    states: Mapping[str, TaskState],
) -> dict[str, TaskState | None]:
    """Return how the tasks directly before one stand; in its mapped group, one map index of them.

    Of ``states``, a task in another group or in none has one that is not good, if any.
    """
    found: dict[str, TaskState | None] = {}
    for other in dag.tasks:
        if task.task_id not in other.downstream:
            continue
        found[other.task_id] = states.get(other.task_id)
        if index >= 0 and other.mapped and other.mapped.shares_indexes(task.mapped):
            own = [
                row.state
                for row in rows
                if row.task_id == other.task_id
                and waits_for(other.mapped, row.map_index, task.mapped, index)
            ]
            if own:
                found[other.task_id] = own[0]
    return found


def _ruled_out_by(
    dag: SerializedDag, task: SerializedTask, index: int, rows: Sequence[orm.TaskInstance]
) -> str | None:
    mapped = {other.task_id: other.mapped for other in dag.tasks}
    return next(
        (
            row.task_id
            for row in rows
            if task.task_id in (row.rules_out or ())
            and may_rule_out(mapped.get(row.task_id), row.map_index, task.mapped, index)
        ),
        None,
    )


def _pool(session: Session, name: str) -> tuple[int | None, int | None]:
    """Return the size of a pool and how much of it is free, None where there is no limit."""
    pool = session.scalar(select(orm.Pool).where(orm.Pool.name == name))
    if pool is None:
        return None, None
    return pool.slots, (
        None if pool.slots < 0 else pool.slots - occupancy.count_pool_slots(session, pool)
    )


def _task_free(session: Session, dag_row: orm.Dag, task: SerializedTask) -> int | None:
    if task.task_concurrency is None:
        return None
    held = occupancy.count_held(session, dag_key=dag_row.id, task_id=task.task_id)
    return task.task_concurrency - held


def _task_free_in_run(session: Session, run: orm.DagRun, task: SerializedTask) -> int | None:
    if task.max_active_tis_per_dagrun is None:
        return None
    held = occupancy.count_held(session, run_key=run.id, task_id=task.task_id)
    return task.max_active_tis_per_dagrun - held


def _parallelism(session: Session, now: datetime) -> int | None:
    """Return the scheduler's parallelism, as it last said."""
    scheduler = processes.newest_by_kind(session, now).get("scheduler")
    return scheduler.slots if scheduler else None
