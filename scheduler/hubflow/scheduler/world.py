"""What the scheduler holds in memory: DAGs, runs in flight, ready tasks. All of it can be
thrown away and read again.
"""

from __future__ import annotations

import bisect
from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from hubflow.clock import later
from hubflow.db import orm
from hubflow.db.queries import pool_sizes, schedules
from hubflow.db.queries.pool_sizes import PoolSize
from hubflow.execution.messages import Launch, TryKey
from hubflow.rules.backfills import BackfillOptions
from hubflow.rules.limits import Candidate, Needs
from hubflow.scheduler.active_runs import Node, RunGraph
from hubflow.scheduler.occupancy import Occupancy
from hubflow.scheduler.wake import DueHeap
from hubflow.serialization.model import SerializedDag
from hubflow.serialization.schedule import timetable_of
from hubflow.states import FINISHED, TaskState
from hubflow.timetable import Timetable

VERSIONS_KEPT = 2000


@dataclass(frozen=True, slots=True)
class Version:
    """One decoded DAG version."""

    id: int
    number: int
    dag: SerializedDag
    source_hash: str
    timetable: Timetable
    slas: Mapping[str, float]
    """Seconds after the end of the interval, for each task that has a deadline."""


@dataclass(slots=True, eq=False)
class DagEntry:
    """A DAG with its runs in flight. `last` is the latest scheduled execution date."""

    key: int
    dag_id: str
    is_paused: bool
    is_active: bool
    version_id: int | None
    next_due: tuple[datetime | None, datetime | None]
    last: datetime | None = None
    running: dict[int, RunGraph] = field(default_factory=dict)
    queued: dict[int, RunGraph] = field(default_factory=dict)

    @property
    def runs(self) -> list[RunGraph]:
        """Return its queued and running runs."""
        return [*self.running.values(), *self.queued.values()]


