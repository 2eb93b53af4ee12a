"""Task instances of several runs, narrowed, ordered and paged; and what was rendered for them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Float, Select, false, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.functions import FunctionElement

from hubflow.db import orm
from hubflow.db.queries import bounded
from hubflow.db.queries.bounded import MOST_COUNTED, Plain
from hubflow.db.queries.dag_runs import RunRow
from hubflow.db.queries.paging import directed
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
# Orders by columns of the run, and what comes next: each run then is one stretch of the list.
_RUN_ORDERS: Mapping[str, tuple[InstrumentedAttribute[Any], ...]] = {
    "execution_date": (_RUN.id,),
    "dag_run_id": (_RUN.id,),
    "dag_id": (_RUN.execution_date,),
}
_NO_INDEX = ("duration",)
FEW_RUNS = 500
"""Up to so many runs are looked through whole, whatever else is asked."""
Mark = Callable[[Any], Any]


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
    """Return a page of task instances and how many there are; see `bounded.total`.

    ``order_by`` may start with ``-``, which turns the order of equals around, too.

    The few that a filter lets through are found by it, and sorted. When they are many, the list is
    walked in its order instead, until a page of them is found.
    """
    narrowed = _Narrowed(wanted)
    by_runs = bool(narrowed.of_run) and (
        not narrowed.of_instance or bounded.count(session, narrowed.runs(), FEW_RUNS) <= FEW_RUNS
    )
    matching = narrowed.instances(by_runs=by_runs)
    is_all = not narrowed.of_run and not narrowed.of_instance
    counted = MOST_COUNTED + 1 if is_all else bounded.count(session, matching)
    if counted <= MOST_COUNTED or order_by.removeprefix("-") in _NO_INDEX:
        ordered = _sorted(matching, order_by)
    else:
        ordered = _walked(order_by, narrowed.checks(order_by))
    keys = session.scalars(ordered.limit(limit).offset(offset)).all()
    if counted > MOST_COUNTED:
        counted = bounded.total(len(keys), limit, offset)
    return _load(session, keys), counted


class _Narrowed:
    """The conditions of a filter, on runs and on their task instances.

    A plain condition is only checked; the others may lead the database to the rows.
    """

    def __init__(self, wanted: InstanceFilter) -> None:
        self._wanted = wanted
        self.of_instance = _of_instance(wanted, lambda column: column)
        self.of_run = _of_run(wanted)

    def runs(self) -> Select[int]:
        """Return the query for the keys of the runs that count."""
        return select(_RUN.id).where(*self.of_run)

    def instances(self, *, by_runs: bool) -> Select[int]:
        """Return the query for the keys of what the filter lets through, found by its runs or by
        what is asked of the instances."""
        query = select(_INSTANCE.id)
        if not by_runs:
            return query.where(*self.of_instance, *self._in_runs(Plain))
        return query.where(*_of_instance(self._wanted, Plain), *self._in_runs(lambda c: c))

    def checks(self, order_by: str) -> list[ColumnElement[bool]]:
        """Return all conditions for rows that come in this order."""
        of_instance = _of_instance(self._wanted, Plain)
        if order_by.removeprefix("-") in _RUN_ORDERS:
            return [*of_instance, *self.of_run]
        return [*of_instance, *self._in_runs(Plain)]

    def _in_runs(self, mark: Mark) -> list[ColumnElement[bool]]:
        return [mark(_INSTANCE.dag_run_id).in_(self.runs())] if self.of_run else []


def _sorted(matching: Select[int], order_by: str) -> Select[int]:
    """Put what is found by its conditions in order."""
    first, *more = _terms(order_by)
    query = matching
    if (name := order_by.removeprefix("-")) in _RUN_ORDERS:
        query = query.join(_RUN, _RUN.id == _INSTANCE.dag_run_id)
    if name == "dag_id":
        query = query.join(orm.Dag, orm.Dag.id == _RUN.dag_id)
    return query.order_by(*directed(order_by, Plain(first), *more))


def _walked(order_by: str, checks: Sequence[ColumnElement[bool]]) -> Select[int]:
    """Go along the index of an order, and keep what passes the checks."""
    query = select(_INSTANCE.id)
    if (name := order_by.removeprefix("-")) == "dag_id":
        query = query.select_from(orm.Dag).join(_RUN, Plain(orm.Dag.id) == _RUN.dag_id)
    elif name in _RUN_ORDERS:
        query = query.select_from(_RUN)
    if name in _RUN_ORDERS:
        query = query.join(_INSTANCE, Plain(_RUN.id) == _INSTANCE.dag_run_id)
    return query.where(*checks).order_by(*directed(order_by, *_terms(order_by)))


def _terms(order_by: str) -> list[Any]:
    """Return the columns of an order; the last one tells all rows apart."""
    name = order_by.removeprefix("-")
    return [ORDERS[name], *_RUN_ORDERS.get(name, ()), _INSTANCE.id]


def _load(session: Session, keys: Sequence[int]) -> list[FoundInstance]:
    """Return these task instances, in this order."""
    rows = session.execute(
        select(_INSTANCE, _RUN, orm.Dag.dag_id)
        .join(_RUN, _RUN.id == _INSTANCE.dag_run_id)
        .join(orm.Dag, orm.Dag.id == _RUN.dag_id)
        .where(_INSTANCE.id.in_(keys))
    )
    rendered = rendered_of(session, keys)
    found = {
        instance.id: FoundInstance(
            instance, RunRow(run, None, dag_id), rendered.get(instance.id, {})
        )
        for instance, run, dag_id in rows
    }
    return [found[key] for key in keys if key in found]


def rendered_of(session: Session, keys: Collection[int]) -> dict[int, Mapping[str, Any]]:
    """Return the rendered template fields of these task instances, where there are any."""
    if not keys:
        return {}
    kept = orm.RenderedFields
    rows = session.execute(
        select(kept.task_instance_id, kept.fields).where(kept.task_instance_id.in_(keys))
    )
    return {key: fields for key, fields in rows}


def _of_run(wanted: InstanceFilter) -> list[ColumnElement[bool]]:
    found = within(DATES, {k: v for k, v in wanted.dates.items() if k == "execution_date"})
    if wanted.dag_ids:
        keys = select(orm.Dag.id).where(orm.Dag.dag_id.in_(wanted.dag_ids))
        found.append(_RUN.dag_id.in_(keys))
    if wanted.run_ids:
        found.append(_RUN.run_id.in_(wanted.run_ids))
    return found


def _of_instance(wanted: InstanceFilter, mark: Mark) -> list[ColumnElement[bool]]:
    columns = {name: mark(DATES[name]) for name in DATES if name != "execution_date"}
    found = within(columns, {k: v for k, v in wanted.dates.items() if k in columns})
    for column, values in (
        (_INSTANCE.task_id, wanted.task_ids),
        (_INSTANCE.state, wanted.states),
        (_INSTANCE.pool, wanted.pools),
        (_INSTANCE.queue, wanted.queues),
    ):
        if values:
            found.append(mark(column).in_(values))
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
