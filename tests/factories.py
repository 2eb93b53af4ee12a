"""Keyword builders of database rows with sane defaults; each adds to the session and flushes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from hubflow.clock import isoformat
from hubflow.db import orm
from hubflow.serialization.model import NotebookSpec, Schedule, SerializedDag, SerializedTask
from hubflow.states import FINISHED, RUN_FINISHED, RunState, RunType, TaskState

EPOCH = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)


def make_source(session: Session, text: str) -> orm.Source:
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    found = session.scalar(select(orm.Source).where(orm.Source.sha256 == sha256))
    if found is None:
        found = orm.Source(sha256=sha256, text=text)
        session.add(found)
        session.flush()
    return found


def make_file(session: Session, path: str, text: str = "# a DAG file\n") -> orm.DagFile:
    file = session.scalar(select(orm.DagFile).where(orm.DagFile.path == path))
    if file is None:
        file = orm.DagFile(path=path)
        session.add(file)
    file.source_id = make_source(session, text).id
    file.parsed_at, file.parse_duration_ms = EPOCH, 12
    session.flush()
    return file


def serialized(
    dag_id: str = "etl",
    edges: Mapping[str, Sequence[str]] | None = None,
    *,
    notebook: NotebookSpec | None = None,
    **more: Any,
) -> SerializedDag:
    """Build a DAG; ``edges`` maps each task id, in topological order, to those downstream."""
    edges = edges if edges is not None else {"extract": ["load"], "load": []}
    tasks = tuple(
        SerializedTask(
            task_id=task_id,
            operator="CoutureJupyterOperator" if notebook else "BashOperator",
            downstream=tuple(downstream),
            fields={"bash_command": f"echo {task_id}"},
            notebook=notebook,
        )
        for task_id, downstream in edges.items()
    )
    values = {"path": f"{dag_id}.py", **more}
    return SerializedDag(dag_id=dag_id, tasks=tasks, **values)


def make_dag(
    session: Session,
    dag_id: str = "etl",
    *,
    definition: SerializedDag | None = None,
    text: str | None = None,
    is_paused: bool = False,
    is_active: bool = True,
    kind: str = "dag",
    **more: Any,
) -> orm.Dag:
    """Add a DAG with its file, source text and version 1."""
    definition = definition or serialized(dag_id)
    source_text = text or f"# the DAG {dag_id}\nfrom hubflow import DAG\n"
    file = make_file(session, definition.path, source_text)
    dag = orm.Dag(
        dag_id=dag_id,
        dag_file_id=file.id,
        is_active=is_active,
        is_paused=is_paused,
        display_name=definition.display_name,
        description=definition.description,
        owners=",".join(definition.owners),
        tags=list(definition.tags),
        schedule_text=definition.schedule.text,
        timezone=definition.schedule.timezone,
        kind=kind,
        max_active_runs=definition.max_active_runs,
        created_at=EPOCH,
        **more,
    )
    session.add(dag)
    session.flush()
    add_version(session, dag, definition, source_text)
    return dag


def add_version(
    session: Session, dag: orm.Dag, definition: SerializedDag, text: str
) -> orm.DagVersion:
    """Add the next version of a DAG and make it the current one."""
    data = msgspec.json.encode(definition)
    former = session.scalars(select(orm.DagVersion.number).where(orm.DagVersion.dag_id == dag.id))
    version = orm.DagVersion(
        dag_id=dag.id,
        number=max(former, default=0) + 1,
        hash=hashlib.sha256(data + text.encode()).hexdigest(),
        data=data,
        source_id=make_source(session, text).id,
        created_at=EPOCH,
    )
    session.add(version)
    session.flush()
    dag.version_id = version.id
    session.flush()
    return version


def make_run(
    session: Session,
    dag: orm.Dag,
    *,
    execution_date: datetime = EPOCH,
    state: RunState = RunState.SUCCESS,
    run_id: str | None = None,
    run_type: RunType = RunType.SCHEDULED,
    tasks: Mapping[str, TaskState] | None = None,
    seconds: float = 30.0,
    **more: Any,
) -> orm.DagRun:
    """Add a run, and task instances for ``tasks``."""
    tasks = tasks or {}
    states = [task_state.value for task_state in tasks.values()]
    start = execution_date if state is not RunState.QUEUED else None
    ended = execution_date + timedelta(seconds=seconds) if state in RUN_FINISHED else None
    values = {"queued_at": execution_date, "conf": {}, "triggered_by": None, **more}
    run = orm.DagRun(
        dag_id=dag.id,
        dag_version_id=dag.version_id,
        run_id=run_id or f"{run_type}__{isoformat(execution_date)}",
        execution_date=execution_date,
        data_interval_start=execution_date,
        data_interval_end=execution_date,
        state=state,
        run_type=run_type,
        external_trigger=run_type is RunType.MANUAL,
        start_date=start,
        end_date=ended,
        task_counts={name: states.count(name) for name in states},
        **values,
    )
    session.add(run)
    session.flush()
    for task_id, task_state in tasks.items():
        make_task_instance(session, run, task_id, state=task_state)
    newest = session.get(orm.DagRun, dag.last_run_id) if dag.last_run_id else None
    if newest is None or newest.execution_date < execution_date:
        dag.last_run_id = run.id
    session.flush()
    return run


def make_task_instance(
    session: Session,
    run: orm.DagRun,
    task_id: str,
    *,
    state: TaskState = TaskState.SUCCESS,
    seconds: float = 10.0,
    error: str | None = None,
    error_detail: dict[str, Any] | None = None,
    artifacts: dict[str, str] | None = None,
) -> orm.TaskInstance:
    """Add a task instance, and its try if it ran."""
    ran = state in {TaskState.SUCCESS, TaskState.FAILED, TaskState.RUNNING, TaskState.UP_FOR_RETRY}
    ended = state in FINISHED or state is TaskState.UP_FOR_RETRY
    start = run.execution_date if ran else None
    end = run.execution_date + timedelta(seconds=seconds) if ran and ended else None
    instance = orm.TaskInstance(
        dag_run_id=run.id,
        task_id=task_id,
        state=state,
        try_number=1 if ran else 0,
        max_tries=2 if state is TaskState.UP_FOR_RETRY else 1,
        operator="BashOperator",
        queued_at=start,
        start_date=start,
        end_date=end,
        hostname="worker-1" if ran else None,
        pid=4711 if ran else None,
    )
    session.add(instance)
    session.flush()
    if ran:
        session.add(
            orm.TaskTry(
                task_instance_id=instance.id,
                try_number=1,
                state=state,
                queued_at=start,
                start_date=start,
                end_date=end,
                hostname="worker-1",
                pid=4711,
                exit_code=None if end is None else int(state is not TaskState.SUCCESS),
                error=error,
                error_detail=error_detail,
                artifacts=artifacts,
            )
        )
        session.flush()
    return instance


def make_xcom(
    session: Session, instance: orm.TaskInstance, key: str = "return_value", value: Any = 42
) -> orm.XCom:
    """Add a JSON value."""
    xcom = orm.XCom(
        task_instance_id=instance.id,
        key=key,
        encoding="json",
        data=msgspec.json.encode(value),
        text=repr(value),
        at=EPOCH,
    )
    session.add(xcom)
    session.flush()
    return xcom


def make_failure(
    session: Session, path: str = "broken.py", *, message: str = "SyntaxError: invalid syntax"
) -> orm.ImportFailure:
    """Add a DAG file that cannot be imported."""
    file = make_file(session, path, "this is no Python\n")
    failure = orm.ImportFailure(
        dag_file_id=file.id,
        message=message,
        stacktrace=f'  File "{path}", line 1\n{message}',
        line=1,
        at=EPOCH,
    )
    session.add(failure)
    session.flush()
    return failure


def cron(text: str, timezone: str = "UTC") -> Schedule:
    return Schedule(kind="cron", cron=text, text=text, timezone=timezone)