class World:
    """Everything in memory, and the ways to find it."""

    def __init__(self) -> None:
        self.dags: dict[int, DagEntry] = {}
        self.runs: dict[int, RunGraph] = {}
        self.nodes: dict[int, Node] = {}
        self.occupancy = Occupancy()
        self.pools: dict[str, PoolSize] = {}
        self.ready: dict[Needs, list[Candidate]] = {}
        """Those who wait for a slot: a sorted line for each kind of needs, never an empty one."""
        self.hopeless: set[tuple[str, int]] = set()
        """(Pool, slots needed) of which the log has said that no such task can ever run."""
        self.unserved: set[str] = set()
        """Queues of which the log has said that no worker serves them."""
        self.due = DueHeap()
        """Keys: ("dag", dag key) next scheduled run; ("run", dag key) future run; ("retry", id);
        ("wake", id) of a rescheduled or deferred instance; ("timeout", run id); ("backfill", dag
        key); ("sla", run id) next deadline of a run."""
        self.to_plan: set[int] = set()
        """DAG keys whose next scheduled run must be computed."""
        self.unsettled: set[int] = set()
        """Run ids in which any task may have become ready: new or restored ones."""
        self.to_relink: set[int] = set()
        """Run ids that must look for their previous run, because tasks depend on it."""
        self.moved: list[Node] = []
        """Task instances that moved, and on which a later run may depend."""
        self.to_expand: dict[int, set[str]] = {}
        """Run id -> mapped tasks that could run once they have their instances."""
        self.to_admit: set[int] = set()
        """DAG keys whose queued runs may have to be admitted."""
        self.parents: dict[int, set[int]] = {}
        """Run id -> instances that are deferred until that run ends."""
        self.to_look_up: set[int] = set()
        """Run ids in `parents` that may be over already."""
        self.awaited: dict[int, TryKey] = {}
        """Instances whose trigger runs in the worker."""
        self.to_backfill: set[int] = set()
        """DAG keys whose backfills may have to go on."""
        self.backfills: dict[int, BackfillOptions] = {}
        """What the backfills under way want, by primary key."""
        self.callbacks: dict[int, Launch] = {}
        """Alert ids of callbacks that are to be called, and what to launch for them."""
        self.callbacks_sent: set[int] = set()
        """Those that a worker was told of."""
        self.last_change = 0
        self.last_run_change = 0
        self.last_run = 0
        self.last_event = 0
        self.is_empty = True
        """Whether nothing was read into it yet."""
        self._versions: OrderedDict[int, Version] = OrderedDict()

    @property
    def held(self) -> int:
        """Task instances that hold a slot, over everything."""
        return self.occupancy.held

    def read_pools(self, session: Session) -> None:
        """Read how large the pools are now."""
        pools = pool_sizes.read_all(session)
        if pools != self.pools:
            self.pools = pools
            self.hopeless.clear()

    def version(self, session: Session, version_id: int) -> Version | None:
        """Return a decoded version, read once."""
        if (known := self._versions.get(version_id)) is not None:
            self._versions.move_to_end(version_id)
            return known
        row = schedules.find_version(session, version_id)
        if row is None:
            return None
        dag = msgspec.json.decode(row.data, type=SerializedDag)
        slas = {task.task_id: task.sla_s for task in dag.tasks if task.sla_s is not None}
        version = Version(row.id, row.number, dag, row.sha256, timetable_of(dag), slas)
        self._versions[version_id] = version
        while len(self._versions) > VERSIONS_KEPT:
            self._versions.popitem(last=False)
        return version

    def add_run(self, entry: DagEntry, row: orm.DagRun) -> RunGraph:
        """Take a queued or running run into memory, without its tasks yet."""
        run = RunGraph(
            id=row.id,
            dag_key=entry.key,
            dag_id=entry.dag_id,
            run_id=row.run_id,
            run_type=row.run_type,
            external_trigger=row.external_trigger,
            execution_date=row.execution_date,
            data_interval_start=row.data_interval_start,
            data_interval_end=row.data_interval_end,
            queued_at=row.queued_at,
            conf=row.conf or {},
            triggered_by=row.triggered_by,
            starter=row.starter,
            state=row.state,
            has_instances=bool(row.task_counts),
            backfill_id=row.backfill_id,
            counts=Counter({TaskState(name): n for name, n in (row.task_counts or {}).items()}),
            start_date=row.start_date,
            version_id=row.dag_version_id,
            occupancy=self.occupancy,
            moved=self.moved,
            ignores_past=self._ignores_past(row),
        )
        self.runs[run.id] = run
        self.last_run = max(self.last_run, run.id)
        self.relink_after(run)
        return run

    def _ignores_past(self, row: orm.DagRun) -> bool:
        options = self.backfills.get(row.backfill_id or 0)
        return options is not None and options.ignores_past_at == row.execution_date

    def relink_after(self, run: RunGraph) -> None:
        """Let later runs look whether this one is their previous run now."""
        for other in self.dags[run.dag_key].running.values():
            if other.watches and other.execution_date > run.execution_date:
                self.to_relink.add(other.id)

    def is_undecided(self, run: RunGraph) -> bool:
        """Say whether tasks of a run may become ready yet in this turn."""
        return run.id in self.unsettled or run.id in self.to_expand

    def backfilled_after(self, run: RunGraph) -> list[int]:
        """Return the runs of backfills that waited for this one, which is over."""
        return [
            other.id
            for other in self.dags[run.dag_key].running.values()
            if other.is_backfill and other.previous and other.previous.run_key == run.id
        ]

    def past_may_change(self, run: RunGraph) -> bool:
        """Say whether a run that waits for the run before may still get what it waits for.

        Somebody may clear, mark or make the run before of any run; a backfill waits only for what
        is under way, so that it ends (SEMANTICS 3.9).
        """
        if not run.is_backfill or run.id in self.to_relink or run.previous is None:
            return True
        key = run.previous.run_key
        return key in self.runs or any(node.run.id == key for node in self.moved)

    def forget_run(self, run: RunGraph) -> None:
        """Drop a run and all its tasks, whatever they held or waited for."""
        entry = self.dags[run.dag_key]
        entry.running.pop(run.id, None)
        entry.queued.pop(run.id, None)
        self.runs.pop(run.id, None)
        self.due.set(("timeout", run.id), None)
        for node in run.nodes.values():
            self.nodes.pop(node.id, None)
            if node.state not in FINISHED:
                self.unready(node)
                self.occupancy.moved(node.needs, node.state, TaskState.NONE)

    def watch_clock(self, run: RunGraph) -> None:
        """See to it that a run that has started does not take longer than its DAG allows."""
        limit = run.dag.dagrun_timeout_s if run.dag else None
        if limit and run.start_date is not None:
            self.due.set(("timeout", run.id), later(run.start_date, limit))

    def drop_run(self, run: RunGraph) -> None:
        """Drop a run in whatever state, and give back all that its tasks hold here."""
        for node in run.nodes.values():
            for kind in ("retry", "wake"):
                self.due.set((kind, node.id), None)
        self.unsettled.discard(run.id)
        self.to_relink.discard(run.id)
        self.forget_run(run)

    def drop_dag(self, entry: DagEntry) -> None:
        """Drop a DAG that was deleted, with its runs."""
        for run in entry.runs:
            self.drop_run(run)
        for kind in ("dag", "run", "backfill"):
            self.due.set((kind, entry.key), None)
        for keys in (self.to_plan, self.to_admit, self.to_backfill):
            keys.discard(entry.key)
        del self.dags[entry.key]

    def forget_versions(self, dag_id: str) -> None:
        """Drop the versions of a DAG whose history was deleted."""
        for version in [one for one in self._versions.values() if one.dag.dag_id == dag_id]:
            del self._versions[version.id]

    def make_ready(self, node: Node, at: datetime | None) -> None:
        """Put a SCHEDULED task, that is ready since ``at``, among those that wait for a slot."""
        if node.pause is None:
            node.ready_at = at
        bisect.insort(self.ready.setdefault(node.needs, []), _candidate(node))

    def unready(self, node: Node) -> None:
        """Take a task away from those that wait for a slot, if it is among them."""
        if (line := self.ready.get(node.needs)) is None:
            return
        candidate = _candidate(node)
        place = bisect.bisect_left(line, candidate)
        if line[place : place + 1] == [candidate]:
            self._shorten(node.needs, place, place + 1)

    def take_ready(self, chosen: list[tuple[Needs, list[Candidate]]]) -> list[Node]:
        """Take those who got a slot out of their lines.

        They stand at the beginning, but for backfills of a paused DAG.
        """
        for needs, candidates in chosen:
            if self.ready[needs][: len(candidates)] == candidates:
                self._shorten(needs, 0, len(candidates))
            else:
                for one in candidates:
                    self.unready(self.nodes[one.task_instance_id])
        return [self.nodes[one.task_instance_id] for _, some in chosen for one in some]

    def _shorten(self, needs: Needs, start: int, stop: int) -> None:
        line = self.ready[needs]
        del line[start:stop]
        if not line:
            del self.ready[needs]


def _candidate(node: Node) -> Candidate:
    return Candidate(-node.task.priority_weight, node.run.execution_date, node.position, node.id)
