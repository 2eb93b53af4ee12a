"""Runs that tasks start: `questions.TriggerRun`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hubflow.clock import isoformat
from hubflow.db import orm
from hubflow.db.queries import briefs, dags, task_moves
from hubflow.db.queries import dag_runs as queries
from hubflow.errors import BadRequest, RunExists
from hubflow.events import RunChanged, StarterDto
from hubflow.execution.messages import TryKey
from hubflow.questions import TriggerRun
from hubflow.services import clearing, dag_runs, run_params
from hubflow.services.access import Actor, Permission
from hubflow.services.dto import TriggerRun as Body
from hubflow.services.unit import Backend, Unit, changing

JOIN, KEEP, RESET, FAIL = "join", "keep", "reset", "fail"


class _Asker(NamedTuple):
    """The task instance that asks, with its run and what it is called in audit logs."""

    instance: orm.TaskInstance
    run: orm.DagRun
    dag_id: str
    name: str
    origin: str
    """Its try: no other one ever has that text."""


def trigger(backend: Backend, key: TryKey, question: TriggerRun) -> dict[str, Any]:
    """Create a run for a task, or find the one that is there.

    Raises DagNotFound, RunExists, BadRequest, StaleState.
    """
    try:
        return _trigger(backend, key, question)
    except RunExists as exc:
        if not isinstance(exc.__cause__, IntegrityError):
            raise
        # Two looked, and saw no run, before one of them made it: now it is there to be found.
        return _trigger(backend, key, question)


def _trigger(backend: Backend, key: TryKey, question: TriggerRun) -> dict[str, Any]:
    with backend.database.read() as session:
        name = _asker(session, key).name
    actor = Actor(name, frozenset({Permission.RUNS_TRIGGER}))
    with changing(backend, actor, Permission.RUNS_TRIGGER, "trigger", question.dag_id) as unit:
        task_moves.require_current(unit.session, key.task_instance_id, key.try_number)
        asker = _asker(unit.session, key)
        row = dags.get_row(unit.session, question.dag_id)
        if not row.dag.is_active:
            raise BadRequest(
                f"the file of the DAG {question.dag_id!r} is gone, so no run of it can start"
            )
        run, created = _find_or_create(backend, unit, asker, row.dag, question)
        if question.waits:
            _refuse_circle(unit.session, asker, run, question.dag_id)
            run.parent_id = asker.instance.id
            unit.session.flush()
        unit.note(execution_date=run.execution_date, extra={"run_id": run.run_id})
        return {
            "id": run.id,
            "run_id": run.run_id,
            "execution_date": run.execution_date,
            "state": str(run.state),
            "is_paused": row.dag.is_paused,
            "created": created,
        }


def _refuse_circle(session: Session, asker: _Asker, run: orm.DagRun, dag_id: str) -> None:
    """Raise BadRequest if a run waits, itself or by others, for the task that would wait for it."""
    waiting: orm.DagRun | None = asker.run
    while waiting is not None:
        if waiting.id == run.id:
            raise BadRequest(
                f"{asker.name} would wait for ever: the run {run.run_id!r} of {dag_id!r} waits for "
                "it already; take one of the two out of the circle"
            )
        parent = waiting.parent_id and session.get(orm.TaskInstance, waiting.parent_id)
        waiting = session.get(orm.DagRun, parent.dag_run_id) if parent else None


def _asker(session: Session, key: TryKey) -> _Asker:
    instance = session.get_one(orm.TaskInstance, key.task_instance_id)
    run = session.get_one(orm.DagRun, instance.dag_run_id)
    dag = session.get_one(orm.Dag, run.dag_id)
    index = f"[{instance.map_index}]" if instance.map_index >= 0 else ""
    name = f"task {dag.dag_id}.{instance.task_id}{index}"
    return _Asker(instance, run, dag.dag_id, name, f"{instance.id}/{key.try_number}")


def _find_or_create(
    backend: Backend, unit: Unit, asker: _Asker, dag: orm.Dag, question: TriggerRun
) -> tuple[orm.DagRun, bool]:
    date = question.execution_date or unit.now
    run_id = question.run_id or f"manual__{isoformat(date)}"
    there = queries.find_clash(unit.session, dag.id, run_id, date)
    if there is None:
        return _create(backend, unit, asker, dag, question, run_id, date), True
    if there.origin == asker.origin:
        return there, True  # it asks again after a lost connection
    if question.if_exists in (JOIN, KEEP):
        return there, False
    if question.if_exists == RESET:
        _start_anew(backend, unit, there, question)
        _sign(there, asker, question)
        return there, True
    same_id = there.run_id == run_id
    raise RunExists(dag.dag_id, f"with the id {run_id!r}" if same_id else f"at {isoformat(date)}")


def _create(
    backend: Backend,
    unit: Unit,
    asker: _Asker,
    dag: orm.Dag,
    question: TriggerRun,
    run_id: str,
    date: datetime,
) -> orm.DagRun:
    joins = question.if_exists == JOIN
    version = backend.versions.find(unit.session, dag.version_id)
    body = Body(dag_run_id=run_id, logical_date=date, conf=_conf(question))
    run_params.check(version, body.conf)
    dates = dag_runs.dates_of(body, unit.now, None if joins else version)
    if joins and date == asker.run.execution_date:
        dates = (date, asker.run.data_interval_start, asker.run.data_interval_end)
    run = dag_runs.create(unit, dag, dates, body)
    _sign(run, asker, question)
    brief = briefs.run_brief(run, dags.get_row(unit.session, dag.dag_id).version)
    unit.emit("run", dag.dag_id, RunChanged(dag_id=dag.dag_id, run=brief, tasks=[]))
    return run


def _sign(run: orm.DagRun, asker: _Asker, question: TriggerRun) -> None:
    """Write down which try started a run, and its task instance for people to find."""
    run.origin = asker.origin
    run.starter = msgspec.to_builtins(
        StarterDto(
            dag_id=asker.dag_id,
            run_id=asker.run.run_id,
            task_id=asker.instance.task_id,
            map_index=asker.instance.map_index,
            leads=question.leads,
        )
    )


def _start_anew(backend: Backend, unit: Unit, run: orm.DagRun, question: TriggerRun) -> None:
    """Clear a run, with the runs that it started, and give it the conf of this question."""
    run.conf = _conf(question)
    clearing.restart_run(backend, unit, run)


def _conf(question: TriggerRun) -> dict[str, Any]:
    """Return the conf of a question; raises BadRequest for what no run can have."""
    try:
        conf = msgspec.json.decode(question.conf, type=dict[str, Any])
    except msgspec.DecodeError as exc:
        raise BadRequest(f"the conf of a run is a dict whose keys are text: {exc}") from exc
    dag_runs.check_conf(conf)
    return conf
