"""The runs in flight, as graphs in memory: a cache of the database, rebuilt at any time.

A finished task costs its own children, not the whole DAG: what waits counts its upstream states.
Nothing here reads the clock or the database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hubflow.events import RunBriefDto, run_brief
from hubflow.execution.messages import Pause, TryKey
from hubflow.rules.limits import Needs
from hubflow.rules.mapping import may_rule_out
from hubflow.rules.past import Previous, past_counts, past_obstacle
from hubflow.rules.readiness import Readiness, Upstream, moved, readiness
from hubflow.rules.run_outcome import nothing_is_under_way, run_outcome
from hubflow.rules.windows import is_over, takes_part
from hubflow.scheduler.occupancy import Occupancy
from hubflow.serialization.model import SerializedDag, SerializedTask
from hubflow.states import (
    FINISHED,
    HELD,
    RunEvent,
    RunReason,
    RunState,
    RunType,
    TaskEvent,
    TaskState,
    next_state,
)
from hubflow.tasklog import relative_path
from hubflow.timetable import Timetable

DECIDED = frozenset({TaskState.SUCCESS, TaskState.SKIPPED})
"""What a branch, short circuit or sensor ruled out counts as long as it is in one of these."""


@dataclass(slots=True, eq=False)
class Node:
    """One task instance. `id` is its primary key; `position` its place in the DAG.

    `pause` is set from when its try gives back its process until that try is over.
    `is_restricted` means that more than its trigger rule decides whether it may run.
    """

    task: SerializedTask
    position: int
    needs: Needs
    id: int = 0
    state: TaskState = TaskState.NONE
    try_number: int = 0
    max_tries: int = 1
    ready_at: datetime | None = None
    queued_at: datetime | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    retry_at: datetime | None = None
    hostname: str | None = None
    pid: int | None = None
    pause: Pause | None = None
    rules_out: tuple[str, ...] = ()
    is_restricted: bool = False
    map_index: int = -1
    gate: Gate = field(init=False)
    run: RunGraph = field(init=False)

    @property
    def children(self) -> list[Node]:
        """Those after it that need not wait for their upstream tasks any longer."""
        return [node for gate in self.run.gates_after(self) if gate.is_open for node in gate.nodes]

    @property
    def is_held(self) -> bool:
        """Whether a worker has it, or will."""
        return self.state in HELD

    @property
    def key(self) -> TryKey:
        """The leg of the try that it is on, as messages name it."""
        return TryKey(self.id, self.try_number, self.pause.leg if self.pause else 0)

    def facts(self) -> dict[str, object]:
        """Return the ids by which logs name it."""
        mapped = {"map_index": self.map_index} if self.map_index >= 0 else {}
        return {
            **self.run.facts(),
            "task_id": self.task.task_id,
            **mapped,
            "try_number": self.try_number,
        }

    @property
    def log_path(self) -> str:
        """Where its current try logs, below the log folder."""
        run = self.run
        return relative_path(
            run.dag_id, self.task.task_id, run.execution_date, self.try_number, self.map_index
        )


@dataclass(slots=True, eq=False)
class Gate:
    """What instances of one task wait at: the states of the instances before them, counted.

    The instances of a mapped task wait for the same, so they share a gate: what happens before
    them is counted once, not once for each. `waiting` is how many of them wait here still.
    """

    nodes: list[Node]
    upstream: Upstream
    waiting: int

    @property
    def task(self) -> SerializedTask:
        return self.nodes[0].task

    def is_of_one_index(self, above: Node) -> bool:
        """Whether only one map index of the task of ``above`` counts here."""
        mapped = above.task.mapped
        return (
            mapped is not None
            and mapped.shares_indexes(self.task.mapped)
            and self.nodes[0].map_index >= 0
        )

    @property
    def is_open(self) -> bool:
        """Whether there is something to decide about those who wait."""
        if not self.waiting:
            return False
        return readiness(self.task.trigger_rule, self.upstream) is not Readiness.WAIT


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
    starter: dict[str, object] | None
    state: RunState
    has_instances: bool = False
    """Whether it ran before: it was finished and is open again."""
    backfill_id: int | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    reason: RunReason | None = None
    version_id: int | None = None
    version_number: int | None = None
    source_hash: str = ""
    timetable: Timetable | None = None
    dag: SerializedDag | None = None
    nodes: dict[str, Node] = field(default_factory=dict)
    gates: dict[str, list[Gate]] = field(default_factory=dict)
    """Task id -> what its instances wait at: together, or each at its own, in order."""
    counts: Counter[TaskState] = field(default_factory=Counter)
    deciders: dict[str, list[Node]] = field(default_factory=dict)
    """Task id -> the instances that ever ruled it out."""
    expanded: set[str] = field(default_factory=set)
    """The mapped tasks that have got their instances."""
    occupancy: Occupancy = field(default_factory=Occupancy)
    """Of everything in memory: every move is counted there."""
    ignores_past: bool = False
    previous: Previous | None = None
    """What it knows of the run before, for tasks that depend on the past."""
    watches: dict[str, list[str]] = field(default_factory=dict)
    """Task id in the run before -> the tasks here that depend on what becomes of it."""
    watched: set[str] = field(default_factory=set)
    """The tasks here on which a later run may depend."""
    moved: list[Node] = field(default_factory=list)
    """Where moves of watched tasks are told, for all runs in memory."""

    def facts(self) -> dict[str, object]:
        """Return the ids by which logs name it."""
        return {"dag_id": self.dag_id, "run_id": self.run_id}

    @property
    def is_backfill(self) -> bool:
        return self.run_type is RunType.BACKFILL

    def build(self, dag: SerializedDag) -> None:
        """Lay out nodes and edges of ``dag``; every instance is NONE until `restore`.

        A task whose time has not come has no node. It still counts as an upstream task: what
        needs it waits for ever, rather than run without it (SEMANTICS 2.1).
        """
        self.dag = dag
        self.has_instances = True
        date = self.execution_date
        self.nodes = {
            task.task_id: Node(task, position, self._needs(task), max_tries=task.retries + 1)
            for position, task in enumerate(dag.tasks)
            if takes_part(task.start_date, date, self.run_type)
        }
        indegree = Counter(task_id for task in dag.tasks for task_id in task.downstream)
        setups = Counter(t for task in dag.tasks if task.is_setup for t in task.downstream)
        for task_id, node in self.nodes.items():
            task = node.task
            node.run = self
            upstream = Upstream(indegree[task_id], setups=setups[task_id])
            node.gate = Gate([node], upstream, waiting=1)
            self.gates[task_id] = [node.gate]
            node.is_restricted = task.depends_on_past or is_over(task.end_date, date)
            if task.depends_on_past:
                self._watch(task)
        self.watched.update(self.watches)
        self.counts = Counter({TaskState.NONE: len(self.nodes)})

    def _watch(self, task: SerializedTask) -> None:
        for name in (task.task_id, *(task.downstream if task.wait_for_downstream else ())):
            self.watches.setdefault(name, []).append(task.task_id)

    def _needs(self, task: SerializedTask) -> Needs:
        task_id = None if task.task_concurrency is None else task.task_id
        in_run = None if task.max_active_tis_per_dagrun is None else (self.id, task.task_id)
        return Needs(self.dag_key, task.pool, task.pool_slots, task_id, task.queue, in_run)

    def instances(self, task_id: str) -> list[Node]:
        """Return the instances of a task, by map index; of most tasks there is one."""
        found = [self.nodes[task_id]] if task_id in self.nodes else []
        while (node := self.nodes.get(instance_name(task_id, len(found)))) and found:
            found.append(node)
        return found

    def gates_after(self, node: Node) -> Iterator[Gate]:
        """Yield what waits for an instance, among others."""
        for task_id in node.task.downstream:
            gates = self.gates.get(task_id, ())
            if node.map_index >= 0 and gates and gates[0].is_of_one_index(node):
                gates = gates[node.map_index : node.map_index + 1]
            yield from gates

    def state_of(self, task_id: str) -> TaskState | None:
        """Return how a task stands; of a mapped one, an instance that is not good if any."""
        states = [node.state for node in self.instances(task_id)]
        bad = (state for state in states if state not in DECIDED)
        return next(bad, states[0] if states else None)

    def restore(self, states: Mapping[str, TaskState]) -> None:
        """Set the states that the database has, and the counters that follow from them.

        ``states`` are by the names that instances have in `nodes`.
        """
        for name, state in states.items():
            if node := self.nodes.get(name):
                self._set(node, state)
            else:
                self.counts[state] += 1  # removed: history, and nothing waits for it

    def move(self, node: Node, event: TaskEvent) -> TaskState:
        """Move a node; returns its new state. Raises InvalidTransition."""
        state = next_state(node.state, event)
        self._set(node, state)
        return state

    def _set(self, node: Node, state: TaskState) -> None:
        self.counts[node.state] -= 1
        self.counts[state] += 1
        self.occupancy.moved(node.needs, node.state, state)
        for gate in self.gates_after(node):
            gate.upstream = moved(gate.upstream, node.state, state, is_setup=node.task.is_setup)
        node.gate.waiting += (state is TaskState.NONE) - (node.state is TaskState.NONE)
        node.state = state
        if node.task.task_id in self.watched:
            self.moved.append(node)

    def decide(self, nodes: Sequence[Node]) -> Iterator[tuple[Node, Readiness]]:
        """Yield what becomes of those waiting ``nodes`` that need not wait any longer."""
        for node in nodes:
            if node.state is TaskState.NONE:
                verdict = self._verdict(node)
                if node.is_restricted and self._is_held_back(node, verdict):
                    continue
                if verdict is not Readiness.WAIT:
                    yield node, verdict

    def _verdict(self, node: Node) -> Readiness:
        """Say what the tasks before a waiting one make of it."""
        if self.deciders and self.is_ruled_out(node):
            return Readiness.SKIP
        return readiness(node.task.trigger_rule, node.gate.upstream)

    def rule_out(self, node: Node, task_ids: Sequence[str]) -> list[Node]:
        """Note what ``node`` decided to skip; returns the instances that this concerns."""
        node.rules_out = tuple(task_ids)
        for task_id in node.rules_out:
            deciders = self.deciders.setdefault(task_id, [])
            if node not in deciders:
                deciders.append(node)
        ruled_out = set(node.rules_out)
        return [
            other
            for other in self.nodes.values()
            if other.task.task_id in ruled_out and _may_rule_out(node, other)
        ]

    def is_ruled_out(self, node: Node) -> bool:
        """Say whether a decision that still stands skips this task (SEMANTICS 3.4)."""
        task_id = node.task.task_id
        return any(
            decider.state in DECIDED
            and task_id in decider.rules_out
            and _may_rule_out(decider, node)
            for decider in self.deciders.get(task_id, ())
        )

    def _is_held_back(self, node: Node, verdict: Readiness) -> bool:
        """Say whether a task's dates or its past keep it from what its upstream decides."""
        return self._is_too_late(node, verdict) or self._past_holds_back(node, verdict)

    def _is_too_late(self, node: Node, verdict: Readiness) -> bool:
        return verdict is Readiness.RUN and is_over(node.task.end_date, self.execution_date)

    def _past_holds_back(self, node: Node, verdict: Readiness) -> bool:
        before_skipping = node.task.wait_for_past_depends_before_skipping
        return past_counts(verdict, before_skipping=before_skipping) and self.waits_for_past(node)

    def waits_for_past(self, node: Node) -> bool:
        """Say whether the run before is what keeps a task from running."""
        task = node.task
        if not task.depends_on_past:
            return False
        start = task.start_date or (self.dag.start_date if self.dag else None)
        downstream = task.downstream if task.wait_for_downstream else ()
        return past_obstacle(self.previous, task.task_id, start, downstream) is not None

    def outcome(self) -> RunEvent | None:
        """Say how the run ends, or None while it goes on."""
        unfinished = sum(n for state, n in self.counts.items() if state not in FINISHED)
        leaves = (node.state for node in self.nodes.values() if self._is_leaf(node))
        is_lost = self.dag is not None and self.dag.fail_fast and self.counts[TaskState.FAILED] > 0
        return run_outcome(unfinished, () if unfinished else leaves, any_failure=is_lost)

    def _is_leaf(self, node: Node) -> bool:
        """Say whether a task decides over its run: nothing but teardowns comes after it."""
        after = self.gates_after(node)
        return node.task.can_fail_run and not any(gate.task.can_fail_run for gate in after)

    def is_deadlocked(self, *, past_may_change: bool = True) -> bool:
        """Say whether no unfinished task can ever run.

        ``past_may_change`` says whether what the run before keeps from running has hope yet.
        """
        return nothing_is_under_way(self.counts) and not any(
            past_may_change and node.task.depends_on_past and self._waits_for_past_alone(node)
            for node in self.nodes.values()
        )

    def _waits_for_past_alone(self, node: Node) -> bool:
        """Say whether nothing but the run before keeps a task from what its upstream decides."""
        if node.state is not TaskState.NONE:
            return False
        verdict = self._verdict(node)
        return self._past_holds_back(node, verdict) and not self._is_too_late(node, verdict)

    def held(self) -> int:
        """Count the instances that hold a slot."""
        return sum(self.counts[state] for state in HELD)

    def plain_counts(self) -> dict[str, int]:
        return {str(state): n for state, n in self.counts.items() if n}

    def brief(self) -> RunBriefDto:
        """Describe the run as events and views do."""
        return run_brief(self, self.plain_counts(), self.version_number)


def instance_name(task_id: str, map_index: int) -> str:
    """Name an instance among the nodes of its run; no task id has brackets."""
    return task_id if map_index < 1 else f"{task_id}[{map_index}]"


def _may_rule_out(decider: Node, other: Node) -> bool:
    return may_rule_out(decider.task.mapped, decider.map_index, other.task.mapped, other.map_index)
