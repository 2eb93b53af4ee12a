"""The instances of mapped tasks in the graph of their run: more of them, or fewer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from hubflow.rules.readiness import count
from hubflow.scheduler.active_runs import Gate, Node, RunGraph, instance_name
from hubflow.serialization.model import SerializedTask
from hubflow.states import TaskState

UNBEGUN = frozenset({TaskState.NONE, TaskState.RESTARTING})
"""All is to come."""


def resize(run: RunGraph, task_id: str, size: int) -> tuple[list[Node], list[Node]]:
    """Let a mapped task have ``size`` instances, of which none has begun.

    Returns those that are new, and those for which there is no value any more: nothing waits for
    them.
    """
    there = run.instances(task_id)
    new = [_another(run, there[0], index) for index in range(len(there), size)]
    for node in (gone := there[size:]):
        run.counts[node.state] -= 1
        run.counts[TaskState.REMOVED] += 1
        node.state = TaskState.REMOVED
        del run.nodes[instance_name(task_id, node.map_index)]
    lay_gates(run, [task_id])
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
        run.gates[name] = [_gate(run.instances(name), list(_above(run, tasks)))]


def _gate(nodes: list[Node], above: Sequence[tuple[TaskState, bool]]) -> Gate:
    upstream = count(
        (state for state, is_setup in above if not is_setup),
        (state for state, is_setup in above if is_setup),
    )
    gate = Gate(nodes, upstream, sum(node.state is TaskState.NONE for node in nodes))
    for node in nodes:
        node.gate = gate
    return gate


def _above(run: RunGraph, tasks: Iterable[SerializedTask]) -> Iterator[tuple[TaskState, bool]]:
    """Yield the state of what comes before, and whether it is a setup.

    A task that is not part of the run is waited for all the same (`RunGraph.build`).
    """
    for task in tasks:
        states = [node.state for node in run.instances(task.task_id)]
        for state in states or [TaskState.NONE]:
            yield state, task.is_setup


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
