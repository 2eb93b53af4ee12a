"""The instances of mapped tasks in the graph of their run: more of them, or fewer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hubflow.rules.readiness import Upstream
from hubflow.scheduler.active_runs import Node, RunGraph, instance_name
from hubflow.states import TaskState

UNBEGUN = frozenset({TaskState.NONE, TaskState.RESTARTING})
"""All is to come."""


def expand(run: RunGraph, first: Node, count: int) -> list[Node]:
    """Let a mapped task have ``count`` instances, ``first`` among them; returns the new."""
    run.expanded.add(first.task.task_id)
    return _add(run, first, range(len(run.instances(first.task.task_id)), count))


def restore(run: RunGraph, first: Node, states: Mapping[int, TaskState]) -> None:
    """Let a mapped task have the instances that the database has, by map index. One of which
    nothing has begun, or all begins again, as after a clear, is counted anew before it runs."""
    if not UNBEGUN.issuperset(states.values()):
        run.expanded.add(first.task.task_id)
    _add(run, first, sorted(index for index in states if index > 0))


def drop(node: Node) -> None:
    """Take out an instance for which there is no value any more: nothing waits for it."""
    run = node.run
    run.counts[node.state] -= 1
    run.counts[TaskState.REMOVED] += 1
    node.state = TaskState.REMOVED
    for child in node.children:
        child.upstream = _grown(child.upstream, node, -1)
    del run.nodes[instance_name(node.task.task_id, node.map_index)]


def _add(run: RunGraph, first: Node, indexes: Iterable[int]) -> list[Node]:
    first.map_index = 0
    new = [_another(run, first, index) for index in indexes]
    above = {id(n.children): n.children for n in run.nodes.values() if first in n.children}
    for children in above.values():
        children.extend(new)
    return new


def _another(run: RunGraph, first: Node, index: int) -> Node:
    node = Node(
        first.task,
        first.position,
        first.needs,
        max_tries=first.task.retries + 1,
        is_restricted=first.is_restricted,
        map_index=index,
        upstream=first.upstream,
        children=first.children,
    )
    node.run = run
    run.nodes[instance_name(first.task.task_id, index)] = node
    run.counts[TaskState.NONE] += 1
    for child in node.children:
        child.upstream = _grown(child.upstream, node, 1)
    return node


def _grown(upstream: Upstream, node: Node, by: int) -> Upstream:
    """Return the counters after there is one more instance before a task, or one less."""
    setups = upstream.setups + by if node.task.is_setup else upstream.setups
    return upstream._replace(total=upstream.total + by, setups=setups)
