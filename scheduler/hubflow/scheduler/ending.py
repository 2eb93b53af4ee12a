"""How runs end: by themselves, too late, at their first failure, or because nothing can go on."""

from __future__ import annotations

import logging

from hubflow.execution.messages import Finished, Kill
from hubflow.rules.run_outcome import stopped_by_failure
from hubflow.scheduler import alerts, waiting
from hubflow.scheduler.active_runs import Node, RunGraph
from hubflow.scheduler.changes import Changes
from hubflow.scheduler.world import World
from hubflow.states import (
    FINISHED,
    HELD,
    RUN_FINISHED,
    RunEvent,
    RunReason,
    TaskEvent,
    TaskState,
    next_run_state,
)

log = logging.getLogger(__name__)
# A try in one of these has begun and is not over.
_OPEN = frozenset(
    {TaskState.RUNNING, TaskState.RESTARTING, TaskState.DEFERRED, TaskState.UP_FOR_RESCHEDULE}
)


def finish(world: World, changes: Changes, run: RunGraph) -> None:
    """End a run if all of its tasks are done, or none of the others can ever run."""
    if run.state in RUN_FINISHED:
        return
    if (event := run.outcome()) is not None:
        is_good = event is RunEvent.SUCCEEDED
        _end(world, changes, run, event, RunReason.SUCCESS if is_good else RunReason.TASK_FAILURE)
    elif not world.is_undecided(run) and run.is_deadlocked(
        past_may_change=world.past_may_change(run)
    ):
        log.warning("run %s of %s is deadlocked: no task can ever run", run.run_id, run.dag_id)
        _end(world, changes, run, RunEvent.FAILED, RunReason.DEADLOCKED)


def time_out(world: World, changes: Changes, run: RunGraph) -> None:
    """Fail a run that has taken too long; what is unfinished is skipped (SEMANTICS 1.6)."""
    limit = run.dag.dagrun_timeout_s if run.dag else 0.0
    why = f"the run took longer than its dagrun_timeout of {limit:g} s"
    for node in list(run.nodes.values()):
        if node.state not in FINISHED:
            stop(world, changes, node, TaskEvent.MARKED_SKIPPED, why)
    _end(world, changes, run, RunEvent.FAILED, RunReason.TIMED_OUT)


def fail_fast(world: World, changes: Changes, failed: Node) -> None:
    """Stop all that a run still does, because ``failed`` did; only teardowns go on."""
    why = f"the task {failed.task.task_id} failed, and the DAG fails fast"
    for node in failed.run.nodes.values():
        if event := stopped_by_failure(node.state, is_teardown=node.task.is_teardown):
            stop(world, changes, node, event, why)


def stop(world: World, changes: Changes, node: Node, event: TaskEvent, why: str) -> None:
    """Move an unfinished task instance to where ``event`` leads, and end its process if any."""
    changes.touch(node)
    was = node.state
    world.unready(node)
    world.due.set(("retry", node.id), None)
    node.run.move(node, event)
    node.end_date, node.retry_at = changes.at, None
    key = node.key
    if was in HELD:
        changes.kills.append(Kill(key=key, reason=why, state=node.state))
    if was is TaskState.QUEUED:
        node.start_date = node.start_date or changes.at
        changes.try_never_started(node)
    if was in _OPEN or was is TaskState.QUEUED:
        changes.try_ended(
            node, Finished(seq=0, key=key, at=changes.at, outcome="failed", error=why)
        )
    changes.set_pause(node, None)


def _end(world: World, changes: Changes, run: RunGraph, event: RunEvent, reason: RunReason) -> None:
    changes.touch_run(run)
    run.state = next_run_state(run.state, event)
    run.end_date, run.reason = changes.at, reason
    if event is RunEvent.FAILED:
        changes.failing.add(run.dag_key)
    alerts.run_ended(changes, run, reason)
    world.forget_run(run)
    if world.parents:
        waiting.run_ended(world, changes, run)
    world.to_admit.add(run.dag_key)
    world.to_plan.add(run.dag_key)
    world.unsettled.update(world.backfilled_after(run))
    if run.backfill_id is not None:
        world.due.set(("backfill", run.dag_key), changes.at)
