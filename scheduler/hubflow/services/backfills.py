"""Backfills: create, list, show, cancel; the scheduler makes their runs (SEMANTICS 3.9)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

import msgspec
from msgspec import structs
from sqlalchemy.orm import Session

from hubflow.clock import isoformat, utcnow
from hubflow.db import orm
from hubflow.db.queries import backfill_store as store
from hubflow.db.queries import briefs, dag_runs, dags, outside_moves, pool_sizes
from hubflow.errors import BackfillExists, BadRequest, DagNotFound
from hubflow.events import BackfillChanged, RunChanged
from hubflow.rules import backfills as rules
from hubflow.rules.backfills import BackfillOptions
from hubflow.rules.partial import matching
from hubflow.serialization.model import SerializedDag
from hubflow.serialization.schedule import timetable_of
from hubflow.services import shapes
from hubflow.services.access import Actor, Permission
from hubflow.services.dag_runs import check_conf, check_date
from hubflow.services.dto import (
    BackfillDateDto,
    BackfillDatesDto,
    BackfillDto,
    BackfillsDto,
    CreateBackfill,
    DagRunDto,
)
from hubflow.services.unit import Backend, Unit, changing, reading
from hubflow.states import (
    BACKFILL_ACTIVE,
    RUN_FINISHED,
    BackfillState,
    RunEvent,
    RunReason,
    RunState,
    TaskState,
)

MAX_RUNS = 10_000


def list_page(
    backend: Backend, actor: Actor, dag_id: str | None, limit: int, offset: int
) -> BackfillsDto:
    """Return a page of backfills, newest first. Raises DagNotFound."""
    with reading(backend, actor, Permission.DAGS_READ) as session:
        dag_key = None if dag_id is None else dags.get(session, dag_id).id
        rows, total = store.list_page(session, dag_key=dag_key, limit=limit, offset=offset)
        return BackfillsDto(backfills=[_now(session, *row) for row in rows], total_entries=total)


def get(backend: Backend, actor: Actor, key: int) -> BackfillDto:
    """Return one backfill. Raises BackfillNotFound."""
    with reading(backend, actor, Permission.DAGS_READ) as session:
        row, dag = store.get(session, key)
        return _now(session, row, dag.dag_id)


def list_failed_runs(backend: Backend, actor: Actor, key: int) -> list[DagRunDto]:
    """Return the failed runs of a backfill. Raises BackfillNotFound."""
    with reading(backend, actor, Permission.DAGS_READ) as session:
        _, dag = store.get(session, key)
        runs = store.list_runs(session, key, [RunState.FAILED])
        return [shapes.dag_run(dag_runs.RunRow(run, None, dag.dag_id)) for run in runs]


def list_deadlocked_runs(backend: Backend, actor: Actor, key: int) -> list[str]:
    """Return the ids of runs that failed because they waited for what never came.

    Raises BackfillNotFound.
    """
    with reading(backend, actor, Permission.DAGS_READ) as session:
        store.get(session, key)
        runs = store.list_runs(session, key, [RunState.FAILED])
        return [run.run_id for run in runs if run.reason == RunReason.DEADLOCKED]


def dry_run(backend: Backend, actor: Actor, body: CreateBackfill) -> BackfillDatesDto:
    """Say for each date what a backfill would do. Raises as `create` does."""
    with reading(backend, actor, Permission.RUNS_TRIGGER) as session:
        dag, version = _dag(backend, session, body.dag_id)
        first, last = _range(body, version)
        _options(session, body, version)
        dates = _dates(body, version, first, last)
        timetable, start, now = timetable_of(version), version.start_date, utcnow()
        return BackfillDatesDto(
            backfills=[_at(session, dag, date, body) for date in dates],
            total_entries=len(dates),
            before_start=sum(start is not None and date < start for date in dates),
            unfinished=sum(timetable.interval_end(date) > now for date in dates[-1:]),
        )


def create(backend: Backend, actor: Actor, body: CreateBackfill) -> BackfillDto:
    """Ask for a run at each date of the schedule in a range.

    Raises DagNotFound, BadRequest, BackfillExists.
    """
    dag_id = body.dag_id
    with changing(backend, actor, Permission.RUNS_TRIGGER, "backfill", dag_id) as unit:
        dag, version = _dag(backend, unit.session, dag_id)
        if active := store.list_active(unit.session, dag.id):
            raise BackfillExists(dag_id, active[0].id)
        first, last = _range(body, version)
        options = _options(unit.session, body, version)
        found = _dates(body, version, first, last)
        if body.ignore_first_depends_on_past:
            options = structs.replace(options, ignores_past_at=found[0])
        row = orm.Backfill(
            dag_id=dag.id,
            from_date=first,
            to_date=last,
            next_date=found[-1] if body.run_backwards else found[0],
            options=msgspec.to_builtins(options),
            state=BackfillState.QUEUED,
            total=len(found),
            done=0,
            failed=0,
            created_by=actor.name,
            created_at=unit.now,
        )
        unit.session.add(row)
        unit.session.flush()
        _emit(unit, dag, row)
        unit.note(extra={"id": row.id, "from": isoformat(first), "to": isoformat(last)})
        return _shape(row, dag_id)


def cancel(backend: Backend, actor: Actor, key: int) -> BackfillDto:
    """Make no further runs; those that wait fail, those that run go on.

    One that is over stays as it is. Raises BackfillNotFound.
    """
    with changing(backend, actor, Permission.RUNS_EDIT, "cancel_backfill") as unit:
        row, dag = store.get(unit.session, key)
        unit.note(extra={"id": key, "dag_id": dag.dag_id})
        if row.state in BACKFILL_ACTIVE:
            row.state, row.completed_at, row.next_date = BackfillState.CANCELLED, unit.now, None
            for run in store.list_runs(unit.session, key, [RunState.QUEUED]):
                _give_up(unit, dag, run)
            unit.session.flush()
            row.done, row.failed, _ = store.progress(store.count_runs(unit.session, key))
            _emit(unit, dag, row)
        return _shape(row, dag.dag_id)


def _give_up(unit: Unit, dag: orm.Dag, run: orm.DagRun) -> None:
    outside_moves.finish(run, RunEvent.MARKED_FAILED, unit.now)
    changed = RunChanged(dag_id=dag.dag_id, run=briefs.run_brief(run, None), tasks=[])
    run.change_id = unit.emit("run", dag.dag_id, changed)


def _emit(unit: Unit, dag: orm.Dag, row: orm.Backfill) -> None:
    """Say what became of a backfill; the scheduler looks at it because its DAG changed."""
    changed = BackfillChanged(
        id=row.id,
        dag_id=dag.dag_id,
        state=row.state,
        total=row.total,
        done=row.done,
        failed=row.failed,
    )
    dag.change_id = unit.emit("backfill", dag.dag_id, changed)


def _dag(backend: Backend, session: Session, dag_id: str) -> tuple[orm.Dag, SerializedDag]:
    dag = dags.get(session, dag_id)
    version = backend.versions.find(session, dag.version_id)
    if version is None or not dag.is_active:
        raise DagNotFound(dag_id)
    return dag, version


def _range(body: CreateBackfill, version: SerializedDag) -> tuple[datetime, datetime]:
    """Return both ends, inclusive, no later than the DAG ends; raises BadRequest."""
    first, last = body.from_date or body.to_date, body.to_date or body.from_date
    if first is None or last is None:
        raise BadRequest("from_date and to_date are missing; give at least one")
    for name, value in (("from_date", first), ("to_date", last)):
        check_date(name, value)
    if last < first:
        raise BadRequest("to_date is before from_date; swap them")
    if last > utcnow():
        raise BadRequest(
            f"to_date {isoformat(last)} lies in the future; a backfill is for the past"
        )
    if version.end_date is not None and first > version.end_date:
        raise BadRequest(
            f"from_date {isoformat(first)} is after the end_date of the DAG, "
            f"{isoformat(version.end_date)}: its tasks would never run"
        )
    return first, min(last, version.end_date or last)


def _options(session: Session, body: CreateBackfill, version: SerializedDag) -> BackfillOptions:
    """Check what is asked against the DAG; raises BadRequest."""
    past = [task.task_id for task in version.tasks if task.depends_on_past]
    if body.run_backwards and past:
        raise BadRequest(
            f"run_backwards is not possible: task {past[0]!r} depends on its past (depends_on_past)"
        )
    if body.max_active_runs is not None and body.max_active_runs < 1:
        raise BadRequest("max_active_runs must be at least 1")
    if body.pool is not None and body.pool not in pool_sizes.read_all(session):
        raise BadRequest(f"there is no pool {body.pool!r}; create it, or leave it out")
    check_conf(body.dag_run_conf)
    return BackfillOptions(
        run_backwards=body.run_backwards,
        reprocess=body.reprocess_behavior,
        tasks=_tasks(body, version),
        conf=body.dag_run_conf,
        pool=body.pool,
        mark_success=body.mark_success,
        max_active_runs=body.max_active_runs,
    )


def _tasks(body: CreateBackfill, version: SerializedDag) -> list[str] | None:
    if body.task_regex is None:
        return None
    try:
        found = matching(version, body.task_regex, upstream=not body.ignore_dependencies)
    except re.error as exc:
        raise BadRequest(f"task_regex {body.task_regex!r} is no regular expression: {exc}") from exc
    if not found:
        raise BadRequest(f"task_regex {body.task_regex!r} is in no task id of {version.dag_id!r}")
    return sorted(found)


def _dates(
    body: CreateBackfill, version: SerializedDag, first: datetime, last: datetime
) -> list[datetime]:
    """Return the execution dates; raises BadRequest when there are none, or too many."""
    ticks: Iterator[datetime] = rules.dates(timetable_of(version), first, last)
    found = list(islice(ticks, MAX_RUNS + 1))
    if not found:
        raise BadRequest(
            f"the schedule of {body.dag_id!r} ({version.schedule.text or 'none'}) has no run from "
            f"{isoformat(first)} to {isoformat(last)}"
        )
    if len(found) > MAX_RUNS:
        raise BadRequest(f"these are more than {MAX_RUNS} runs; take a shorter range")
    return found


def _at(session: Session, dag: orm.Dag, date: datetime, body: CreateBackfill) -> BackfillDateDto:
    run = dag_runs.find_dated(session, dag.id, date)
    if run is None:
        action = "create"
    elif run.state not in RUN_FINISHED:
        action = "take over"
    else:
        asked, states = body.reprocess_behavior, map(TaskState, run.task_counts or ())
        has_failed = asked == rules.FAILED and any(rules.must_clear(asked, one) for one in states)
        action = "clear" if asked == rules.COMPLETED or has_failed else "leave"
    return BackfillDateDto(
        logical_date=date,
        dag_run_id=run.run_id if run else None,
        state=run.state.value if run else None,
        action=action,
    )


def _now(session: Session, row: orm.Backfill, dag_id: str) -> BackfillDto:
    """Describe a backfill as it is; of a cancelled one, runs may have ended since then."""
    found = _shape(row, dag_id)
    if row.state != BackfillState.CANCELLED:
        return found
    done, failed, _ = store.progress(store.count_runs(session, row.id))
    return structs.replace(found, done=done, failed=failed)


def _shape(row: orm.Backfill, dag_id: str) -> BackfillDto:
    options = msgspec.convert(row.options, BackfillOptions)
    return BackfillDto(
        id=row.id,
        dag_id=dag_id,
        from_date=row.from_date,
        to_date=row.to_date,
        state=row.state,
        total=row.total,
        done=row.done,
        failed=row.failed,
        run_backwards=options.run_backwards,
        reprocess_behavior=options.reprocess,
        dag_run_conf=options.conf,
        max_active_runs=options.max_active_runs,
        created_by=row.created_by,
        created_at=row.created_at,
        completed_at=row.completed_at,
    )
