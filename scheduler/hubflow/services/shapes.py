"""From database rows to the structs of the wire. Pure; one function for each struct."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from hubflow.db import orm
from hubflow.db.queries import briefs
from hubflow.db.queries.dag_runs import RunRow
from hubflow.db.queries.dags import DagRow
from hubflow.db.queries.import_failures import FailureRow
from hubflow.serialization.model import Schedule, SerializedDag, SerializedTask
from hubflow.services.dto import (
    DagDto,
    DagRunDto,
    ImportErrorDto,
    ScheduleIntervalDto,
    StructureTaskDto,
    TagDto,
    TaskInstanceDto,
    TaskSpecDto,
    TryDto,
)
from hubflow.services.versions import TaskNames
from hubflow.states import TaskState

run_brief, task_cell = briefs.run_brief, briefs.task_cell


def dag(row: DagRow, version: SerializedDag | None) -> DagDto:
    return DagDto(
        dag_id=row.dag.dag_id,
        dag_display_name=dag_name(row.dag.dag_id, version),
        is_paused=row.dag.is_paused,
        is_active=row.dag.is_active,
        last_parsed_time=row.parsed_at,
        file_token=str(row.dag.dag_file_id),
        fileloc=row.path,
        owners=owners(row.dag),
        description=row.dag.description,
        schedule_interval=schedule_interval(version.schedule) if version else None,
        timetable_description=row.dag.schedule_text,
        tags=[TagDto(name=name) for name in row.dag.tags or ()],
        max_active_tasks=version.concurrency if version else 16,
        max_active_runs=row.dag.max_active_runs,
        has_import_errors=row.has_import_error,
        next_dagrun=row.dag.next_execution_date,
        next_dagrun_data_interval_start=row.dag.next_execution_date,
        next_dagrun_data_interval_end=row.dag.next_due_at,
        has_task_concurrency_limits=version is not None and any(map(_is_limited, version.tasks)),
        next_dagrun_create_after=row.dag.next_due_at,
        default_view=version.default_view if version else "grid",
    )


def dag_name(dag_id: str, version: SerializedDag | None) -> str:
    """Return what people read as the name of a DAG."""
    return (version and version.display_name) or dag_id


def task_name(task: SerializedTask) -> str:
    """Return what people read as the name of a task."""
    return task.display_name or task.task_id


def _is_limited(task: SerializedTask) -> bool:
    return task.task_concurrency is not None or task.max_active_tis_per_dagrun is not None


def owners(found: orm.Dag) -> list[str]:
    return [name for part in found.owners.split(",") if (name := part.strip())]


def schedule_interval(schedule: Schedule) -> ScheduleIntervalDto | None:
    if schedule.kind == "delta" and schedule.delta_s is not None and not schedule.months:
        delta = timedelta(seconds=schedule.delta_s)
        return ScheduleIntervalDto(
            type="TimeDelta",
            days=delta.days,
            seconds=delta.seconds,
            microseconds=delta.microseconds,
        )
    if schedule.kind == "none":
        return None
    return ScheduleIntervalDto(type="CronExpression", value=schedule.text or schedule.cron)


def dag_run(row: RunRow) -> DagRunDto:
    run = row.run
    return DagRunDto(
        dag_run_id=run.run_id,
        dag_id=row.dag_id,
        logical_date=run.execution_date,
        execution_date=run.execution_date,
        start_date=run.start_date,
        end_date=run.end_date,
        data_interval_start=run.data_interval_start,
        data_interval_end=run.data_interval_end,
        run_type=run.run_type.value,
        state=run.state.value,
        external_trigger=run.external_trigger,
        conf=run.conf or {},
        note=run.note,
        dag_version=row.version,
    )


def task_instance(
    instance: orm.TaskInstance,
    row: RunRow,
    names: TaskNames,
    rendered: Mapping[str, Any] | None = None,
) -> TaskInstanceDto:
    return TaskInstanceDto(
        task_id=instance.task_id,
        task_display_name=names.get((row.run.dag_version_id, instance.task_id), instance.task_id),
        dag_id=row.dag_id,
        dag_run_id=row.run.run_id,
        execution_date=row.run.execution_date,
        start_date=instance.start_date,
        end_date=instance.end_date,
        duration=seconds_between(instance.start_date, instance.end_date),
        state=None if instance.state is TaskState.NONE else instance.state.value,
        try_number=instance.try_number,
        # Airflow counts the tries after the first here.
        max_tries=max(0, instance.max_tries - 1),
        map_index=instance.map_index,
        hostname=instance.hostname or "",
        unixname="",
        pool=instance.pool,
        pool_slots=instance.pool_slots,
        queue=instance.queue,
        priority_weight=instance.priority_weight,
        operator=instance.operator,
        queued_when=instance.queued_at,
        pid=instance.pid,
        note=instance.note,
        rendered_fields=dict(rendered or {}),
        rendered_map_index=instance.display_name,
    )


def tried_instance(
    instance: orm.TaskInstance, row: RunRow, names: TaskNames, tried: orm.TaskTry
) -> TaskInstanceDto:
    """Describe a task instance as it was in one of its tries."""
    return msgspec.structs.replace(
        task_instance(instance, row, names),
        state=tried.state.value,
        try_number=tried.try_number,
        queued_when=tried.queued_at,
        start_date=tried.start_date,
        end_date=tried.end_date,
        duration=seconds_between(tried.start_date, tried.end_date),
        hostname=tried.hostname or "",
        pid=tried.pid,
    )


def seconds_between(start: datetime | None, end: datetime | None) -> float | None:
    return (end - start).total_seconds() if start and end else None


def task_try(tried: orm.TaskTry) -> TryDto:
    return TryDto(
        try_number=tried.try_number,
        state=tried.state.value,
        ready_at=tried.ready_at,
        queued_at=tried.queued_at,
        start_date=tried.start_date,
        code_at=tried.code_at,
        end_date=tried.end_date,
        hostname=tried.hostname,
        pid=tried.pid,
        exit_code=tried.exit_code,
        error=tried.error,
        error_detail=tried.error_detail,
        artifacts=sorted(tried.artifacts or {}),
    )


def structure_task(task: SerializedTask) -> StructureTaskDto:
    notebook: dict[str, Any] | None = None
    if task.notebook is not None:
        notebook = msgspec.to_builtins(task.notebook)
    return StructureTaskDto(
        task_id=task.task_id,
        task_display_name=task_name(task),
        operator=task.operator,
        description=task.description,
        downstream=list(task.downstream),
        group_id=task.group_id,
        is_setup=task.is_setup,
        is_teardown=task.is_teardown,
        is_mapped=task.mapped is not None,
        run_dag_id=_run_dag_id(task),
        trigger_rule=task.trigger_rule,
        retries=task.retries,
        ui_color=task.ui_color,
        fields=task.fields,
        notebook=notebook,
    )


def _run_dag_id(task: SerializedTask) -> str | None:
    found = task.run_dag_id or task.fields.get("trigger_dag_id")
    return None if found is None or "{{" in found or "{%" in found else found


def task_spec(task: SerializedTask) -> TaskSpecDto:
    return TaskSpecDto(
        **msgspec.structs.asdict(structure_task(task)),
        owner=task.owner,
        pool=task.pool,
        pool_slots=task.pool_slots,
        queue=task.queue,
        priority_weight=task.priority_weight,
        retry_delay_s=task.retry_delay_s,
        execution_timeout_s=task.execution_timeout_s,
        resources=task.resources,
        doc=task.doc,
    )


def import_error(row: FailureRow) -> ImportErrorDto:
    return ImportErrorDto(
        import_error_id=row.failure.id,
        timestamp=row.failure.at,
        filename=row.path,
        stack_trace=row.failure.stacktrace,
        message=row.failure.message,
        line=row.failure.line,
    )
