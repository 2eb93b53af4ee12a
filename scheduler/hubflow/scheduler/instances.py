"""The instances of mapped tasks in the graph of their run: more of them, or fewer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from hubflow.rules.mapping import waits_for
from hubflow.rules.readiness import Upstream, count, together
from hubflow.scheduler.active_runs import Gate, Node, RunGraph, instance_name
from hubflow.serialization.model import SerializedTask
from hubflow.states import TaskState

UNBEGUN = frozenset({TaskState.NONE, TaskState.RESTARTING})
"""All is to come."""


def resize(
    run: RunGraph, task_ids: Sequence[str], size: int
) -> tuple[dict[str, list[Node]], list[Node]]:
    """Let mapped tasks have ``size`` instances each, of which none has begun.

    Returns those that are new, by task id, and those for which there is no value any more: nothing
    waits for them.
    """
    new: dict[str, list[Node]] = {}
    gone: list[Node] = []
    for task_id in task_ids:
        there = run.instances(task_id)
        new[task_id] = [_another(run, there[0], index) for index in range(len(there), size)]
        gone += there[size:]
    for node in gone:
        run.counts[node.state] -= 1
        run.counts[TaskState.REMOVED] += 1
        node.state = TaskState.REMOVED
        del run.nodes[instance_name(node.task.task_id, node.map_index)]
    lay_gates(run, task_ids)
    return new, gone


def restore(run: RunGraph, states: Mapping[str, Mapping[int, TaskState]]) -> None:
    """Let mapped tasks have the instances that the database has: task id -> map index -> state.

    A task of which nothing has begun, or all begins again, as after a clear, is counted anew
    before it runs.
    """
    for task_id, of_task in states.items():
        first = run.nodes[task_id]
        first.map_index = 0
        if not UNBEGUN.issuperset(of_task.values()):
            run.expanded.add(task_id)
        for index in sorted(of_task):
            if index > 0:
                _another(run, first, index)
    lay_gates(run, states)


def lay_gates(run: RunGraph, task_ids: Iterable[str]) -> None:
    """Lay the gates of these tasks anew, and of those after them."""
    assert run.dag is not None
    wanted = set(task_ids)
    wanted |= {name for task_id in wanted for name in run.nodes[task_id].task.downstream}
    before: dict[str, list[SerializedTask]] = {name: [] for name in wanted if name in run.nodes}
    for task in run.dag.tasks:
        for name in task.downstream:
            if name in before:
                before[name].append(task)
    for name, tasks in before.items():
        run.gates[name] = _gates(run, run.instances(name), tasks)


def _gates(run: RunGraph, nodes: list[Node], before: Iterable[SerializedTask]) -> list[Gate]:
    """Return one gate for all instances of a task, or one each if any task before it is in the
    same mapped task group."""
    mapped = nodes[0].task.mapped
    common: list[SerializedTask] = []
    own: list[SerializedTask] = []
    for task in before:
        (own if mapped is not None and mapped.shares_indexes(task.mapped) else common).append(task)
    shared = _counted(run, common, nodes[0])
    if not own:
        return [_gate(nodes, shared)]
    return [_gate([node], together(shared, _counted(run, own, node))) for node in nodes]


def _gate(nodes: list[Node], upstream: Upstream) -> Gate:
    gate = Gate(nodes, upstream, sum(node.state is TaskState.NONE for node in nodes))
    for node in nodes:
        node.gate = gate
    return gate


def _counted(run: RunGraph, before: Iterable[SerializedTask], node: Node) -> Upstream:
    """Count what ``node`` waits for of these tasks.

    One that is not part of the run is waited for all the same (`RunGraph.build`).
    """
    states: list[TaskState] = []
    setups: list[TaskState] = []
    for task in before:
        found = [one.state for one in _awaited(run, task, node)]
        if task.task_id not in run.nodes:
            found.append(TaskState.NONE)
        (setups if task.is_setup else states).extend(found)
    return count(states, setups)


def _awaited(run: RunGraph, task: SerializedTask, node: Node) -> Iterator[Node]:
    """Yield the instances of ``task`` for which ``node`` waits."""
    mapped, index = task.mapped, node.map_index
    if mapped is not None and mapped.shares_indexes(node.task.mapped) and index >= 0:
        # The only ones that can be: its own, or the one that stands for all.
        names = {task.task_id, instance_name(task.task_id, index)}
        found = [run.nodes[name] for name in sorted(names) if name in run.nodes]
    else:
        found = run.instances(task.task_id)
    for one in found:
        if waits_for(mapped, one.map_index, node.task.mapped, index):
            yield one


def _another(run: RunGraph, first: Node, index: int) -> Node:
    node = Node(
        first.task,
        first.position,
        first.needs,
        max_tries=first.task.retries + 1,
        is_restricted=first.is_restricted,
        map_index=index,
    )
    node.run = run
    run.nodes[instance_name(first.task.task_id, index)] = node
    run.counts[TaskState.NONE] += 1
    return node
