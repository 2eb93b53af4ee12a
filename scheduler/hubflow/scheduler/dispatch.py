"""Ready tasks -> slots -> launches. A launch is sent only after its QUEUED state is committed."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime

import msgspec

from hubflow.db import orm
from hubflow.execution.messages import Launch, RunContext
from hubflow.rules.limits import Candidate, Needs, Room, pick, pool_obstacle, queue_obstacle
from hubflow.scheduler.active_runs import Node, RunGraph
from hubflow.scheduler.changes import Changes
from hubflow.scheduler.world import DagEntry, World
from hubflow.states import TaskEvent
from hubflow.timetable import Timetable

log = logging.getLogger(__name__)


def dispatch(
    world: World,
    changes: Changes,
    parallelism: int,
    *,
    has_worker: bool,
    queues: Collection[str] = (),
) -> None:
    """Give free slots to ready tasks in the order of `rules.limits`.

    ``queues`` are those that the worker serves; none means all.
    """
    if not has_worker or not world.ready or world.held >= parallelism:
        return
    ready = {needs: _startable(world, needs, line, queues) for needs, line in world.ready.items()}
    chosen = pick(ready, _room(world, parallelism))
    for node in world.take_ready(chosen):
        changes.touch(node)
        node.run.move(node, TaskEvent.SLOT_GIVEN)
        if node.pause is None:
            node.try_number += 1
            node.start_date = None
        if node.try_number > 1 if node.pause is None else node.pause.resume is None:
            # Before the try can run, not when it says so: it may have pushed values by then.
            changes.retried.append(node.id)
        node.queued_at, node.end_date = changes.at, None
        node.hostname = node.pid = None
        changes.launches.append(launch(node))


def _startable(
    world: World, needs: Needs, line: list[Candidate], queues: Collection[str]
) -> list[Candidate]:
    """Return those of a line who may start: whose queue the worker serves, and of a paused DAG
    backfills only (SEMANTICS 3.9)."""
    if why := queue_obstacle(needs.queue, queues):
        _say_once_that_nobody_serves(world, needs, why)
        return []
    if not world.dags[needs.dag].is_paused:
        return line
    return [one for one in line if world.nodes[one.task_instance_id].run.is_backfill]


def _room(world: World, parallelism: int) -> Room:
    """Find out how much is free of what the ready tasks need."""
    dags: dict[int, int] = {}
    pools: dict[str, int] = {}
    sizes: dict[str, int] = {}
    tasks: dict[tuple[int, str], int] = {}
    run_tasks: dict[tuple[int, str], int] = {}
    for needs, line in world.ready.items():
        if needs.dag not in dags:
            dags[needs.dag] = _free_in_dag(world, world.dags[needs.dag])
        if needs.pool not in pools:
            pool = world.pools.get(needs.pool)
            free = world.occupancy.free_in_pool(needs.pool, *pool) if pool else 0
            pools[needs.pool] = free
            own = pool.slots if pool and pool.slots >= 0 else parallelism
            sizes[needs.pool] = min(own, parallelism)
        if needs.pool_slots > pools[needs.pool]:
            _say_once_if_hopeless(world, needs)
        task = world.nodes[line[0].task_instance_id].task
        if needs.task_id is not None:
            key = (needs.dag, needs.task_id)
            tasks[key] = (task.task_concurrency or 0) - world.occupancy.tasks[key]
        if needs.run_task is not None:
            limit = task.max_active_tis_per_dagrun or 0
            run_tasks[needs.run_task] = limit - world.occupancy.run_tasks[needs.run_task]
    holds = world.occupancy.dag_pools
    return Room(parallelism - world.held, dags, pools, tasks, run_tasks, sizes, holds)


def _say_once_that_nobody_serves(world: World, needs: Needs, why: str) -> None:
    """Log that tasks wait for a queue, until a worker says anew which ones it serves."""
    if needs.queue not in world.unserved:
        world.unserved.add(needs.queue)
        log.warning("tasks of %s wait: %s", world.dags[needs.dag].dag_id, why)


def _say_once_if_hopeless(world: World, needs: Needs) -> None:
    """Log that a pool can never let such a task run, until somebody changes the pools."""
    size = world.pools.get(needs.pool)
    why = pool_obstacle(needs.pool, needs.pool_slots, size.slots if size else None)
    if why is not None and (needs.pool, needs.pool_slots) not in world.hopeless:
        world.hopeless.add((needs.pool, needs.pool_slots))
        log.warning("tasks of %s never run: %s", world.dags[needs.dag].dag_id, why)


def _free_in_dag(world: World, entry: DagEntry) -> int:
    """Slots left under the DAG's own concurrency, over all its runs."""
    concurrency = max(
        (run.dag.concurrency for run in entry.running.values() if run.dag is not None), default=0
    )
    return concurrency - world.occupancy.dags[entry.key]


def launch(node: Node) -> Launch:
    """Describe the current try of ``node`` to a worker."""
    run, task = node.run, node.task
    path = run.dag.path if run.dag else ""
    return Launch(
        key=node.key,
        dag_id=run.dag_id,
        task_id=task.task_id,
        run_id=run.run_id,
        path=path,
        source_hash=run.source_hash,
        log_path=node.log_path,
        map_index=node.map_index,
        max_tries=node.max_tries,
        timeout_s=task.execution_timeout_s,
        bash=task.bash,
        run_as_user=task.run_as_user,
        context=_context(run, task.owner),
        resume=node.pause.resume if node.pause else None,
        began_at=node.pause.began_at if node.pause else None,
    )


def _context(run: RunGraph, owner: str) -> RunContext:
    before, after = _neighbours(run.timetable, run)
    return RunContext(
        execution_date=run.execution_date,
        data_interval_start=run.data_interval_start,
        data_interval_end=run.data_interval_end,
        run_type=run.run_type,
        external_trigger=run.external_trigger,
        run_start_date=run.start_date,
        prev_execution_date=before,
        next_execution_date=after,
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
    if run.external_trigger:
        return run.execution_date, run.execution_date
    return (
        timetable.previous_tick(run.execution_date),
        timetable.next_tick(run.execution_date),
    )
