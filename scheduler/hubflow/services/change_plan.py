"""What a clear or mark is going to touch, and doing it: the same plan for a dry run and in earnest.

The plan is made and carried out in one transaction. For each run there is one event; its id
becomes the run's `change_id`, by which the scheduler finds the runs that it must read afresh.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.db.queries import briefs, outside_moves, task_instances
from hubflow.db.queries.outside_moves import Change
from hubflow.events import RunChanged
from hubflow.rules.clearing import Instance
from hubflow.rules.partial import taking_part
from hubflow.serialization.model import SerializedDag, SerializedTask
from hubflow.services.dto import TaskInstanceReferenceDto, TouchedDto
from hubflow.services.unit import Backend, Unit
from hubflow.states import RUN_FINISHED, RunEvent, TaskEvent, TaskState

Decided = Iterable[tuple[Instance, TaskEvent]]


@dataclass(frozen=True)
class DagNow:
    """A DAG and its newest version."""

    row: orm.Dag
    version_id: int
    version: SerializedDag

    @property
    def tasks(self) -> dict[str, SerializedTask]:
        return {task.task_id: task for task in self.version.tasks}

    @property
    def mapped_groups(self) -> dict[str, str]:
        """Task id -> the mapped task group that it is in."""
        return {
            task.task_id: task.mapped.group_id
            for task in self.version.tasks
            if task.mapped is not None and task.mapped.group_id is not None
        }

    @property
    def edges(self) -> dict[str, Sequence[str]]:
        return {task.task_id: task.downstream for task in self.version.tasks}


@dataclass
class RunPlan:
    """What happens to one run. `ends` is how somebody ends the run itself."""

    run: orm.DagRun
    dag: DagNow
    changes: dict[int, Change] = field(default_factory=dict)
    reopens: bool = False
    ends: RunEvent | None = None
    has_new_version: bool = False


class Plan:
    """The changes of one use case, by run; of two decisions on one instance the first counts."""

    def __init__(self, backend: Backend, session: Session) -> None:
        self._backend = backend
        self._session = session
        self._dags: dict[int, DagNow] = {}
        self.runs: dict[int, RunPlan] = {}

    def dag(self, row: orm.Dag) -> DagNow:
        """Return a DAG with its newest version, read once."""
        if row.id not in self._dags:
            version = self._backend.versions.find(self._session, row.version_id)
            self._dags[row.id] = DagNow(
                row, row.version_id or 0, version or SerializedDag(dag_id=row.dag_id, path="")
            )
        return self._dags[row.id]

    def of(self, run: orm.DagRun) -> RunPlan:
        """Return the plan for a run."""
        if run.id not in self.runs:
            dag = self._session.get_one(orm.Dag, run.dag_id)
            self.runs[run.id] = RunPlan(run, self.dag(dag))
        return self.runs[run.id]

    def ensure_instances(self, run: orm.DagRun) -> None:
        """Give a run that has not started yet its task instances."""
        dag = self.of(run).dag
        if dag.version_id:
            whole = taking_part(dag.version, run.execution_date, run.run_type)
            outside_moves.ensure_instances(self._session, run, whole, dag.version_id)

    def add(
        self, run: orm.DagRun, rows: Iterable[orm.TaskInstance], decided: Decided, *, reopens: bool
    ) -> list[orm.TaskInstance]:
        """Take decisions about instances of a run in; returns those that are new."""
        by_id = {row.id: row for row in rows}
        new = []
        for instance, event in decided:
            plan = self.of(run)
            if instance.id not in plan.changes:
                row = by_id[instance.id]
                task = plan.dag.tasks.get(row.task_id)
                plan.changes[row.id] = Change(row, event, task)
                plan.reopens |= reopens
                new.append(row)
        return new

    def touched(self) -> TouchedDto:
        """List what the plan touches, as it is before."""
        found = [
            TaskInstanceReferenceDto(
                task_id=change.row.task_id,
                dag_id=plan.dag.row.dag_id,
                dag_run_id=plan.run.run_id,
                execution_date=plan.run.execution_date,
                map_index=change.row.map_index,
                state=None if change.row.state is TaskState.NONE else change.row.state.value,
                change=change.event.value,
            )
            for plan in self.runs.values()
            for change in plan.changes.values()
        ]
        runs = sum(bool(plan.changes) for plan in self.runs.values())
        return TouchedDto(task_instances=found, total_entries=len(found), dag_runs=runs)

    def carry_out(self, unit: Unit) -> TouchedDto:
        """Do it all; raises StaleState if something moved since the plan was made."""
        touched = self.touched()
        for plan in self.runs.values():
            self._change(plan, unit.now, unit.actor.name)
        self._tell(unit)
        return touched

    def _change(self, plan: RunPlan, at: datetime, by: str) -> None:
        session, run, dag = self._session, plan.run, plan.dag
        outside_moves.apply(session, list(plan.changes.values()), at, by)
        if plan.ends is not None:
            outside_moves.finish(run, plan.ends, at)
        elif plan.reopens:
            if dag.version_id and run.dag_version_id != dag.version_id:
                former = self._backend.versions.find(session, run.dag_version_id)
                plan.has_new_version = outside_moves.take_version(
                    session,
                    run,
                    (dag.version_id, taking_part(dag.version, run.execution_date, run.run_type)),
                    former and taking_part(former, run.execution_date, run.run_type),
                )
            outside_moves.reopen(session, run)

    def _tell(self, unit: Unit) -> None:
        """Renew what runs keep about their tasks; one event for each run."""
        session, plans = self._session, list(self.runs.values())
        session.flush()
        outside_moves.recount(session, [plan.run for plan in plans])
        rows = task_instances.list_selected(session, [plan.run.id for plan in plans], None)
        for plan in plans:
            dag_id = plan.dag.row.dag_id
            version = session.get(orm.DagVersion, plan.run.dag_version_id or 0)
            changed = RunChanged(
                dag_id=dag_id,
                run=briefs.run_brief(plan.run, version.number if version else None),
                tasks=[
                    briefs.task_cell(row)
                    for row in rows[plan.run.id]
                    if plan.has_new_version or row.id in plan.changes
                ],
            )
            plan.run.change_id = unit.emit("run", dag_id, changed)


def instances(rows: Iterable[orm.TaskInstance]) -> list[Instance]:
    """Return what the rules want to know of rows."""
    return [Instance(row.id, row.task_id, row.state, row.try_number, row.map_index) for row in rows]


def is_finished(run: orm.DagRun) -> bool:
    return run.state in RUN_FINISHED
