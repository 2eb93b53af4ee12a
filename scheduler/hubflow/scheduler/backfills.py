"""Backfills: a run for each date, as many at a time as the DAG allows (SEMANTICS 3.9)."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from hubflow.clock import isoformat
from hubflow.db import orm
from hubflow.db.queries import (
    backfill_store,
    briefs,
    dag_runs,
    outside_moves,
    run_moves,
    task_moves,
)
from hubflow.events import BackfillChanged, RunChanged
from hubflow.rules import backfills as rules
from hubflow.rules.backfills import BackfillOptions
from hubflow.rules.partial import part_of
from hubflow.scheduler import intake
from hubflow.scheduler.changes import Changes
from hubflow.scheduler.world import DagEntry, Version, World
from hubflow.states import (
    RUN_FINISHED,
    BackfillState,
    RunEvent,
    RunState,
    RunType,
    TaskEvent,
    TaskState,
)

# A turn is one transaction: a long backfill that starts nothing must not hold it open.
RUNS_A_TURN = 50


def advance(world: World, session: Session, changes: Changes) -> None:
    """Make the next runs of the backfills that have room, and say how far each is."""
    while world.to_backfill:
        entry = world.dags.get(world.to_backfill.pop())
        if entry is None:
            continue
        version = world.version(session, entry.version_id) if entry.version_id else None
        for row in backfill_store.list_active(session, entry.key):
            options = msgspec.convert(row.options, BackfillOptions)
            world.backfills[row.id] = options
            if version is not None:
                _Backfill(world, session, changes, entry, version, row, options).advance()


class _Backfill:
    """One backfill in one turn."""

    def __init__(
        self,
        world: World,
        session: Session,
        changes: Changes,
        entry: DagEntry,
        version: Version,
        row: orm.Backfill,
        options: BackfillOptions,
    ) -> None:
        self._world = world
        self._session = session
        self._changes = changes
        self._entry = entry
        self._version = version
        self._row = row
        self._options = options

    def advance(self) -> None:
        row = self._row
        room = self._room()
        for _ in range(RUNS_A_TURN):
            if room <= 0 or row.next_date is None:
                break
            if not self._take_date(row.next_date):
                self._look_again()
                break
            room = self._room()
            row.next_date = rules.following(
                self._version.timetable,
                row.next_date,
                row.from_date,
                row.to_date,
                backwards=self._options.run_backwards,
            )
        else:
            self._look_again()
        self._tell()

    def _room(self) -> int:
        """Return how many more of its runs may be active."""
        limit = self._options.max_active_runs or self._version.dag.max_active_runs
        return limit - sum(run.backfill_id == self._row.id for run in self._entry.runs)

    def _look_again(self) -> None:
        self._world.due.set(("backfill", self._entry.key), self._changes.at)

    def _tell(self) -> None:
        """Write how far it is; without runs and dates left it is over."""
        self._session.flush()
        row, counts = self._row, backfill_store.count_runs(self._session, self._row.id)
        for run, was in self._changes.runs.values():
            if run.backfill_id == row.id:  # this turn moved it, and writes that at its end
                counts[was] -= 1
                counts[run.state] += 1
        progress = backfill_store.progress(counts)
        state = rules.outcome(
            active=progress.active, failed=progress.failed, has_more=row.next_date is not None
        )
        if (row.state, row.done, row.failed) == (state, progress.done, progress.failed):
            return
        row.state, row.done, row.failed = state, progress.done, progress.failed
        if state is not BackfillState.RUNNING:
            row.completed_at = self._changes.at
            self._world.backfills.pop(row.id, None)
        self._changes.news.append(
            (
                "backfill",
                self._entry.dag_id,
                BackfillChanged(
                    id=row.id,
                    dag_id=self._entry.dag_id,
                    state=state,
                    total=row.total,
                    done=row.done,
                    failed=row.failed,
                ),
            )
        )

    # ---- one date ----------------------------------------------------------------------------

    def _take_date(self, date: datetime) -> bool:
        """Make a run at this date, or take over the one that is there.

        Returns False when a run there is just ending: then it is looked at again.
        """
        run_id = f"{RunType.BACKFILL}__{isoformat(date)}"
        found = dag_runs.find_clash(self._session, self._entry.key, run_id, date)
        if found is None:
            self._create(run_id, date)
        elif found.execution_date != date:
            self._create(f"{run_id}__{self._row.id}", date)
        elif active := self._world.runs.get(found.id):
            self._name(found, run_id)
            active.run_id, active.run_type = run_id, RunType.BACKFILL
            active.backfill_id = self._row.id
            self._changes.touch_run(active)
            self._world.unsettled.add(active.id)  # as part of a backfill it may be deadlocked
        elif found.state in RUN_FINISHED:
            self._name(found, run_id)
            self._redo(found)
        else:
            return False
        return True

    def _name(self, run: orm.DagRun, run_id: str) -> None:
        run.run_id, run.run_type, run.backfill_id = run_id, RunType.BACKFILL, self._row.id
        run.conf = self._options.conf or run.conf

    def _create(self, run_id: str, date: datetime) -> None:
        row = run_moves.add(
            self._session,
            {
                "dag_id": self._entry.key,
                "run_id": run_id,
                "run_type": RunType.BACKFILL,
                "external_trigger": False,
                "execution_date": date,
                "data_interval_start": date,
                "data_interval_end": self._version.timetable.interval_end(date),
                "queued_at": self._changes.at,
                "conf": self._options.conf,
                "triggered_by": self._row.created_by,
                "backfill_id": self._row.id,
            },
        )
        if self._options.mark_success:
            self._succeed(row)
            return
        run = self._world.add_run(self._entry, row)
        self._entry.queued[run.id] = run
        self._world.to_admit.add(self._entry.key)
        self._changes.touch_run(run)

    def _succeed(self, row: orm.DagRun) -> None:
        """Record a run as done without running anything."""
        dag, at = self._version.dag, self._changes.at
        if self._options.tasks is not None:
            dag = part_of(dag, self._options.tasks)
        row.dag_version_id = self._version.id
        task_moves.insert_instances(
            self._session,
            row.id,
            [
                {
                    "dag_run_id": row.id,
                    "task_id": task.task_id,
                    "map_index": -1,
                    "state": TaskState.SUCCESS,
                    "try_number": 0,
                    "max_tries": task.tries_after(0),
                    "operator": task.operator,
                    "pool": task.pool,
                    "pool_slots": task.pool_slots,
                    "queue": task.queue,
                    "priority_weight": task.priority_weight,
                    "start_date": at,
                    "end_date": at,
                }
                for task in dag.tasks
            ],
        )
        self._finish(row)

    def _finish(self, row: orm.DagRun) -> None:
        outside_moves.finish(row, RunEvent.MARKED_SUCCESS, self._changes.at)
        outside_moves.recount(self._session, [row])
        dag_id = self._entry.dag_id
        brief = briefs.run_brief(row, self._version.number)
        self._changes.news.append(("run", dag_id, RunChanged(dag_id=dag_id, run=brief, tasks=[])))

    def _redo(self, run: orm.DagRun) -> None:
        """Do with a finished run what the options say: leave it, or clear some or all of it."""
        options, dag = self._options, self._version.dag
        tasks = {task.task_id: task for task in dag.tasks}
        wanted = tasks if options.tasks is None else tasks.keys() & set(options.tasks)
        rows = [
            row for row in task_moves.list_of_runs(self._session, [run.id]) if row.task_id in wanted
        ]
        if options.mark_success:
            event = TaskEvent.MARKED_SUCCESS
            touched = [row for row in rows if row.state is not TaskState.SUCCESS]
        else:
            event = TaskEvent.CLEARED
            touched = [row for row in rows if rules.must_clear(options.reprocess, row.state)]
        touched = [row for row in touched if row.state is not TaskState.REMOVED]
        outside_moves.apply(
            self._session,
            [outside_moves.Change(row, event, tasks.get(row.task_id)) for row in touched],
            self._changes.at,
            self._row.created_by,
        )
        if options.mark_success:
            self._finish(run)
        elif touched:
            self._reopen(run)

    def _reopen(self, run: orm.DagRun) -> None:
        former = self._world.version(self._session, run.dag_version_id or 0)
        outside_moves.take_version(
            self._session,
            run,
            (self._version.id, self._version.dag),
            former.dag if former else None,
        )
        outside_moves.reopen(self._session, run)
        outside_moves.recount(self._session, [run])
        self._session.flush()
        intake.reread(self._world, self._session, self._changes, [run])
        if run.state is RunState.QUEUED:
            self._changes.touch_run(self._world.runs[run.id])
