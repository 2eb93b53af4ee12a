"""Scheduled runs that are due, and queued runs whose turn has come."""

from __future__ import annotations

import logging

import msgspec
from sqlalchemy.orm import Session

from hubflow.clock import isoformat
from hubflow.db.queries import run_moves, schedules, task_moves
from hubflow.rules.backfills import BackfillOptions
from hubflow.rules.partial import part_of
from hubflow.rules.run_creation import NextRun, may_admit, may_create, next_run
from hubflow.scheduler import intake, sla
from hubflow.scheduler.active_runs import RunGraph
from hubflow.scheduler.changes import Changes
from hubflow.scheduler.rows import instance_row
from hubflow.scheduler.world import DagEntry, Version, World
from hubflow.serialization.model import SerializedDag
from hubflow.states import RunEvent, RunType, next_run_state
from hubflow.timetable import CONTINUOUS

log = logging.getLogger(__name__)


def plan(world: World, session: Session, changes: Changes) -> None:
    """Compute the next scheduled run of every DAG that needs it; create those that are due.

    At most one run for each DAG and call: a long catch-up goes on in the next turn.
    """
    while world.to_plan:
        entry = world.dags[world.to_plan.pop()]
        upcoming = _upcoming(world, session, entry, changes)
        if upcoming is not None and upcoming.due_at <= changes.at:
            if not _may_create(world, session, entry):
                _publish(session, entry, upcoming, changes)
                world.due.set(("dag", entry.key), None)  # until one of its runs ends
                continue
            _create(world, session, entry, upcoming, changes)
            upcoming = _upcoming(world, session, entry, changes)
        _publish(session, entry, upcoming, changes)
        world.due.set(("dag", entry.key), upcoming.due_at if upcoming else None)


def _upcoming(world: World, session: Session, entry: DagEntry, changes: Changes) -> NextRun | None:
    version = world.version(session, entry.version_id) if entry.version_id else None
    if version is None or entry.is_paused or not entry.is_active:
        return None
    if version.timetable.kind == CONTINUOUS and not _may_create(world, session, entry):
        return None  # until its run ends
    try:
        return next_run(
            version.timetable,
            end_date=version.dag.end_date,
            catchup=version.dag.catchup,
            last=entry.last,
            now=changes.at,
        )
    except (ArithmeticError, ValueError):
        # The calendar ends: this DAG has no next run, and no other DAG may suffer from it.
        log.exception("no next run can be computed for the DAG %s", entry.dag_id)
        return None


def _may_create(world: World, session: Session, entry: DagEntry) -> bool:
    scheduled = sum(run.run_type is RunType.SCHEDULED for run in entry.runs)
    return may_create(scheduled, _max_active_runs(world, session, entry))


def _max_active_runs(world: World, session: Session, entry: DagEntry) -> int:
    version = world.version(session, entry.version_id) if entry.version_id else None
    return version.dag.max_active_runs if version else 1


def _create(
    world: World, session: Session, entry: DagEntry, upcoming: NextRun, changes: Changes
) -> None:
    entry.last = upcoming.execution_date
    if run_moves.exists_at(session, entry.key, upcoming.execution_date):
        return  # a manual run stands at this very date; it covers the interval
    row = run_moves.add(
        session,
        {
            "dag_id": entry.key,
            "run_id": f"{RunType.SCHEDULED}__{isoformat(upcoming.execution_date)}",
            "run_type": RunType.SCHEDULED,
            "external_trigger": False,
            "execution_date": upcoming.execution_date,
            "data_interval_start": upcoming.execution_date,
            "data_interval_end": upcoming.interval_end,
            "queued_at": changes.at,
            "conf": {},
        },
    )
    run = world.add_run(entry, row)
    entry.queued[run.id] = run
    world.to_admit.add(entry.key)
    changes.touch_run(run)
    version = world.version(session, entry.version_id) if entry.version_id else None
    sla.watch(world, session, row, version)


def _publish(session: Session, entry: DagEntry, upcoming: NextRun | None, changes: Changes) -> None:
    """Keep the next run where lists read it."""
    shown = (upcoming.execution_date, upcoming.due_at) if upcoming else (None, None)
    if shown != entry.next_due:
        schedules.set_next_run(session, entry.key, *shown)
        entry.next_due = shown
        changes.dags.append(entry.dag_id)


def admit(world: World, session: Session, changes: Changes) -> None:
    """Start queued runs in the order of their dates, as far as max_active_runs goes.

    Those of backfills are counted apart, and start although the DAG is paused.
    """
    while world.to_admit:
        entry = world.dags[world.to_admit.pop()]
        queued = sorted(entry.queued.values(), key=lambda run: run.execution_date)
        for is_backfill in (False, True):
            if not entry.is_paused or is_backfill:
                waiting = [run for run in queued if run.is_backfill is is_backfill]
                _admit(world, session, entry, waiting, changes)


def _admit(
    world: World, session: Session, entry: DagEntry, waiting: list[RunGraph], changes: Changes
) -> None:
    if not waiting:
        return
    limit = _max_active_runs(world, session, entry)
    is_backfill = waiting[0].is_backfill
    running = sum(run.is_backfill is is_backfill for run in entry.running.values())
    for run in waiting:
        # No clock that is set back makes a future of the date at which somebody asked.
        now = max(changes.at, run.queued_at)
        if run.execution_date > now:
            world.due.set(("run", entry.key), run.execution_date)
            break
        if not may_admit(running, limit, run.execution_date, now):
            break
        running += 1
        _start(world, session, entry, run, changes)


def _start(
    world: World, session: Session, entry: DagEntry, run: RunGraph, changes: Changes
) -> None:
    """Move a run to RUNNING and give it its task instances, unless it has them from before."""
    version_id = run.version_id if run.has_instances else entry.version_id
    version = world.version(session, version_id) if version_id else None
    if version is None:
        return
    changes.touch_run(run)
    run.state = next_run_state(run.state, RunEvent.ADMITTED)
    run.start_date, run.end_date, run.reason = changes.at, None, None
    entry.running[run.id] = entry.queued.pop(run.id)
    if run.has_instances:
        intake.restore(world, session, [run])
    else:
        _lay_out(world, session, run, version)
    world.watch_clock(run)
    world.unsettled.add(run.id)
    world.to_relink.add(run.id)
    world.relink_after(run)


def _lay_out(world: World, session: Session, run: RunGraph, version: Version) -> None:
    run.version_id, run.version_number = version.id, version.number
    run.source_hash, run.timetable = version.source_hash, version.timetable
    run.build(_wanted(version.dag, world.backfills.get(run.backfill_id or 0)))
    keys = task_moves.insert_instances(
        session, run.id, [instance_row(node) for node in run.nodes.values()]
    )
    for task_id, node in run.nodes.items():
        node.id = keys[task_id]
        world.nodes[node.id] = node


def _wanted(dag: SerializedDag, options: BackfillOptions | None) -> SerializedDag:
    """Return the DAG as a backfill wants it run."""
    if options is None:
        return dag
    if options.tasks is not None:
        dag = part_of(dag, options.tasks)
    if options.pool is not None:
        tasks = tuple(msgspec.structs.replace(task, pool=options.pool) for task in dag.tasks)
        dag = msgspec.structs.replace(dag, tasks=tasks)
    return dag
