"""Edges between tasks: `>>`, `<<`, lists, labels, `set_upstream`, `chain`; and their order."""

from __future__ import annotations

import heapq
import itertools
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self, TypeVar, Union, overload

from hubflow.sdk.dag_context import TaskHolder, loading
from hubflow.sdk.exceptions import DagCycle, DuplicateEdge, InvalidDag

Holder = TypeVar("Holder", bound=TaskHolder)
Joined = TypeVar("Joined", bound=Union["Linkable", Sequence["Linkable"]])


class Linkable(ABC):
    """Something that `>>` and `<<` join: a task, a task group, the output of a task, a label."""

    @abstractmethod
    def heads(self) -> Sequence[Node]:
        """Return the tasks that an edge to this leads to."""

    @abstractmethod
    def tails(self) -> Sequence[Node]:
        """Return the tasks that an edge from this starts at."""

    is_implied = False
    """Whether its edges may be declared twice: the author does not write each of them."""

    def set_downstream(self, tasks: Linkable | Iterable[Linkable]) -> None:
        """Make each of ``tasks`` run after this."""
        for other in as_linkables(tasks):
            link(self, other)

    def set_upstream(self, tasks: Linkable | Iterable[Linkable]) -> None:
        """Make this run after each of ``tasks``."""
        for other in as_linkables(tasks):
            link(other, self)

    @overload
    def __rshift__(self, other: Holder) -> Holder: ...
    @overload
    def __rshift__(self, other: Joined) -> Joined: ...
    def __rshift__(self, other: Any) -> Any:
        if isinstance(other, TaskHolder):
            self.attach_all(other)
            return other
        self.set_downstream(other)
        return other

    @overload
    def __lshift__(self, other: Holder) -> Holder: ...
    @overload
    def __lshift__(self, other: Joined) -> Joined: ...
    def __lshift__(self, other: Any) -> Any:
        if isinstance(other, TaskHolder):
            self.attach_all(other)
            return other
        self.set_upstream(other)
        return other

    def __rrshift__(self, other: Sequence[Linkable]) -> Self:
        self.set_upstream(other)
        return self

    def __rlshift__(self, other: Sequence[Linkable]) -> Self:
        self.set_downstream(other)
        return self

    def attach_all(self, dag: TaskHolder) -> None:
        """Make all tasks at its beginning and its end part of ``dag``."""
        for task in {*self.heads(), *self.tails()}:
            task.attach(dag)


class Node(Linkable):
    """The part of an operator that knows its neighbours."""

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

    def heads(self) -> Sequence[Node]:
        return (self,)

    def tails(self) -> Sequence[Node]:
        return (self,)


class Label(Linkable):
    """Text that is drawn on an edge: `a >> Label("when empty") >> b`. It changes nothing else."""

    def __init__(self, label: str, color: str | None = None) -> None:
        self.label = label
        self.color = color
        self._before: list[Linkable] = []
        self._after: list[Linkable] = []

    def heads(self) -> Sequence[Node]:
        return [task for other in self._after for task in other.heads()]

    def tails(self) -> Sequence[Node]:
        return [task for other in self._before for task in other.tails()]

    def set_upstream(self, tasks: Linkable | Iterable[Linkable]) -> None:
        self._add(self._before, self._after, as_linkables(tasks), is_before=True)

    def set_downstream(self, tasks: Linkable | Iterable[Linkable]) -> None:
        self._add(self._after, self._before, as_linkables(tasks), is_before=False)

    def _add(
        self, side: list[Linkable], far: list[Linkable], new: list[Linkable], *, is_before: bool
    ) -> None:
        side.extend(new)
        for one in new:
            for other in far:
                up, down = (one, other) if is_before else (other, one)
                link(up, down, self.label)


EdgeModifier = Label


def link(upstream: Linkable, downstream: Linkable, label: str | None = None) -> None:
    """Join everything at the end of one thing to everything at the beginning of another."""
    if isinstance(upstream, Label):
        upstream.set_downstream(downstream)
        return
    if isinstance(downstream, Label):
        downstream.set_upstream(upstream)
        return
    is_implied = upstream.is_implied or downstream.is_implied
    for above in upstream.tails():
        for below in downstream.heads():
            join(above, below, is_implied=is_implied)
            if label is not None and (holder := above.holder) is not None:
                holder.edge_labels[above.task_id, below.task_id] = label


def join(upstream: Node, downstream: Node, *, is_implied: bool = False) -> None:
    """Add one edge; a task without a DAG joins the other's. Raises InvalidDag, DuplicateEdge.

    An edge that is implied, by a task group or by the use of another task's output, may be
    there already.
    """
    _share_dag(upstream, downstream)
    if downstream.task_id in upstream.downstream_task_ids:
        if not is_implied and (upstream.task_id, downstream.task_id) not in _implied(upstream):
            _forgive_duplicate(upstream, downstream)
        return
    if is_implied:
        _implied(upstream).add((upstream.task_id, downstream.task_id))
    upstream.downstream_task_ids.add(downstream.task_id)
    downstream.upstream_task_ids.add(upstream.task_id)


def _implied(task: Node) -> set[tuple[str, str]]:
    return set() if task.holder is None else task.holder.implied_edges


def chain(*elements: Linkable | Sequence[Linkable]) -> None:
    """Link consecutive elements; two lists next to each other are linked pairwise."""
    for left, right in itertools.pairwise(elements):
        if isinstance(left, Linkable):
            left.set_downstream(right)
        elif isinstance(right, Linkable):
            right.set_upstream(left)
        else:
            _zip(left, right)


def chain_linear(*elements: Linkable | Sequence[Linkable]) -> None:
    """Link every task of an element to every task of the next one."""
    for left, right in itertools.pairwise(elements):
        cross_downstream(as_linkables(left), as_linkables(right))


def cross_downstream(
    from_tasks: Sequence[Linkable], to_tasks: Linkable | Sequence[Linkable]
) -> None:
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


def as_linkables(tasks: object) -> list[Linkable]:
    """Return one thing or several as a list; raises InvalidDag for what cannot be joined."""
    if isinstance(tasks, Linkable):
        return [tasks]
    if not isinstance(tasks, Iterable) or isinstance(tasks, str):
        raise _not_an_operator(tasks)
    found = list(tasks)
    for one in found:
        if not isinstance(one, Linkable):
            raise _not_an_operator(one)
    return found


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
    for up, down in zip(as_linkables(left), as_linkables(right), strict=True):
        up.set_downstream(down)
