"""Read models: what one view shows, in a fixed number of SELECTs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from hubflow.clock import utcnow
from hubflow.db import orm
from hubflow.db.queries import (
    dag_files,
    dag_runs,
    dag_versions,
    dags,
    import_failures,
    task_instances,
    xcoms,
)
from hubflow.db.queries.dag_runs import RunRow
from hubflow.db.queries.dags import DagFilter, DagRow
from hubflow.serialization.model import SerializedDag
from hubflow.services import schedules, shapes
from hubflow.services.access import Actor, Permission
from hubflow.services.dto import (
    DagRowDto,
    DagRowsDto,
    EdgeLabelDto,
    GridDto,
    GridRunDto,
    ParamDto,
    SourceDto,
    StartedRunDto,
    StructureDto,
    TaskGroupDto,
    TaskPanelDto,
    XComItemDto,
)
from hubflow.services.progress import InstanceKey
from hubflow.services.unit import Backend, reading
from hubflow.states import RunType, TaskState

RECENT_RUNS = 14
NEW_FOR = timedelta(days=1)


def dag_rows(
    backend: Backend, actor: Actor, narrowed: DagFilter, limit: int, after: str
) -> DagRowsDto:
    """Return a page of the DAG list, by id, starting past the DAG ``after``.

    A list without paused DAGs has the new ones in it, or nobody would find what they just saved,
    and those that run although they are off.
    """
    if narrowed.paused is False:
        narrowed = narrowed._replace(new_since=utcnow() - NEW_FOR)
    with reading(backend, actor, Permission.DAGS_READ) as session:
        rows = dags.list_page(session, narrowed, limit=limit + 1, after=after)
        counts = dags.count(session, narrowed)
        shown = _dag_rows(backend, session, rows[:limit])
    return DagRowsDto(
        dags=shown,
        next_page=shown[-1].dag_id if len(rows) > limit else None,
        total_entries=counts.new if narrowed.only_new else counts.shown(narrowed.paused),
        paused_count=counts.paused,
        hidden_count=counts.paused - counts.kept if narrowed.paused is False else 0,
        new_count=counts.new,
    )


def dag_row(backend: Backend, actor: Actor, dag_id: str) -> DagRowDto:
    """Return one line of the DAG list. Raises DagNotFound."""
    with reading(backend, actor, Permission.DAGS_READ) as session:
        return _dag_rows(backend, session, [dags.get_row(session, dag_id)])[0]


def grid(backend: Backend, actor: Actor, dag_id: str, limit: int, before: int | None) -> GridDto:
    """Return the latest runs with their tasks, oldest first. Raises DagNotFound."""
    with reading(backend, actor, Permission.DAGS_READ) as session:
        dag = dags.get(session, dag_id)
        rows = dag_runs.list_before(session, dag.id, before=before, limit=limit + 1)
        shown = rows[:limit][::-1]
        tasks = task_instances.list_cells(session, [row.run.id for row in shown])
    runs = [
        GridRunDto(
            run=shapes.run_brief(row.run, row.version),
            tasks=[shapes.task_cell(instance) for instance in tasks[row.run.id]],
        )
        for row in shown
    ]
    older = shown[0].run.id if len(rows) > limit else None
    return GridDto(dag_id=dag_id, runs=runs, before=older)


def structure(backend: Backend, actor: Actor, dag_id: str, number: int | None) -> StructureDto:
    """Return the graph of one version, by default the current. Raises DagNotFound, NotFound."""
    with reading(backend, actor, Permission.DAGS_READ) as session:
        row = dag_versions.get(session, dags.get(session, dag_id), number)
        dag = backend.versions.find(session, row.version.id) or SerializedDag(dag_id="", path="")
    return StructureDto(
        dag_id=dag_id,
        dag_display_name=shapes.dag_name(dag_id, dag),
        version=row.version.number,
        versions=row.newest,
        tasks=[shapes.structure_task(task) for task in dag.tasks],
        groups=[
            TaskGroupDto(
                group_id=group.group_id,
                parent_id=group.parent_id,
                label=group.label,
                tooltip=group.tooltip,
            )
            for group in dag.groups
        ],
        edge_labels=[
            EdgeLabelDto(upstream=upstream, downstream=downstream, text=text)
            for upstream, downstream, text in dag.edge_labels
        ],
        params=[
            ParamDto(name=name, value=value, schema=dag.param_schemas.get(name, {}))
            for name, value in dag.params.items()
        ],
        doc_md=dag.doc_md,
        orientation=dag.orientation,
        created_at=row.version.created_at,
    )


def source(backend: Backend, actor: Actor, dag_id: str, number: int | None) -> SourceDto:
    """Return the code of one version; by default that of the file as it is now, broken or not.

    Raises DagNotFound, NotFound.
    """
    with reading(backend, actor, Permission.DAGS_READ) as session:
        dag_row = dags.get_row(session, dag_id)
        version = dag_versions.get(session, dag_row.dag, number).version
        failure = import_failures.find_for_file(session, dag_row.dag.dag_file_id)
        source_id: int | None = version.source_id
        if number is None:
            # A comment makes no new version, but it is in the file; a deleted file has no text.
            file = dag_files.get(session, dag_row.dag.dag_file_id)
            source_id = file.source_id or version.source_id
        return SourceDto(
            dag_id=dag_id,
            path=dag_row.path,
            version=version.number,
            text=dag_versions.source_text(session, source_id),
            error=shapes.import_error(failure) if failure else None,
        )


def task_panel(
    backend: Backend,
    actor: Actor,
    dag_id: str,
    run_id: str,
    task_id: str,
    map_index: int | None = None,
) -> TaskPanelDto:
    """Return a task instance with its tries and XComs.

    Of a mapped task, without ``map_index`` the first that failed, else the first. Raises
    DagRunNotFound, TaskNotFound, InstanceNotFound.
    """
    with reading(backend, actor, Permission.DAGS_READ) as session:
        row = dag_runs.get(session, dag_id, run_id)
        mapped = task_instances.list_mapped(session, row.run, task_id)
        if map_index is None:
            map_index = min(mapped.indexes.get(TaskState.FAILED, ()), default=None)
        instance = task_instances.get(session, row.run, dag_id, task_id, map_index)
        version = backend.versions.find(session, row.run.dag_version_id)
        task = version and version.find_task(task_id)
        tries = task_instances.list_tries(session, instance)
        values = xcoms.list_of(session, instance)
        started = dag_runs.find_started(session, instance)
    return TaskPanelDto(
        dag_id=dag_id,
        dag_display_name=shapes.dag_name(dag_id, version),
        run=shapes.run_brief(row.run, row.version),
        task=shapes.task_spec(task) if task else None,
        cell=shapes.task_cell(instance),
        instances={state.value: indexes for state, indexes in mapped.indexes.items()},
        instance_names=mapped.names,
        due_at=_due_at(row.run),
        tries=[shapes.task_try(tried) for tried in tries],
        xcoms=[_xcom(value) for value in values],
        progress=backend.progress.find(InstanceKey(dag_id, run_id, task_id, instance.map_index)),
        started_run=started and StartedRunDto(**started._asdict()),
    )


def _xcom(value: orm.XCom) -> XComItemDto:
    return XComItemDto(
        key=value.key, text=value.text, at=value.at, visible_from=xcoms.own_date(value)
    )


def _due_at(run: orm.DagRun) -> datetime:
    # One that is caught up was made long after its interval: until then nobody waited.
    is_scheduled = run.run_type is RunType.SCHEDULED
    return max(run.data_interval_end, run.queued_at) if is_scheduled else run.queued_at


def _dag_rows(backend: Backend, session: Session, rows: Sequence[DagRow]) -> list[DagRowDto]:
    recent = dag_runs.list_recent(session, [row.dag.id for row in rows], RECENT_RUNS)
    versions = backend.versions.get_many(session, [row.dag.version_id for row in rows])
    return [
        _dag_row(backend, row, versions.get(row.dag.version_id or 0), recent[row.dag.id])
        for row in rows
    ]


def _dag_row(
    backend: Backend, row: DagRow, version: SerializedDag | None, recent: Sequence[RunRow]
) -> DagRowDto:
    dag = row.dag
    active = {found.run.run_id for found in recent if found.run.end_date is None}
    return DagRowDto(
        dag_id=dag.dag_id,
        dag_display_name=shapes.dag_name(dag.dag_id, version),
        kind=dag.kind,
        description=dag.description,
        owners=shapes.owners(dag),
        tags=list(dag.tags or ()),
        path=row.path,
        is_paused=dag.is_paused,
        is_new=_is_new(dag),
        is_active=dag.is_active,
        schedule_text=dag.schedule_text,
        schedule_reading=schedules.reading_of(version),
        timezone=dag.timezone,
        next_execution_date=dag.next_execution_date,
        next_due_at=dag.next_due_at,
        max_active_runs=dag.max_active_runs,
        version=row.version,
        has_import_error=row.has_import_error,
        recent_runs=[shapes.run_brief(found.run, found.version) for found in recent],
        progress=backend.progress.find_in_runs(dag.dag_id, active) if active else None,
        warnings=list(version.warnings) if version else [],
        created_at=dag.created_at,
    )


def _is_new(dag: orm.Dag) -> bool:
    return dag.is_paused and dag.last_run_id is None and utcnow() - dag.created_at < NEW_FOR
