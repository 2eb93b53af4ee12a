"""Ready tasks -> slots -> launches. A launch is sent only after its QUEUED state is committed."""

from __future__ import annotations

from datetime import datetime

import msgspec

from hubflow.db import orm
from hubflow.execution.messages import Launch, RunContext, TryKey
from hubflow.rules.limits import pick
from hubflow.scheduler.active_runs import Node, RunGraph
from hubflow.scheduler.changes import Changes
from hubflow.scheduler.world import DagEntry, World
from hubflow.states import RunType, TaskEvent
from hubflow.tasklog import relative_path
from hubflow.timetable import Timetable


def dispatch(world: World, changes: Changes, parallelism: int, *, has_worker: bool) -> None:
    """Give free slots to ready tasks in the order of `rules.limits`."""
    if not has_worker or world.held >= parallelism:
        return
    entries = [world.dags[key] for key in world.with_ready]
    chosen = pick(
        {entry.key: entry.ready for entry in entries},
        parallelism - world.held,
        {entry.key: _free(entry) for entry in entries if not entry.is_paused},
    )
    for dag_key, candidate in chosen:
        world.dags[dag_key].ready.remove(candidate)
        node = world.nodes[candidate.task_instance_id]
        changes.touch(node)
        node.run.move(node, TaskEvent.SLOT_GIVEN)
        node.try_number += 1
        if node.try_number > 1:
            # Before the try can run, not when it says so: it may have pushed values by then.
            changes.retried.append(node.id)
        node.queued_at, node.start_date, node.end_date = changes.at, None, None
        node.hostname = node.pid = None
        world.held += 1
        changes.launches.append(launch(node))
    world.with_ready = {entry.key for entry in entries if entry.ready}


def _free(entry: DagEntry) -> int:
    """Slots left under the DAG's own concurrency, over all its runs."""
    concurrency = max(
        (run.dag.concurrency for run in entry.running.values() if run.dag is not None), default=0
    )
    return concurrency - entry.held


def launch(node: Node) -> Launch:
    """Describe the current try of ``node`` to a worker."""
    run, task = node.run, node.task
    path = run.dag.path if run.dag else ""
    return Launch(
        key=TryKey(node.id, node.try_number),
        dag_id=run.dag_id,
        task_id=task.task_id,
        run_id=run.run_id,
        path=path,
        source_hash=run.source_hash,
        log_path=relative_path(run.dag_id, task.task_id, run.execution_date, node.try_number),
        max_tries=node.max_tries,
        timeout_s=task.execution_timeout_s,
        bash=task.bash,
        context=_context(run, task.owner),
    )


def _context(run: RunGraph, owner: str) -> RunContext:
    before, after = _neighbours(run.timetable, run)
    success = run.prev_success or (None, None)
    return RunContext(
        execution_date=run.execution_date,
        data_interval_start=run.data_interval_start,
        data_interval_end=run.data_interval_end,
        run_type=run.run_type,
        external_trigger=run.external_trigger,
        run_start_date=run.start_date,
        prev_execution_date=before,
        next_execution_date=after,
        prev_execution_date_success=success[0],
        prev_start_date_success=success[1],
        conf=msgspec.json.encode(run.conf),
        owner=owner,
    )


def context_of(row: orm.DagRun, timetable: Timetable | None) -> RunContext:
    """Return the facts about a run that is not in memory any more, or not yet."""
    before, after = _neighbours(timetable, row)
    return RunContext(
        execution_date=row.execution_date,
        data_interval_start=row.data_interval_start,
        data_interval_end=row.data_interval_end,
        run_type=row.run_type,
        external_trigger=row.external_trigger,
        run_start_date=row.start_date,
        prev_execution_date=before,
        next_execution_date=after,
        conf=msgspec.json.encode(row.conf or {}),
    )


def _neighbours(
    timetable: Timetable | None, run: RunGraph | orm.DagRun
) -> tuple[datetime | None, datetime | None]:
    """Return the dates before and after on the schedule (SEMANTICS 4.2, C4)."""
    if timetable is None or not timetable.is_periodic:
        return None, None
    if run.run_type is not RunType.SCHEDULED:
        return run.execution_date, run.execution_date
    return (
        timetable.previous_tick(run.execution_date),
        timetable.next_tick(run.execution_date),
    )
