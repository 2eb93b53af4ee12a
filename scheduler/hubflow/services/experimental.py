"""What the experimental API of Airflow 1.10 gives: its own shapes, mostly of strings."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import msgspec

from hubflow.clock import isoformat, parse_iso, utcnow
from hubflow.db import orm
from hubflow.db.queries import dag_counts, dag_files, dag_runs, dag_versions, dags, task_instances
from hubflow.db.queries import pools as pool_queries
from hubflow.errors import BadRequest, DagRunNotFound
from hubflow.services import dag_details, pools, shapes
from hubflow.services import dag_runs as run_service
from hubflow.services.access import Actor, Permission
from hubflow.services.dto import DagRunDto, PutPool, TriggerRun
from hubflow.services.dto.experimental import (
    CreatedRunDto,
    ExperimentalRun,
    LatestRunDto,
    LatestRunsDto,
    OldPoolDto,
    OldRunDto,
    PostOldPool,
    StateDto,
)
from hubflow.services.unit import Backend, reading
from hubflow.states import RunState, meant_by

MOST_RUNS = 1000


def trigger(backend: Backend, actor: Actor, dag_id: str, body: ExperimentalRun) -> CreatedRunDto:
    """Start a run, by default now without microseconds. Raises as `dag_runs.trigger` does."""
    date = utcnow() if body.execution_date is None else _date(body.execution_date)
    cut = (
        body.execution_date is None
        if body.replace_microseconds is None
        else (body.replace_microseconds)
    )
    order = TriggerRun(
        dag_run_id=body.run_id,
        logical_date=date.replace(microsecond=0) if cut else date,
        conf=_conf(body.conf),
    )
    made = run_service.trigger(backend, actor, dag_id, order)
    at = isoformat(made.execution_date)
    text = f"<DagRun {dag_id} @ {at}: {made.dag_run_id}, externally triggered: True>"
    return CreatedRunDto(message=f"Created {text}", execution_date=at, run_id=made.dag_run_id)


def list_runs(
    backend: Backend, actor: Actor, dag_id: str, state: str | None, url: str
) -> list[OldRunDto]:
    """Return up to 1,000 runs of a DAG, oldest first. Raises DagNotFound, BadRequest."""
    if state is not None and state not in set(RunState):
        raise BadRequest(f"no run is ever {state!r}; states are {', '.join(RunState)}")
    with reading(backend, actor, Permission.DAGS_READ) as session:
        rows, _ = dag_runs.list_page(
            session,
            dag_key=dags.get(session, dag_id).id,
            states=meant_by(RunState(state)) if state else [],
            order_by="id",
            limit=MOST_RUNS,
            offset=0,
        )
        return [_run(row.run, dag_id, url) for row in rows]


def run_state(backend: Backend, actor: Actor, dag_id: str, date: str) -> StateDto:
    """Return the state of the run at a date. Raises DagNotFound, DagRunNotFound, BadRequest."""
    return StateDto(state=_run_at(backend, actor, dag_id, date).state)


def task_instance(
    backend: Backend, actor: Actor, dag_id: str, date: str, task_id: str
) -> dict[str, str]:
    """Return the fields of a task instance as text. Raises as `run_state`, and TaskNotFound."""
    run_id = _run_at(backend, actor, dag_id, date).dag_run_id
    with reading(backend, actor, Permission.DAGS_READ) as session:
        row = dag_runs.get(session, dag_id, run_id)
        instance = task_instances.get(session, row.run, dag_id, task_id)
        names = backend.versions.task_names(session, [row.run.dag_version_id])
        return _texts(shapes.task_instance(instance, row, names))


def task(backend: Backend, actor: Actor, dag_id: str, task_id: str) -> dict[str, str]:
    """Return the fields of a task as text. Raises DagNotFound, TaskNotFound."""
    return _texts(dag_details.get_task(backend, actor, dag_id, task_id))


def code(backend: Backend, actor: Actor, dag_id: str) -> str:
    """Return the text of a DAG's file. Raises DagNotFound."""
    with reading(backend, actor, Permission.DAGS_READ) as session:
        dag = dags.get(session, dag_id)
        file = dag_files.get(session, dag.dag_file_id)
        return dag_versions.source_text(session, file.source_id)


