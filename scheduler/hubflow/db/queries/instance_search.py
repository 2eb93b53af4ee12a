"""Task instances of several runs, narrowed, ordered and paged; and what was rendered for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Float, false, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.functions import FunctionElement

from hubflow.db import orm
from hubflow.db.queries.dag_runs import RunRow
from hubflow.db.queries.windows import Window, within
from hubflow.states import TaskState

_INSTANCE, _RUN = orm.TaskInstance, orm.DagRun
DATES: Mapping[str, InstrumentedAttribute[Any]] = {
    "execution_date": _RUN.execution_date,
    "start_date": _INSTANCE.start_date,
    "end_date": _INSTANCE.end_date,
    "updated_at": _INSTANCE.updated_at,
}


class _Seconds(FunctionElement[float]):
    """Seconds from one date to another."""

    type = Float()
    name = "seconds"
    inherit_cache = True


@compiles(_Seconds, "sqlite")
def _on_sqlite(element: _Seconds, compiler: Any, **options: Any) -> str:
    first, last = (compiler.process(clause, **options) for clause in element.clauses)
    # Days as a float are exact to some 40 µs.
    return f"round((julianday({last}) - julianday({first})) * 86400.0, 3)"


@compiles(_Seconds, "mysql")
def _on_mysql(element: _Seconds, compiler: Any, **options: Any) -> str:
    first, last = (compiler.process(clause, **options) for clause in element.clauses)
    return f"TIMESTAMPDIFF(MICROSECOND, {first}, {last}) / 1000000.0"


@compiles(_Seconds)
def _elsewhere(element: _Seconds, compiler: Any, **options: Any) -> str:
    first, last = (compiler.process(clause, **options) for clause in element.clauses)
    return f"EXTRACT(EPOCH FROM ({last} - {first}))"


DURATION = _Seconds(_INSTANCE.start_date, _INSTANCE.end_date)
ORDERS: Mapping[str, ColumnElement[Any] | InstrumentedAttribute[Any]] = {
    "id": _INSTANCE.id,
    "task_id": _INSTANCE.task_id,
    "map_index": _INSTANCE.map_index,
    "state": _INSTANCE.state,
    "duration": DURATION,
    "try_number": _INSTANCE.try_number,
    "pool": _INSTANCE.pool,
    "queue": _INSTANCE.queue,
    "priority_weight": _INSTANCE.priority_weight,
    "operator": _INSTANCE.operator,
    "dag_id": orm.Dag.dag_id,
    "dag_run_id": _RUN.run_id,
    **DATES,
}


class InstanceFilter(NamedTuple):
    """What a list of task instances is narrowed to; what is None or empty narrows nothing.

    `durations` is the least and the greatest number of seconds, `dates` a window for a name in
    `DATES`. `is_mapped` keeps the instances of mapped tasks. `executors` keeps nothing: no task of
    hubflow has an executor of its own.
    """

    dag_ids: Collection[str] = ()
    run_ids: Collection[str] = ()
    task_ids: Collection[str] = ()
    states: Collection[TaskState] = ()
    pools: Collection[str] = ()
    queues: Collection[str] = ()
    executors: Collection[str] = ()
    dates: Mapping[str, Window] = {}
    durations: tuple[float | None, float | None] = (None, None)
    is_mapped: bool | None = None


class FoundInstance(NamedTuple):
    """A task instance, its run, and its template fields as its last try saw them."""

    instance: orm.TaskInstance
    row: RunRow
    rendered: Mapping[str, Any]


def list_page(
    session: Session, wanted: InstanceFilter, *, order_by: str, limit: int, offset: int
) -> tuple[list[FoundInstance], int]:
    """Return a page of task instances and how many there are. ``order_by`` may start with ``-``."""
    column = ORDERS[order_by.removeprefix("-")]
    order = column.desc() if order_by.startswith("-") else column.asc()
    conditions = _conditions(wanted)
    query = (
        select(_INSTANCE, _RUN, orm.Dag.dag_id)
        .join(_RUN, _RUN.id == _INSTANCE.dag_run_id)
        .join(orm.Dag, orm.Dag.id == _RUN.dag_id)
        .where(*conditions)
    )
    counted = select(func.count()).select_from(query.with_only_columns(_INSTANCE.id).subquery())
    rows = session.execute(query.order_by(order, _INSTANCE.id).limit(limit).offset(offset)).all()
    rendered = rendered_of(session, [instance.id for instance, _, _ in rows])
    found = [
        FoundInstance(instance, RunRow(run, None, dag_id), rendered.get(instance.id, {}))
        for instance, run, dag_id in rows
    ]
    return found, session.scalar(counted) or 0


def rendered_of(session: Session, keys: Collection[int]) -> dict[int, Mapping[str, Any]]:
    """Return the rendered template fields of these task instances, where there are any."""
    if not keys:
        return {}
    kept = orm.RenderedFields
    rows = session.execute(
        select(kept.task_instance_id, kept.fields).where(kept.task_instance_id.in_(keys))
    )
    return {key: fields for key, fields in rows}


def _conditions(wanted: InstanceFilter) -> list[ColumnElement[bool]]:
    found = within(DATES, wanted.dates)
    for column, values in (
        (orm.Dag.dag_id, wanted.dag_ids),
        (_RUN.run_id, wanted.run_ids),
        (_INSTANCE.task_id, wanted.task_ids),
        (_INSTANCE.state, wanted.states),
        (_INSTANCE.pool, wanted.pools),
        (_INSTANCE.queue, wanted.queues),
    ):
        if values:
            found.append(column.in_(values))
    if wanted.executors:
        found.append(false())
    shortest, longest = wanted.durations
    if shortest is not None:
        found.append(shortest <= DURATION)
    if longest is not None:
        found.append(longest >= DURATION)
    if wanted.is_mapped is not None:
        found.append((_INSTANCE.map_index >= 0) == wanted.is_mapped)
    return found
