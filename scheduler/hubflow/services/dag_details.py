"""DAGs and tasks as their current version defines them, in the shape of Airflow's API."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta

from hubflow.clock import utcnow
from hubflow.db.queries import dags as queries
from hubflow.db.queries import run_moves
from hubflow.errors import BadRequest, TaskNotFound
from hubflow.rules.run_creation import next_run
from hubflow.serialization.model import SerializedDag, SerializedTask
from hubflow.serialization.schedule import timetable_of
from hubflow.services import shapes
from hubflow.services.access import Actor, Permission
from hubflow.services.dto import DagDetailDto, TimeDeltaDto
from hubflow.services.dto.stable import ClassReferenceDto, TaskDto, TasksDto
from hubflow.services.unit import Backend, reading

TASK_ORDERS = ("task_id", "owner", "pool", "priority_weight", "queue", "retries", "trigger_rule")


def get(backend: Backend, actor: Actor, dag_id: str) -> DagDetailDto:
    """Return one DAG with all that its version says. Raises DagNotFound."""
    with reading(backend, actor, Permission.DAGS_READ) as session:
        row = queries.get_row(session, dag_id)
        version = backend.versions.find(session, row.dag.version_id)
        known = version or SerializedDag(dag_id=dag_id, path=row.path)
        whole = shapes.dag(row, version)
        return DagDetailDto(
            **{name: getattr(whole, name) for name in whole.__struct_fields__},
            timezone=row.dag.timezone,
            catchup=known.catchup,
            orientation=known.orientation,
            concurrency=known.concurrency,
            start_date=known.start_date,
            end_date=known.end_date,
            dag_run_timeout=_delta(known.dagrun_timeout_s),
            doc_md=known.doc_md,
            owner_links=known.owner_links,
            params=known.params,
            is_paused_upon_creation=known.is_paused_upon_creation,
            last_parsed=row.parsed_at,
        )


def list_tasks(backend: Backend, actor: Actor, dag_id: str, order_by: str) -> TasksDto:
    """Return all tasks of a DAG. Raises DagNotFound, BadRequest."""
    field = order_by.removeprefix("-")
    if field not in TASK_ORDERS:
        raise BadRequest(f"order_by cannot be {order_by!r}; it is one of {', '.join(TASK_ORDERS)}")
    dag = _version(backend, actor, dag_id)
    tasks = [_task(task, dag) for task in dag.tasks]
    tasks.sort(key=lambda task: (getattr(task, field), task.task_id))
    if order_by.startswith("-"):
        tasks.reverse()
    return TasksDto(tasks=tasks, total_entries=len(tasks))


def get_task(backend: Backend, actor: Actor, dag_id: str, task_id: str) -> TaskDto:
    """Return one task of a DAG. Raises DagNotFound, TaskNotFound."""
    dag = _version(backend, actor, dag_id)
    for task in dag.tasks:
        if task.task_id == task_id:
            return _task(task, dag)
    raise TaskNotFound(dag_id, task_id)


def _version(backend: Backend, actor: Actor, dag_id: str) -> SerializedDag:
    with reading(backend, actor, Permission.DAGS_READ) as session:
        dag = queries.get(session, dag_id)
        found = backend.versions.find(session, dag.version_id)
    return found or SerializedDag(dag_id=dag_id, path="")


def _task(task: SerializedTask, dag: SerializedDag) -> TaskDto:
    same = set(TaskDto.__struct_fields__) & set(SerializedTask.__struct_fields__)
    values = {name: getattr(task, name) for name in same} | {
        "start_date": task.start_date or dag.start_date,
        "end_date": task.end_date or dag.end_date,
    }
    return TaskDto(
        task_display_name=shapes.task_name(task),
        class_ref=ClassReferenceDto(module_path="", class_name=task.operator),
        extra_links=[],
        is_mapped=task.mapped is not None,
        execution_timeout=_delta(task.execution_timeout_s),
        retry_delay=_delta(task.retry_delay_s) or TimeDeltaDto(days=0, seconds=0, microseconds=0),
        ui_fgcolor="#000",
        template_fields=sorted(task.fields),
        downstream_task_ids=list(task.downstream),
        doc_md=task.doc,
        **values,
    )


def _delta(seconds: float | None) -> TimeDeltaDto | None:
    if seconds is None:
        return None
    delta = timedelta(seconds=seconds)
    return TimeDeltaDto(days=delta.days, seconds=delta.seconds, microseconds=delta.microseconds)


def next_executions(backend: Backend, actor: Actor, dag_id: str, count: int) -> list[datetime]:
    """Return the dates of the next scheduled runs, at most ``count``. Raises DagNotFound.

    Those of a DAG that is off are what they would be if it were switched on now.
    """
    with reading(backend, actor, Permission.DAGS_READ) as session:
        row = queries.get(session, dag_id)
        dag = backend.versions.find(session, row.version_id)
        first = row.next_execution_date
        if first is None and dag is not None and row.is_paused and row.is_active:
            first = _first_if_on(dag, run_moves.last_scheduled(session, row.id))
    if first is None or dag is None:
        return []
    later = timetable_of(dag).ticks(after=first)
    dates = [first, *itertools.islice(later, count - 1)]
    return [date for date in dates if dag.end_date is None or date <= dag.end_date]


def _first_if_on(dag: SerializedDag, last: datetime | None) -> datetime | None:
    upcoming = next_run(
        timetable_of(dag), end_date=dag.end_date, catchup=dag.catchup, last=last, now=utcnow()
    )
    return upcoming.execution_date if upcoming else None