def latest_runs(backend: Backend, actor: Actor, url: str) -> LatestRunsDto:
    """Return the newest run of each active DAG."""
    with reading(backend, actor, Permission.DAGS_READ) as session:
        rows = dag_counts.latest_runs(session)
        return LatestRunsDto(
            items=[
                LatestRunDto(
                    dag_id=dag_id,
                    execution_date=isoformat(run.execution_date),
                    start_date=_text(run.start_date),
                    dag_run_url=_url(url, dag_id, run),
                )
                for run, dag_id in rows
            ]
        )


def list_pools(backend: Backend, actor: Actor) -> list[OldPoolDto]:
    """Return all pools."""
    with reading(backend, actor, Permission.POOLS_READ) as session:
        rows, _ = pool_queries.list_page(
            session, pattern="", order_by="name", limit=MOST_RUNS, offset=0
        )
        return [_pool(row) for row in rows]


def get_pool(backend: Backend, actor: Actor, name: str) -> OldPoolDto:
    """Return one pool. Raises PoolNotFound."""
    with reading(backend, actor, Permission.POOLS_READ) as session:
        return _pool(pool_queries.get(session, name))


def put_pool(backend: Backend, actor: Actor, body: PostOldPool) -> OldPoolDto:
    """Add a pool, or change the one of this name. Raises BadRequest."""
    pools.put(
        backend,
        actor,
        PutPool(name=body.name, slots=body.slots, description=body.description or None),
    )
    return get_pool(backend, actor, body.name)


def delete_pool(backend: Backend, actor: Actor, name: str) -> OldPoolDto:
    """Remove a pool and return what it was. Raises PoolNotFound, BadRequest."""
    gone = get_pool(backend, actor, name)
    pools.delete(backend, actor, name)
    return gone


def _run_at(backend: Backend, actor: Actor, dag_id: str, date: str) -> DagRunDto:
    at = _date(date)
    with reading(backend, actor, Permission.DAGS_READ) as session:
        dags.get(session, dag_id)
        row = dag_runs.find_at(session, dag_id, at)
        if row is None:
            raise DagRunNotFound(dag_id, isoformat(at))
        return shapes.dag_run(row)


def _date(text: str) -> datetime:
    try:
        return parse_iso(text)
    except ValueError as exc:
        raise BadRequest(f"{text!r} is no date, such as 2026-11-22T06:00:00+00:00") from exc


def _conf(given: dict[str, Any] | str | None) -> dict[str, Any]:
    if not isinstance(given, str):
        return given or {}
    try:
        value = json.loads(given)
    except ValueError as exc:
        raise BadRequest(f"conf is text, but no JSON: {exc}") from exc
    if not isinstance(value, dict):
        raise BadRequest("conf must be a JSON object")
    return value


def _run(run: orm.DagRun, dag_id: str, url: str) -> OldRunDto:
    return OldRunDto(
        id=run.id,
        run_id=run.run_id,
        state=run.state.value,
        dag_id=dag_id,
        execution_date=isoformat(run.execution_date),
        start_date=_text(run.start_date),
        dag_run_url=_url(url, dag_id, run),
    )


def _url(url: str, dag_id: str, run: orm.DagRun) -> str:
    return f"{url}/{dag_id}/dagRuns/{run.run_id}"


def _pool(row: orm.Pool) -> OldPoolDto:
    return OldPoolDto(id=row.id, pool=row.name, slots=row.slots, description=row.description or "")


def _text(date: datetime | None) -> str:
    return "" if date is None else isoformat(date)


def _texts(shape: msgspec.Struct) -> dict[str, str]:
    return {name: str(value) for name, value in msgspec.to_builtins(shape).items()}
