"""What follows from a report: the try's outcome, its children, the end of its run."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from hubflow.execution.messages import Finished, Started
from hubflow.rules.readiness import Readiness
from hubflow.rules.retries import RetryPolicy, after_failure, retry_delay
from hubflow.scheduler import alerts
from hubflow.scheduler.active_runs import Node, RunGraph
from hubflow.scheduler.changes import Changes
from hubflow.scheduler.world import World
from hubflow.states import RUN_FINISHED, TaskEvent, TaskState, next_run_state

_EVENTS = {"success": TaskEvent.SUCCEEDED, "skipped": TaskEvent.SKIPPED}


def started(world: World, changes: Changes, report: Started, hostname: str | None) -> None:
    """A try's process is up. Stale reports change nothing."""
    node = _held_node(world, report)
    if node is None or node.state is not TaskState.QUEUED:
        return
    changes.touch(node)
    node.run.move(node, TaskEvent.STARTED)
    node.start_date, node.end_date = report.at, None
    changes.try_started(node, report, hostname)


def finished(world: World, changes: Changes, report: Finished) -> None:
    """A try is over: move its instance, then whatever waited for it."""
    node = _held_node(world, report)
    if node is None:
        return
    changes.touch(node)
    event = _EVENTS.get(report.outcome) or _failure(node, report)
    if node.state is TaskState.QUEUED:
        if report.outcome in _EVENTS:
            node.run.move(node, TaskEvent.STARTED)
        node.start_date = node.start_date or report.at
        changes.try_never_started(node)
    node.run.move(node, event)
    world.held -= 1
    node.end_date = report.at
    if event is TaskEvent.FAILED_WILL_RETRY:
        node.retry_at = report.at + retry_delay(_policy(node), node.try_number, _seed(node))
        world.due.set(("retry", node.id), node.retry_at)
    changes.try_ended(node, report)
    alerts.try_ended(changes, node, event, report)
    if event is not TaskEvent.FAILED_WILL_RETRY:
        settle(world, changes, node.run, node.children)


def retry(world: World, changes: Changes, node: Node) -> None:
    """The wait before a retry is over."""
    if node.state is TaskState.UP_FOR_RETRY:
        changes.touch(node)
        node.run.move(node, TaskEvent.RETRY_DUE)
        node.retry_at = None
        world.make_ready(node)


def settle(world: World, changes: Changes, run: RunGraph, nodes: Iterable[Node]) -> None:
    """Decide waiting ``nodes``, whatever follows from that, and whether the run is over."""
    waiting = deque(nodes)
    while waiting:
        for node, verdict in run.decide([waiting.popleft()]):
            changes.touch(node)
            if verdict is Readiness.RUN:
                run.move(node, TaskEvent.DEPENDENCIES_MET)
                _ready(world, changes, node)
                if node.state is not TaskState.SUCCESS:
                    continue
            elif verdict is Readiness.SKIP:
                run.move(node, TaskEvent.SKIPPED)
                node.end_date = changes.at
            else:
                run.move(node, TaskEvent.UPSTREAM_FAILED)
                node.end_date = changes.at
            waiting.extend(node.children)
    _finish(world, changes, run)


def _ready(world: World, changes: Changes, node: Node) -> None:
    """Queue up for a slot; a task that does nothing succeeds without one."""
    if not node.task.is_dummy:
        world.make_ready(node)
        return
    node.try_number += 1
    for event in (TaskEvent.SLOT_GIVEN, TaskEvent.STARTED, TaskEvent.SUCCEEDED):
        node.run.move(node, event)
    node.queued_at = node.start_date = node.end_date = changes.at


def _finish(world: World, changes: Changes, run: RunGraph) -> None:
    event = run.outcome()
    if event is None or run.state in RUN_FINISHED:
        return
    changes.touch_run(run)
    run.state = next_run_state(run.state, event)
    run.end_date = changes.at
    alerts.run_ended(changes, run)
    world.forget_run(run)
    world.to_admit.add(run.dag_key)
    world.to_plan.add(run.dag_key)


def _held_node(world: World, report: Started | Finished) -> Node | None:
    """Find the task instance whose current try this is, if it is still in flight."""
    node = world.nodes.get(report.key.task_instance_id)
    if node is None or node.try_number != report.key.try_number or not node.is_held:
        return None
    return node


def _failure(node: Node, report: Finished) -> TaskEvent:
    allowed = report.outcome != "fail_now"
    return after_failure(_policy(node), node.try_number, retry_allowed=allowed)


def _policy(node: Node) -> RetryPolicy:
    task = node.task
    return RetryPolicy(
        node.max_tries, task.retry_delay_s, task.retry_exponential_backoff, task.max_retry_delay_s
    )


def _seed(node: Node) -> str:
    return f"{node.run.dag_id}#{node.task.task_id}#{node.run.execution_date.isoformat()}"
