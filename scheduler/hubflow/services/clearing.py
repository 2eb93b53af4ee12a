"""Clear: task instances are forgotten, and run again (SEMANTICS 3.6)."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy.orm import Session

from hubflow.clock import parse_iso
from hubflow.db import orm
from hubflow.db.queries import dag_runs, dags, instance_search, task_instances
from hubflow.errors import BadRequest, ClearTooDeep, NotFound
from hubflow.rules import clearing as rules
from hubflow.rules.clearing import Instance, Spread
from hubflow.services import selection
from hubflow.services.access import Actor, Permission
from hubflow.services.change_plan import DagNow, Plan, instances
from hubflow.services.dto import ClearDagRun, ClearTaskInstances, TouchedDto
from hubflow.services.unit import Backend, Unit, changing, reading

MAX_DEPTH = 10
MARKER = "ExternalTaskMarker"


class _Scope(NamedTuple):
    """What of a run is cleared, and how far that reaches into other DAGs."""

    only_failed: bool
    only_running: bool
    children: bool
    parents: bool
    reopens: bool


class _Work(NamedTuple):
    """Clear these tasks (None: all) of a run; `depth` counts the DAGs on the way here.

    `limit` is how many these may be; the first ExternalTaskMarker on the way says so for the rest.
    `origin` is the run from which its parent was reached: that one is not cleared as a whole.
    `own` are tasks of which only the instance with a map index is meant.
    """

    run: orm.DagRun
    task_ids: frozenset[str] | None
    depth: int = 0
    origin: int | None = None
    own: tuple[frozenset[str], int] | None = None
    limit: int | None = None

    def beyond(self, run: orm.DagRun, task_ids: frozenset[str] | None = None) -> _Work:
        """Return the work in another DAG to which this leads."""
        return _Work(run, task_ids, self.depth + 1, limit=self.limit)

    def means(self, instance: Instance) -> bool:
        tasks, index = self.own or (frozenset(), None)
        return instance.task_id not in tasks or instance.map_index == index


def clear(backend: Backend, actor: Actor, dag_id: str, body: ClearTaskInstances) -> TouchedDto:
    """Clear task instances of a DAG, or say which ones that would be.

    Raises DagNotFound, DagRunNotFound, TaskNotFound, BadRequest, StaleState.
    """
    return clear_dags(backend, actor, {dag_id: body}, dry_run=body.dry_run)


def clear_dags(
    backend: Backend, actor: Actor, bodies: Mapping[str, ClearTaskInstances], *, dry_run: bool
) -> TouchedDto:
    """Clear task instances of several DAGs: of all, or of none if one cannot be cleared.

    ``bodies`` say what of each. Raises as `clear` does, naming the DAG where there are several.
    """
    if dry_run:
        with reading(backend, actor, Permission.RUNS_EDIT) as session:
            return _plan_dags(backend, session, bodies).touched()
    dag_id = next(iter(bodies)) if len(bodies) == 1 else None
    with changing(backend, actor, Permission.RUNS_EDIT, "clear", dag_id) as unit:
        touched = _plan_dags(backend, unit.session, bodies).carry_out(unit)
        together = {} if dag_id else {"dag_ids": sorted(bodies)}
        unit.note(extra=_summary(touched) | together)
        return touched


def clear_run(
    backend: Backend, actor: Actor, dag_id: str, run_id: str, body: ClearDagRun
) -> TouchedDto:
    """Clear all tasks of a run, with the runs that these started. Raises DagRunNotFound."""
    scope = _Scope(body.only_failed, False, children=True, parents=True, reopens=True)
    if body.dry_run:
        with reading(backend, actor, Permission.RUNS_EDIT) as session:
            return _plan_run(backend, session, dag_id, run_id, scope).touched()
    with changing(backend, actor, Permission.RUNS_EDIT, "clear", dag_id) as unit:
        plan = _plan_run(backend, unit.session, dag_id, run_id, scope)
        run = dag_runs.get(unit.session, dag_id, run_id).run
        plan.of(run).reopens = True
        touched = plan.carry_out(unit)
        unit.note(execution_date=run.execution_date, extra={"run_id": run_id})
        return touched


def restart_run(backend: Backend, unit: Unit, run: orm.DagRun) -> None:
    """Clear all tasks of a run, with the runs that these started, for a task that wants it so."""
    scope = _Scope(
        only_failed=False, only_running=False, children=True, parents=False, reopens=True
    )
    plan = Plan(backend, unit.session)
    _spread(plan, unit.session, [_Work(run, None)], scope)
    plan.of(run).reopens = True
    plan.carry_out(unit)


def _summary(touched: TouchedDto) -> dict[str, object]:
    tasks = sorted({item.task_id for item in touched.task_instances})
    return {"task_instances": touched.total_entries, "dag_runs": touched.dag_runs, "tasks": tasks}


def _plan_run(backend: Backend, session: Session, dag_id: str, run_id: str, scope: _Scope) -> Plan:
    plan = Plan(backend, session)
    run = dag_runs.get(session, dag_id, run_id).run
    _spread(plan, session, [_Work(run, None)], scope)
    return plan


def _plan_dags(
    backend: Backend, session: Session, bodies: Mapping[str, ClearTaskInstances]
) -> Plan:
    plan = Plan(backend, session)
    for dag_id, body in bodies.items():
        try:
            _plan_tasks(plan, session, dag_id, body)
        except (BadRequest, NotFound) as exc:
            if len(bodies) == 1:
                raise
            raise BadRequest(
                f"the DAG {dag_id!r} cannot be cleared, and so none was: {exc}"
            ) from exc
    return plan


def _plan_tasks(plan: Plan, session: Session, dag_id: str, body: ClearTaskInstances) -> None:
    if body.only_failed and body.only_running:
        raise BadRequest("only_failed and only_running exclude each other; choose one")
    if body.map_index is not None and len(body.task_ids or ()) != 1:
        raise BadRequest("map_index needs one task in task_ids, the one that it counts in")
    row = dags.get(session, dag_id)
    dag = plan.dag(row)
    task_ids = None
    if body.task_ids is not None:
        selection.require_tasks(dag, body.task_ids)
        task_ids = rules.related(
            dag.edges,
            body.task_ids,
            upstream=body.include_upstream,
            downstream=body.include_downstream,
        )
    runs = _runs(session, row, body)
    scope = _Scope(
        body.only_failed,
        body.only_running,
        children=body.include_subdags,
        parents=body.include_parentdag,
        reopens=body.reset_dag_runs,
    )
    own = _own(dag, body)
    _spread(plan, session, [_Work(run, task_ids, own=own) for run in runs], scope)


def _own(dag: DagNow, body: ClearTaskInstances) -> tuple[frozenset[str], int] | None:
    """Return the named task with those of its mapped group, and the map index that is meant."""
    if body.map_index is None or not body.task_ids:
        return None
    groups, task_ids = dag.mapped_groups, body.task_ids
    group = groups.get(task_ids[0])
    mates = [task_id for task_id, other in groups.items() if other == group]
    return frozenset([*task_ids, *mates]), body.map_index


def _runs(session: Session, dag: orm.Dag, body: ClearTaskInstances) -> Sequence[orm.DagRun]:
    if body.dag_run_id is None:
        if body.include_past or body.include_future:
            raise BadRequest("include_past and include_future need a dag_run_id to start from")
        return selection.runs_between(session, dag, body.start_date, body.end_date)
    if body.start_date or body.end_date:
        raise BadRequest("give dag_run_id, or start_date and end_date, not both")
    run = selection.run_named(session, dag, body.dag_run_id, None)
    spread = Spread(past=body.include_past, future=body.include_future)
    return selection.runs_around(session, dag, run, spread)


def _spread(plan: Plan, session: Session, work: Iterable[_Work], scope: _Scope) -> None:
    """Plan the work, and what follows from it in runs that started these or were started."""
    waiting = deque(work)
    first = list(waiting)
    rows_of: dict[int, list[orm.TaskInstance]] = {}
    for task_ids in {item.task_ids for item in first}:
        keys = [item.run.id for item in first if item.task_ids == task_ids]
        rows_of |= task_instances.list_selected(session, keys, task_ids)
    while waiting:
        item = waiting.popleft()
        limit = MAX_DEPTH if item.limit is None else item.limit
        if item.depth > limit:
            raise ClearTooDeep(
                f"Maximum recursion depth {limit} reached: the runs that tasks start or mark lead "
                "to others in turn; clear without recursion, or raise the recursion_depth of the "
                "ExternalTaskMarker"
            )
        rows = rows_of.pop(item.run.id, None) if item.depth == 0 else None
        if rows is None:
            rows = task_instances.list_selected(session, [item.run.id], item.task_ids)[item.run.id]
        known = plan.of(item.run).dag.tasks
        decided = rules.to_clear(
            (one for one in instances(rows) if one.task_id in known and item.means(one)),
            only_failed=scope.only_failed,
            only_running=scope.only_running,
        )
        touched = plan.add(item.run, rows, decided, reopens=scope.reopens)
        if touched:
            waiting.extend(_beyond(plan, session, item, touched, scope))


def _beyond(
    plan: Plan, session: Session, item: _Work, touched: list[orm.TaskInstance], scope: _Scope
) -> Iterable[_Work]:
    """Return what is to be cleared in other DAGs because of ``touched``."""
    if scope.children:
        for child in dag_runs.list_children(session, [row.id for row in touched]):
            if child.id != item.origin:
                yield item.beyond(child)
        yield from _marked(plan, session, item, touched)
    if scope.parents and item.run.parent_id is not None:
        parent = session.get(orm.TaskInstance, item.run.parent_id)
        run = session.get(orm.DagRun, parent.dag_run_id) if parent else None
        if parent is not None and run is not None:
            edges = plan.of(run).dag.edges
            below = rules.related(edges, [parent.task_id], upstream=False, downstream=True)
            yield item.beyond(run, below)._replace(origin=item.run.id)


def _marked(
    plan: Plan, session: Session, item: _Work, touched: list[orm.TaskInstance]
) -> Iterable[_Work]:
    """Follow ExternalTaskMarkers: each names a task of another DAG and the date of its run."""
    tasks = plan.of(item.run).dag.tasks
    marks = [row for row in touched if tasks[row.task_id].operator == MARKER]
    rendered = instance_search.rendered_of(session, [row.id for row in marks])
    for row in marks:
        task = tasks[row.task_id]
        fields = {**task.fields, **rendered.get(row.id, {})}
        date = item.run.execution_date if task.is_dummy else None
        with contextlib.suppress(ValueError):  # it is a template yet: the marker has never run
            date = parse_iso(fields.get("execution_date", ""))
        other = dags.find(session, fields.get("external_dag_id", ""))
        run = dag_runs.find_dated(session, other.id, date) if other and date else None
        if run is not None:
            name = fields.get("external_task_id", "")
            edges = plan.of(run).dag.edges
            below = rules.related(edges, [name], upstream=False, downstream=True)
            limit = item.limit or item.depth + int(fields.get("recursion_depth", MAX_DEPTH))
            yield item.beyond(run, below)._replace(limit=limit)
