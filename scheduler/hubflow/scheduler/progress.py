"""What follows from a report: the try's outcome, its children, the end of its run."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from hubflow.execution.messages import Finished, Started
from hubflow.rules.readiness import Readiness
from hubflow.rules.retries import RetryPolicy, after_failure, retry_delay
from hubflow.scheduler import alerts, ending, waiting
from hubflow.scheduler.active_runs import Node, RunGraph
from hubflow.scheduler.changes import Changes
from hubflow.scheduler.world import World
from hubflow.states import TaskEvent, TaskState

_EVENTS = {
    "success": TaskEvent.SUCCEEDED,
    "skipped": TaskEvent.SKIPPED,
    "rescheduled": TaskEvent.RESCHEDULED,
    "deferred": TaskEvent.DEFERRED,
}
_PAUSES = frozenset({TaskEvent.RESCHEDULED, TaskEvent.DEFERRED})


def started(world: World, changes: Changes, report: Started, hostname: str | None) -> None:
    """A try's process is up. Stale reports change nothing."""
    node = _held_node(world, report)
    if node is None or node.state is TaskState.RUNNING:
        return
    if node.state is TaskState.RESTARTING and node.start_date is not None:
        return
    changes.touch(node)
    if node.state is TaskState.QUEUED:
        node.run.move(node, TaskEvent.STARTED)
    node.end_date = None
    if node.pause is None:
        node.start_date = report.at
    changes.try_started(node, report, hostname)


def finished(world: World, changes: Changes, report: Finished) -> None:
    """A try is over: move its instance, then whatever waited for it."""
    node = _held_node(world, report)
    if node is None:
        return
    changes.touch(node)
    if report.callback_error:
        alerts.callback_failed(changes, node, report.callback_error)
    if node.state is TaskState.RESTARTING:
        _restart(world, changes, node, report)
        return
    event = _EVENTS.get(report.outcome) or _failure(node, report)
    if node.state is TaskState.QUEUED:
        if report.outcome in _EVENTS:
            node.run.move(node, TaskEvent.STARTED)
        node.start_date = node.start_date or report.at
        changes.try_never_started(node)
    node.run.move(node, event)
    if event in _PAUSES:
        changes.try_ended(node, report)
        waiting.pause(world, changes, node, report)
        return
    node.end_date = report.at
    changes.set_pause(node, None)
    if event is TaskEvent.FAILED_WILL_RETRY:
        # What was reported before the clock was set back comes from the future.
        since = min(report.at, changes.at)
        node.retry_at = since + retry_delay(_policy(node), node.try_number, _seed(node))
        world.due.set(("retry", node.id), node.retry_at)
    changes.try_ended(node, report)
    alerts.try_ended(changes, node, event, report)
    ruled_out = _ruled_out(changes, node, report)
    if event is TaskEvent.FAILED:
        failed(world, changes, node)
    elif event is not TaskEvent.FAILED_WILL_RETRY:
        settle(world, changes, node.run, [*ruled_out, *node.children])


def failed(world: World, changes: Changes, node: Node) -> None:
    """A task has failed for good: settle what comes after it, or stop all if its DAG fails fast."""
    if node.run.dag is not None and node.run.dag.fail_fast:
        ending.fail_fast(world, changes, node)
        settle(world, changes, node.run, node.run.nodes.values())
    else:
        settle(world, changes, node.run, node.children)


def _ruled_out(changes: Changes, node: Node, report: Finished) -> Iterable[Node]:
    """Take what the try decided to skip, and return those instances."""
    if not report.rules_out and not node.rules_out:
        return ()
    changes.decided[node.id] = node
    return node.run.rule_out(node, report.rules_out)


def _restart(world: World, changes: Changes, node: Node, report: Finished) -> None:
    """The try of a task that was cleared is over, however it ended (SEMANTICS 0, C11)."""
    if node.start_date is None:
        node.start_date = report.at
        changes.try_never_started(node)
    node.run.move(node, TaskEvent.ENDED_FOR_RESTART)
    node.end_date = report.at
    changes.try_ended(node, report)
    changes.set_pause(node, None)
    node.start_date = node.end_date = node.queued_at = None
    settle(world, changes, node.run, [node])


def retry(world: World, changes: Changes, node: Node) -> None:
    """The wait before a retry is over."""
    if node.state is TaskState.UP_FOR_RETRY:
        changes.touch(node)
        node.run.move(node, TaskEvent.RETRY_DUE)
        node.retry_at = None
        world.make_ready(node, changes.at)


def settle(world: World, changes: Changes, run: RunGraph, nodes: Iterable[Node]) -> None:
    """Decide waiting ``nodes``, whatever follows from that, and whether the run is over."""
    waiting = deque(nodes)
    while waiting:
        for node, verdict in run.decide([waiting.popleft()]):
            if verdict is Readiness.RUN and _is_to_be_expanded(node):
                world.to_expand.setdefault(run.id, set()).add(node.task.task_id)
                continue
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
    ending.finish(world, changes, run)


def _is_to_be_expanded(node: Node) -> bool:
    return node.task.mapped is not None and node.task.task_id not in node.run.expanded


def _ready(world: World, changes: Changes, node: Node) -> None:
    """Queue up for a slot; a task that does nothing succeeds without one."""
    if not node.task.is_dummy:
        world.make_ready(node, changes.at)
        return
    node.try_number += 1
    for event in (TaskEvent.SLOT_GIVEN, TaskEvent.STARTED, TaskEvent.SUCCEEDED):
        node.run.move(node, event)
    node.ready_at = node.queued_at = node.start_date = node.end_date = changes.at


def _held_node(world: World, report: Started | Finished) -> Node | None:
    """Find the task instance whose current try this is, if it is still in flight."""
    node = world.nodes.get(report.key.task_instance_id)
    if node is None or not node.is_held or node.key != report.key:
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
