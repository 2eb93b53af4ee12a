"""What the scheduler holds in memory: DAGs, runs in flight, ready tasks. All of it can be
thrown away and read again.
"""

from __future__ import annotations

import bisect
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.db.queries import schedules
from hubflow.execution.messages import Launch
from hubflow.rules.limits import Candidate
from hubflow.scheduler.active_runs import Node, RunGraph
from hubflow.scheduler.wake import DueHeap
from hubflow.serialization.model import SerializedDag
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
    ready: list[Candidate] = field(default_factory=list)

    @property
    def held(self) -> int:
        """Count its task instances that hold a slot."""
        return sum(run.held() for run in self.running.values())


class World:
    """Everything in memory, and the ways to find it."""

    def __init__(self) -> None:
        self.dags: dict[int, DagEntry] = {}
        self.runs: dict[int, RunGraph] = {}
        self.nodes: dict[int, Node] = {}
        self.held = 0
        """Task instances that hold a slot, over everything."""
        self.due = DueHeap()
        """Keys: ("dag", dag key) next scheduled run; ("run", run id) future run; ("retry", id);
        ("sla", run id) next deadline of a run."""
        self.to_plan: set[int] = set()
        """DAG keys whose next scheduled run must be computed."""
        self.unsettled: set[int] = set()
        """Run ids in which any task may have become ready: new or restored ones."""
        self.to_admit: set[int] = set()
        """DAG keys whose queued runs may have to be admitted."""
        self.with_ready: set[int] = set()
        """DAG keys that have ready tasks."""
        self.callbacks: dict[int, Launch] = {}
        """Alert ids of callbacks that are to be called, and what to launch for them."""
        self.callbacks_sent: set[int] = set()
        """Those that a worker was told of."""
        self.last_change = 0
        self.last_run = 0
        self.last_event = 0
        self.is_empty = True
        """Whether nothing was read into it yet."""
        self._versions: OrderedDict[int, Version] = OrderedDict()

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
        version = Version(row.id, row.number, dag, row.sha256, _timetable(dag), slas)
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
            state=row.state,
            start_date=row.start_date,
            version_id=row.dag_version_id,
        )
        self.runs[run.id] = run
        self.last_run = max(self.last_run, run.id)
        return run

    def forget_run(self, run: RunGraph) -> None:
        """Drop a finished run and all its tasks."""
        entry = self.dags[run.dag_key]
        entry.running.pop(run.id, None)
        entry.queued.pop(run.id, None)
        self.runs.pop(run.id, None)
        for node in run.nodes.values():
            self.nodes.pop(node.id, None)

    def make_ready(self, node: Node) -> None:
        """Put a SCHEDULED task among those that wait for a slot."""
        run = node.run
        candidate = Candidate(
            -node.task.priority_weight, run.execution_date, node.position, node.id
        )
        bisect.insort(self.dags[run.dag_key].ready, candidate)
        self.with_ready.add(run.dag_key)


def _timetable(dag: SerializedDag) -> Timetable:
    schedule = dag.schedule
    return Timetable.from_parts(
        kind=schedule.kind,
        cron=schedule.cron,
        delta_s=schedule.delta_s,
        timezone=schedule.timezone,
        start_date=dag.start_date,
        text=schedule.text,
    )
