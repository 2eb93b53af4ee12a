"""List runs, show, trigger, annotate and delete one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.exc import IntegrityError

from hubflow.clock import isoformat, parse_iso
from hubflow.db import orm
from hubflow.db.queries import dag_runs as queries
from hubflow.db.queries import dags, run_moves
from hubflow.db.queries.dag_runs import RunRow
from hubflow.db.queries.windows import Windows
from hubflow.errors import BadRequest, DagNotFound, DagRunNotFound, RunExists
from hubflow.events import Deleted, RunChanged
from hubflow.serialization.model import SerializedDag
from hubflow.serialization.schedule import timetable_of
from hubflow.services import run_params, shapes
from hubflow.services.access import Actor, Permission
from hubflow.services.changes import checked_order, checked_text
from hubflow.services.dto import DagRunDto, DagRunsDto, SetNote, TriggerRun
from hubflow.services.unit import Backend, Unit, changing, reading
from hubflow.states import RunState, RunType

ANY_DAG = "~"
RUN_DATES = ("execution_date", "start_date", "end_date", "updated_at")
MAX_RUN_ID = 250
# Lists carry the conf of every run they show.
MAX_CONF_BYTES = 64 * 1024
MAX_CONF_DEPTH = 100
YEARS = range(1900, 9000)


def list_page(
    backend: Backend,
    actor: Actor,
    dag_id: str,
    *,
    states: Sequence[RunState] = (),
    dag_ids: Sequence[str] = (),
    dates: Windows | None = None,
    order_by: str = "id",
    limit: int = 100,
    offset: int = 0,
) -> DagRunsDto:
    """Return a page of the runs of one DAG, or of all (`~`). Raises DagNotFound, BadRequest."""
    checked_order(order_by, queries.ORDERS)
    with reading(backend, actor, Permission.DAGS_READ) as session:
        dag_key = None if dag_id == ANY_DAG else dags.get(session, dag_id).id
        rows, total = queries.list_page(
            session,
            dag_key=dag_key,
            states=states,
            dag_ids=dag_ids,
            dates=dates,
            order_by=order_by,
            limit=limit,
            offset=offset,
        )
        return DagRunsDto(dag_runs=[shapes.dag_run(row) for row in rows], total_entries=total)


def get(backend: Backend, actor: Actor, dag_id: str, run_id: str) -> DagRunDto:
    """Return one run. Raises DagRunNotFound."""
    with reading(backend, actor, Permission.DAGS_READ) as session:
        return shapes.dag_run(queries.get(session, dag_id, run_id))


def get_named(backend: Backend, actor: Actor, dag_id: str, name: str) -> DagRunDto:
    """Return a run by its id or, as commands of Airflow have it, by its execution date.

    Raises DagRunNotFound.
    """
    with reading(backend, actor, Permission.DAGS_READ) as session:
        try:
            return shapes.dag_run(queries.get(session, dag_id, name))
        except DagRunNotFound:
            with contextlib.suppress(ValueError):
                if row := queries.find_at(session, dag_id, parse_iso(name)):
                    return shapes.dag_run(row)
            raise


def trigger(backend: Backend, actor: Actor, dag_id: str, body: TriggerRun) -> DagRunDto:
    """Create a queued manual run; the scheduler starts it when the DAG is on and has room.

    Raises DagNotFound, RunExists, BadRequest.
    """
    with changing(backend, actor, Permission.RUNS_TRIGGER, "trigger", dag_id) as unit:
        row = dags.get_row(unit.session, dag_id)
        if not row.dag.is_active:
            raise DagNotFound(dag_id)
        version = backend.versions.find(unit.session, row.dag.version_id)
        run_params.check(version, body.conf)
        run = create(unit, row.dag, dates_of(body, unit.now, version), body)
        brief = shapes.run_brief(run, row.version)
        unit.emit("run", dag_id, RunChanged(dag_id=dag_id, run=brief, tasks=[]))
        unit.note(execution_date=run.execution_date, extra={"run_id": run.run_id})
        return shapes.dag_run(RunRow(run, row.version, dag_id))


def set_note(backend: Backend, actor: Actor, dag_id: str, run_id: str, body: SetNote) -> DagRunDto:
    """Write a note on a run. Raises DagRunNotFound."""
    with changing(backend, actor, Permission.RUNS_EDIT, "set_note", dag_id) as unit:
        row = queries.get(unit.session, dag_id, run_id)
        row.run.note = checked_text("note", body.note)
        unit.note(execution_date=row.run.execution_date, extra={"run_id": run_id})
        return shapes.dag_run(row)


def delete(backend: Backend, actor: Actor, dag_id: str, run_id: str) -> None:
    """Delete a run with its task instances, XComs and tries; what runs of it is ended.

    The logs stay. Raises DagRunNotFound.
    """
    with changing(backend, actor, Permission.RUNS_EDIT, "delete_run", dag_id) as unit:
        run = queries.get(unit.session, dag_id, run_id).run
        dag = dags.get(unit.session, dag_id)
        unit.note(execution_date=run.execution_date, extra={"run_id": run_id})
        run_moves.delete_run(unit.session, dag, run)
        gone = Deleted(dag_id=dag_id, run_id=run_id, key=run.id)
        # The DAG changes, too: the next scheduled run may be another one now.
        dag.change_id = unit.emit("deleted", dag_id, gone)


def dates_of(
    body: TriggerRun, now: datetime, version: SerializedDag | None
) -> tuple[datetime, datetime, datetime]:
    """Return execution date and data interval of the run; raises BadRequest."""
    for name in ("logical_date", "execution_date", "data_interval_start", "data_interval_end"):
        check_date(name, getattr(body, name))
    if body.logical_date and body.execution_date and body.logical_date != body.execution_date:
        raise BadRequest("logical_date and execution_date differ; they mean the same, give one")
    date = body.logical_date or body.execution_date or now
    if version and version.start_date and date < version.start_date:
        raise BadRequest(
            f"{isoformat(date)} is before the start_date of the DAG, "
            f"{isoformat(version.start_date)}; a run must lie after it"
        )
    start, end = body.data_interval_start, body.data_interval_end
    if (start is None) != (end is None):
        raise BadRequest("data_interval_start and data_interval_end go together: give both or none")
    if start and end and start > end:
        raise BadRequest("data_interval_start is after data_interval_end")
    if start is None or end is None:
        start, end = timetable_of(version).manual_interval(date) if version else (date, date)
    return date, start, end


def check_date(name: str, value: datetime | None) -> None:
    """Raise BadRequest for a date without time zone, or one with which nobody can reckon."""
    if value is not None and value.year not in YEARS:
        raise BadRequest(f"{name} must lie between 1900 and 9000, not in the year {value.year}")
    if value is not None and value.tzinfo is None:
        raise BadRequest(
            f"{name} has no time zone; write it with an offset, such as {value.isoformat()}+00:00"
        )


def create(
    unit: Unit, dag: orm.Dag, dates: tuple[datetime, datetime, datetime], body: TriggerRun
) -> orm.DagRun:
    date, start, end = dates
    check_conf(body.conf)
    run_id = _checked_run_id(body.dag_run_id or f"{RunType.MANUAL}__{isoformat(date)}")
    if clash := queries.find_clash(unit.session, dag.id, run_id, date):
        same_id = clash.run_id == run_id
        raise RunExists(
            dag.dag_id, f"with the id {run_id!r}" if same_id else f"at {isoformat(date)}"
        )
    values = {
        "dag_id": dag.id,
        "dag_version_id": dag.version_id,
        "run_id": run_id,
        "execution_date": date,
        "data_interval_start": start,
        "data_interval_end": end,
        "run_type": RunType.MANUAL,
        "external_trigger": True,
        "conf": body.conf,
        "note": checked_text("note", body.note),
        "triggered_by": unit.actor.name,
        "queued_at": unit.now,
    }
    try:
        with unit.session.begin_nested():
            return run_moves.add(unit.session, values)
    except IntegrityError as exc:  # PostgreSQL and MySQL let two writers race up to here
        raise RunExists(dag.dag_id, f"with the id {run_id!r} or at {isoformat(date)}") from exc


def check_conf(conf: dict[str, Any]) -> None:
    """Raise BadRequest for a conf that is too large for lists of runs, or too deep."""
    level: list[Any] = [conf]
    for _ in range(MAX_CONF_DEPTH):
        level = [inner for outer in level for inner in _inside(outer)]
    if level:
        raise BadRequest(f"conf has more than {MAX_CONF_DEPTH} lists or objects, one in another")
    if len(msgspec.json.encode(conf)) > MAX_CONF_BYTES:
        raise BadRequest(
            f"conf is larger than {MAX_CONF_BYTES // 1024} KiB; put the data into a file or table "
            "and name it in conf"
        )


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _checked_run_id(run_id: str) -> str:
    if len(run_id) > MAX_RUN_ID or not run_id.isprintable():
        raise BadRequest(f"dag_run_id must be printable text of at most {MAX_RUN_ID} characters")
    if run_id in {".", ".."}:
        raise BadRequest(f"dag_run_id {run_id!r} cannot stand in a URL; choose another")
    for kind in (RunType.SCHEDULED, RunType.BACKFILL):
        if run_id.startswith(f"{kind}__"):
            raise BadRequest(f"dag_run_id may not start with '{kind}__': the scheduler uses that")
    return run_id
