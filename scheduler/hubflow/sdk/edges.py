"""Edges between tasks: `>>`, `<<`, lists, `set_upstream`, `chain`, and the order they imply."""

from __future__ import annotations

import heapq
import itertools
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self, TypeVar, Union, overload

from hubflow.sdk.dag_context import TaskHolder, loading
from hubflow.sdk.exceptions import DagCycle, DuplicateEdge, InvalidDag

Joined = TypeVar("Joined", bound=Union["Node", Sequence["Node"]])


class Node(ABC):
    """Something that edges join: the part of an operator that knows its neighbours."""

    task_id: str
    upstream_task_ids: set[str]
    downstream_task_ids: set[str]

    @property
    @abstractmethod
    def holder(self) -> TaskHolder | None:
        """The DAG that this task belongs to, if any yet."""

    @abstractmethod
    def attach(self, dag: TaskHolder) -> None:
        """Make the task part of ``dag``; raises if it is part of another."""

    def set_downstream(self, tasks: Node | Iterable[Node]) -> None:
        """Make each of ``tasks`` run after this one."""
        for task in _as_nodes(tasks):
            join(self, task)

    def set_upstream(self, tasks: Node | Iterable[Node]) -> None:
        """Make this task run after each of ``tasks``."""
        for task in _as_nodes(tasks):
            join(task, self)

    @overload
    def __rshift__(self, other: TaskHolder) -> Self: ...
    @overload
    def __rshift__(self, other: Joined) -> Joined: ...
    def __rshift__(self, other: Any) -> Any:
        if isinstance(other, TaskHolder):
            self.attach(other)
            return self
        self.set_downstream(other)
        return other

    @overload
    def __lshift__(self, other: TaskHolder) -> Self: ...
    @overload
    def __lshift__(self, other: Joined) -> Joined: ...
    def __lshift__(self, other: Any) -> Any:
        if isinstance(other, TaskHolder):
            self.attach(other)
            return self
        self.set_upstream(other)
        return other

    def __rrshift__(self, other: Sequence[Node]) -> Self:
        self.set_upstream(other)
        return self

    def __rlshift__(self, other: Sequence[Node]) -> Self:
        self.set_downstream(other)
        return self


def join(upstream: Node, downstream: Node) -> None:
    """Add one edge; a task without a DAG joins the other's. Raises InvalidDag, DuplicateEdge."""
    _share_dag(upstream, downstream)
    if downstream.task_id in upstream.downstream_task_ids:
        _forgive_duplicate(upstream, downstream)
        return
    upstream.downstream_task_ids.add(downstream.task_id)
    downstream.upstream_task_ids.add(upstream.task_id)


def chain(*elements: Node | Sequence[Node]) -> None:
    """Link consecutive elements; two lists next to each other are linked pairwise."""
    for left, right in itertools.pairwise(elements):
        if isinstance(left, Node):
            left.set_downstream(right)
        elif isinstance(right, Node):
            right.set_upstream(left)
        else:
            _zip(left, right)


def chain_linear(*elements: Node | Sequence[Node]) -> None:
    """Link every task of an element to every task of the next one."""
    for left, right in itertools.pairwise(elements):
        cross_downstream(_as_nodes(left), _as_nodes(right))


def cross_downstream(from_tasks: Sequence[Node], to_tasks: Node | Sequence[Node]) -> None:
    """Make every one of ``to_tasks`` run after every one of ``from_tasks``."""
    for task in from_tasks:
        task.set_downstream(to_tasks)


def topological_order(downstream: Mapping[str, Iterable[str]]) -> list[str]:
    """Order task ids so that every edge points forward; ties by id, so the result is unique.

    Parameters
    ----------
    downstream : direct downstream ids of every task id.

    Raises DagCycle, whose message walks once around the cycle.
    """
    waiting = dict.fromkeys(downstream, 0)
    for targets in downstream.values():
        for target in targets:
            waiting[target] += 1
    ready = sorted(task_id for task_id, count in waiting.items() if count == 0)
    order: list[str] = []
    while ready:
        task_id = heapq.heappop(ready)
        order.append(task_id)
        for target in downstream[task_id]:
            waiting[target] -= 1
            if waiting[target] == 0:
                heapq.heappush(ready, target)
    if len(order) < len(waiting):
        raise _cycle(downstream, set(waiting) - set(order))
    return order


def _cycle(downstream: Mapping[str, Iterable[str]], rest: set[str]) -> DagCycle:
    """Every task in ``rest`` has an upstream in it, so that going back must close a circle."""
    upstream: dict[str, list[str]] = {task_id: [] for task_id in rest}
    for task_id in rest:
        for target in rest.intersection(downstream[task_id]):
            upstream[target].append(task_id)
    path = [min(rest)]
    while (before := min(upstream[path[-1]])) not in path:
        path.append(before)
    loop = [*path[path.index(before) :], before][::-1]
    return DagCycle(
        f"Cycle detected in DAG. Faulty task: {loop[-2]} to {loop[-1]} ({' >> '.join(loop)})"
    )


def _forgive_duplicate(upstream: Node, downstream: Node) -> None:
    """Note an edge that is declared twice, in files where that was always allowed."""
    file, dag = loading(), upstream.holder
    if file is None or not file.forgives_duplicates or dag is None:
        raise DuplicateEdge(upstream, downstream)
    dag.warnings.append(
        f"the edge from {upstream.task_id} to {downstream.task_id} is declared twice"
    )


def _share_dag(upstream: Node, downstream: Node) -> None:
    above, below = upstream.holder, downstream.holder
    if above is None and below is None:
        raise InvalidDag(
            "Tried to create relationships between tasks that don't have DAGs yet: "
            f"{upstream} and {downstream}"
        )
    if above is None and below is not None:
        upstream.attach(below)
    elif below is None and above is not None:
        downstream.attach(above)
    elif above is not below:
        raise InvalidDag(
            "Tried to set relationships between tasks in more than one DAG: "
            f"{upstream} and {downstream}"
        )


def _as_nodes(tasks: object) -> list[Node]:
    if isinstance(tasks, Node):
        return [tasks]
    if not isinstance(tasks, Iterable) or isinstance(tasks, str):
        raise _not_an_operator(tasks)
    nodes = list(tasks)
    for node in nodes:
        if not isinstance(node, Node):
            raise _not_an_operator(node)
    return nodes


def _not_an_operator(thing: object) -> InvalidDag:
    return InvalidDag(
        f"Relationships can only be set between Operators; received {type(thing).__name__}"
    )


def _zip(left: object, right: object) -> None:
    if not isinstance(left, Sequence) or not isinstance(right, Sequence):
        raise TypeError("chain links operators and lists of operators, nothing else")
    if len(left) != len(right):
        raise InvalidDag(
            f"chain not supported for different length Iterable: got {len(left)} and {len(right)}"
        )
    for up, down in zip(_as_nodes(left), _as_nodes(right), strict=True):
        up.set_downstream(down)
