"""From the database into memory: DAGs that changed, runs that appeared, everything at start."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.db.queries import event_store, run_moves, schedules, task_moves
from hubflow.scheduler import alerts, sla
from hubflow.scheduler.active_runs import RunGraph
from hubflow.scheduler.world import DagEntry, World
from hubflow.states import RunState, TaskState


def take_in(world: World, session: Session) -> None:
    """Read what changed since the last call; on an empty world, read all that matters."""
    if world.is_empty:
        world.is_empty = False
        alerts.restore(world, session)
        sla.restore(world, session)
    changed = schedules.list_changed(session, world.last_change)
    for row in changed:
        _update_entry(world, session, row)
        world.last_change = max(world.last_change, row.change_id)
    rows = run_moves.list_active(session, world.last_run)
    unknown = {row.dag_id for row in rows} - world.dags.keys()
    for dag in schedules.list_by_keys(session, sorted(unknown)):
        _update_entry(world, session, dag)
    _add_runs(world, session, [row for row in rows if row.id not in world.runs])
    world.last_event = event_store.last_id(session)


def _update_entry(world: World, session: Session, row: orm.Dag) -> None:
    entry = world.dags.get(row.id)
    if entry is None:
        entry = DagEntry(
            key=row.id,
            dag_id=row.dag_id,
            is_paused=row.is_paused,
            is_active=row.is_active,
            version_id=None,
            next_due=(row.next_execution_date, row.next_due_at),
            last=run_moves.last_scheduled(session, row.id),
        )
        world.dags[row.id] = entry
    entry.is_paused, entry.is_active = row.is_paused, row.is_active
    entry.version_id = row.version_id
    world.to_plan.add(row.id)
    world.to_admit.add(row.id)
    if entry.ready:
        world.with_ready.add(row.id)


def _add_runs(world: World, session: Session, rows: Sequence[orm.DagRun]) -> None:
    """Take runs in; those already running bring their task instances with them."""
    running: list[RunGraph] = []
    for row in rows:
        entry = world.dags[row.dag_id]
        run = world.add_run(entry, row)
        if run.state is RunState.QUEUED:
            entry.queued[run.id] = run
            world.to_admit.add(entry.key)
        else:
            entry.running[run.id] = run
            running.append(run)
    for start in range(0, len(running), 500):
        _restore(world, session, running[start : start + 500])


def _restore(world: World, session: Session, runs: Sequence[RunGraph]) -> None:
    """Rebuild running graphs as the database has them."""
    by_id = {run.id: run for run in runs}
    states: dict[int, dict[str, TaskState]] = {run.id: {} for run in runs}
    instances = task_moves.list_of_runs(session, list(by_id))
    for run in runs:
        version = world.version(session, run.version_id) if run.version_id else None
        if version is not None:
            run.version_number, run.source_hash = version.number, version.source_hash
            run.timetable = version.timetable
            run.build(version.dag)
    for row in instances:
        run = by_id[row.dag_run_id]
        node = run.nodes.get(row.task_id)
        if node is None:
            continue
        node.id, node.try_number, node.max_tries = row.id, row.try_number, row.max_tries
        node.queued_at, node.start_date, node.end_date = row.queued_at, row.start_date, row.end_date
        node.retry_at, node.hostname, node.pid = row.retry_at, row.hostname, row.pid
        states[run.id][row.task_id] = row.state
        world.nodes[row.id] = node
    for run in runs:
        run.restore(states[run.id])
        _resume(world, run)


def _resume(world: World, run: RunGraph) -> None:
    """Put the tasks of a restored run back where they wait."""
    world.held += run.held()
    world.unsettled.add(run.id)
    for node in run.nodes.values():
        if node.state is TaskState.SCHEDULED:
            world.make_ready(node)
        elif node.state is TaskState.UP_FOR_RETRY:
            world.due.set(("retry", node.id), node.retry_at)
