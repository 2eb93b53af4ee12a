"""From the database into memory: DAGs that changed, runs that appeared, everything at start.

Whoever clears, marks or deletes writes the rows and an event, and gives the run the event's id as
`change_id`. The scheduler compares the newest event with the last one it has read, which it
does before each turn anyway; only then it asks for runs with a greater `change_id` than it has
seen, and lays out exactly these afresh.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.db.queries import backfill_store, event_store, run_moves, schedules, task_moves
from hubflow.execution.messages import TryKey
from hubflow.rules.backfills import BackfillOptions
from hubflow.rules.partial import part_of
from hubflow.scheduler import alerts, instances, past, recovery, sla
from hubflow.scheduler.active_runs import Node, RunGraph, instance_name
from hubflow.scheduler.changes import Changes
from hubflow.scheduler.waiting import resume_waiting
from hubflow.scheduler.world import DagEntry, World
from hubflow.states import RunState, TaskState


def take_in(world: World, session: Session, changes: Changes) -> None:
    """Read what changed since the last call; on an empty world, read all that matters."""
    if world.is_empty:
        world.is_empty = False
        alerts.restore(world, session)
        sla.restore(world, session)
    world.read_pools(session)
    past.notice_changes(world, session)
    altered: Sequence[orm.DagRun] = ()
    if world.last_event:
        _forget_deleted(world, session, changes)
        altered = run_moves.list_changed(session, world.last_run_change)
    changed = schedules.list_changed(session, world.last_change)
    for row in changed:
        _update_entry(world, session, row)
        world.last_change = max(world.last_change, row.change_id)
    if changed:
        world.backfills.clear()
        for key, dag_key, options in backfill_store.list_options(session):
            world.backfills[key] = msgspec.convert(options, BackfillOptions)
            world.to_backfill.add(dag_key)
    appeared = run_moves.list_active(session, world.last_run)
    unknown = {row.dag_id for row in [*appeared, *altered]} - world.dags.keys()
    for dag in schedules.list_by_keys(session, sorted(unknown)):
        _update_entry(world, session, dag)
    reread(world, session, changes, altered)
    _add_runs(world, session, [row for row in appeared if row.id not in world.runs])
    world.last_run_change = (
        max([world.last_run_change, *(row.change_id for row in altered)])
        if world.last_event
        else run_moves.last_change(session)
    )
    world.last_event = event_store.last_id(session)


def reread(world: World, session: Session, changes: Changes, rows: Sequence[orm.DagRun]) -> None:
    """Lay runs out afresh that somebody else changed, and end tries that must not go on."""
    before: set[TryKey] = set()
    for row in rows:
        if run := world.runs.get(row.id):
            before |= _held_tries(run)
            world.drop_run(run)
        world.to_plan.add(row.dag_id)
        world.to_admit.add(row.dag_id)
    _add_runs(world, session, [row for row in rows if row.state in run_moves.ACTIVE])
    recovery.end_unwanted(world, session, changes, before)


def _forget_deleted(world: World, session: Session, changes: Changes) -> None:
    """Drop runs and DAGs that were deleted; what still runs of them is ended."""
    before: set[TryKey] = set()
    for gone in event_store.deleted_after(session, world.last_event):
        entry = world.dags.get(gone["key"]) if gone["run_id"] is None else None
        run = world.runs.get(gone["key"]) if gone["run_id"] is not None else None
        for lost in entry.runs if entry else [run] if run else []:
            before |= _held_tries(lost)
            world.drop_run(lost)
        if gone["run_id"] is None:
            world.forget_versions(gone["dag_id"])
        if entry:
            world.drop_dag(entry)
    recovery.end_unwanted(world, session, changes, before)


def _held_tries(run: RunGraph) -> set[TryKey]:
    return {node.key for node in run.nodes.values() if node.is_held}


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
        )
        world.dags[row.id] = entry
    # Each time: runs may have been deleted, or made by a backfill.
    entry.last = run_moves.last_scheduled(session, row.id)
    entry.is_paused, entry.is_active = row.is_paused, row.is_active
    entry.version_id = row.version_id
    world.to_plan.add(row.id)
    world.to_admit.add(row.id)


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
        restore(world, session, running[start : start + 500])


def restore(world: World, session: Session, runs: Sequence[RunGraph]) -> None:
    """Rebuild running graphs as the database has them."""
    rows_of: dict[int, list[orm.TaskInstance]] = {run.id: [] for run in runs}
    for row in task_moves.list_of_runs(session, list(rows_of)):
        rows_of[row.dag_run_id].append(row)
    for run in runs:
        rows = {instance_name(row.task_id, row.map_index): row for row in rows_of[run.id]}
        version = world.version(session, run.version_id) if run.version_id else None
        if version is not None:
            run.version_number, run.source_hash = version.number, version.source_hash
            run.timetable = version.timetable
            # A backfill of some tasks has no instances of the others.
            run.build(part_of(version.dag, rows.keys()) if run.is_backfill else version.dag)
        _restore_mapped(run, rows.values())
        for name, row in rows.items():
            if node := run.nodes.get(name):
                _restore_instance(node, row)
                world.nodes[row.id] = node
        run.restore({name: row.state for name, row in rows.items()})
        _resume(world, run)


def _restore_mapped(run: RunGraph, rows: Iterable[orm.TaskInstance]) -> None:
    """Give mapped tasks their instances, but for those that have no value any more."""
    states: dict[str, dict[int, TaskState]] = {}
    for row in rows:
        if row.map_index >= 0 and row.state is not TaskState.REMOVED:
            states.setdefault(row.task_id, {})[row.map_index] = row.state
    instances.restore(run, {name: some for name, some in states.items() if name in run.nodes})


def _restore_instance(node: Node, row: orm.TaskInstance) -> None:
    node.id, node.try_number, node.max_tries = row.id, row.try_number, row.max_tries
    node.queued_at, node.start_date, node.end_date = row.queued_at, row.start_date, row.end_date
    node.retry_at, node.hostname, node.pid = row.retry_at, row.hostname, row.pid
    node.ready_at = row.ready_at
    node.pause = task_moves.pause_of(row)
    if row.rules_out:
        node.run.rule_out(node, row.rules_out)
    node.needs = node.needs._replace(pool=row.pool, pool_slots=row.pool_slots)


def _resume(world: World, run: RunGraph) -> None:
    """Put the tasks of a restored run back where they wait."""
    world.watch_clock(run)
    world.unsettled.add(run.id)
    world.to_relink.add(run.id)
    for node in run.nodes.values():
        if node.state is TaskState.SCHEDULED:
            world.make_ready(node, node.ready_at)
        elif node.state is TaskState.UP_FOR_RETRY:
            world.due.set(("retry", node.id), node.retry_at)
        else:
            resume_waiting(world, node)
