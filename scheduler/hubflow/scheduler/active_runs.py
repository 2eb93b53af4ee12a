"""The runs in flight, as graphs in memory: a cache of the database, rebuilt at any time.

A finished task costs its own children, not the whole DAG: every node counts its upstream
states. Nothing here reads the clock or the database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hubflow.events import RunBriefDto, run_brief
from hubflow.rules.readiness import COUNTED, Readiness, Upstream, readiness
from hubflow.rules.run_outcome import run_outcome
from hubflow.serialization.model import SerializedDag, SerializedTask
from hubflow.states import (
    FINISHED,
    HELD,
    RunEvent,
    RunState,
    RunType,
    TaskEvent,
    TaskState,
    next_state,
)
from hubflow.timetable import Timetable

NO_UPSTREAM = Upstream(0)


@dataclass(slots=True, eq=False)
class Node:
    """One task instance. `id` is its primary key; `position` its place in the DAG."""

    task: SerializedTask
    position: int
    id: int = 0
    state: TaskState = TaskState.NONE
    try_number: int = 0
    max_tries: int = 1
    queued_at: datetime | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    retry_at: datetime | None = None
    hostname: str | None = None
    pid: int | None = None
    upstream: Upstream = NO_UPSTREAM
    children: list[Node] = field(default_factory=list)
    run: RunGraph = field(init=False)

    @property
    def is_held(self) -> bool:
        """Whether a worker has it, or will."""
        return self.state in HELD


@dataclass(slots=True, eq=False)
class RunGraph:
    """One queued or running DAG run with all its task instances."""

    id: int
    dag_key: int
    dag_id: str
    run_id: str
    run_type: RunType
    external_trigger: bool
    execution_date: datetime
    data_interval_start: datetime
    data_interval_end: datetime
    queued_at: datetime
    conf: dict[str, object]
    triggered_by: str | None
    state: RunState
    start_date: datetime | None = None
    end_date: datetime | None = None
    version_id: int | None = None
    version_number: int | None = None
    source_hash: str = ""
    timetable: Timetable | None = None
    dag: SerializedDag | None = None
    nodes: dict[str, Node] = field(default_factory=dict)
    counts: Counter[TaskState] = field(default_factory=Counter)
    prev_success: tuple[datetime, datetime | None] | None = None

    def build(self, dag: SerializedDag) -> None:
        """Lay out nodes and edges of ``dag``; every instance is NONE until `restore`."""
        self.dag = dag
        self.nodes = {
            task.task_id: Node(task, position, max_tries=task.retries + 1)
            for position, task in enumerate(dag.tasks)
        }
        for node in self.nodes.values():
            node.run = self
            node.children = [self.nodes[task_id] for task_id in node.task.downstream]
        indegree = Counter(child.task.task_id for n in self.nodes.values() for child in n.children)
        for task_id, node in self.nodes.items():
            node.upstream = Upstream(total=indegree[task_id])
        self.counts = Counter({TaskState.NONE: len(self.nodes)})

    def restore(self, states: Mapping[str, TaskState]) -> None:
        """Set the states that the database has, and the counters that follow from them."""
        for task_id, state in states.items():
            if node := self.nodes.get(task_id):
                self._set(node, state)

    def move(self, node: Node, event: TaskEvent) -> TaskState:
        """Move a node; returns its new state. Raises InvalidTransition."""
        state = next_state(node.state, event)
        self._set(node, state)
        return state

    def _set(self, node: Node, state: TaskState) -> None:
        self.counts[node.state] -= 1
        self.counts[state] += 1
        for child in node.children:
            child.upstream = _recount(child.upstream, node.state, state)
        node.state = state

    def decide(self, nodes: Sequence[Node]) -> Iterator[tuple[Node, Readiness]]:
        """Yield what becomes of those waiting ``nodes`` that need not wait any longer."""
        for node in nodes:
            if node.state is TaskState.NONE:
                verdict = readiness(node.task.trigger_rule, node.upstream)
                if verdict is not Readiness.WAIT:
                    yield node, verdict

    def outcome(self) -> RunEvent | None:
        """Say how the run ends, or None while it goes on."""
        unfinished = sum(n for state, n in self.counts.items() if state not in FINISHED)
        leaves = (node.state for node in self.nodes.values() if not node.children)
        return run_outcome(unfinished, () if unfinished else leaves)

    def held(self) -> int:
        """Count the instances that hold a slot."""
        return sum(self.counts[state] for state in HELD)

    def plain_counts(self) -> dict[str, int]:
        return {str(state): n for state, n in self.counts.items() if n}

    def brief(self) -> RunBriefDto:
        """Describe the run as events and views do."""
        return run_brief(self, self.plain_counts(), self.version_number)


def _recount(upstream: Upstream, old: TaskState, new: TaskState) -> Upstream:
    """Return the counters after one upstream instance went from ``old`` to ``new``."""
    if (name := COUNTED.get(old)) is not None:
        upstream = upstream._replace(**{name: getattr(upstream, name) - 1})
    if (name := COUNTED.get(new)) is not None:
        upstream = upstream._replace(**{name: getattr(upstream, name) + 1})
    return upstream
