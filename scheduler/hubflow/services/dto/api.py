"""The nouns of the Airflow 2 stable REST API v1, so that its clients work."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from hubflow.events import Dto


class TagDto(Dto, frozen=True, kw_only=True):
    name: str


class ScheduleIntervalDto(Dto, frozen=True, kw_only=True):
    """`type` is "CronExpression" or "TimeDelta", on the wire as `__type`."""

    type: str = msgspec.field(name="__type")
    value: str | None = None
    days: int | None = None
    seconds: int | None = None
    microseconds: int | None = None


class DagDto(Dto, frozen=True, kw_only=True):
    dag_id: str
    dag_display_name: str
    root_dag_id: str | None = None
    is_paused: bool
    is_active: bool
    is_subdag: bool = False
    last_parsed_time: datetime | None
    file_token: str
    fileloc: str
    owners: list[str]
    description: str | None
    schedule_interval: ScheduleIntervalDto | None
    timetable_description: str | None
    tags: list[TagDto]
    max_active_tasks: int
    max_active_runs: int
    has_import_errors: bool
    next_dagrun: datetime | None
    next_dagrun_data_interval_start: datetime | None
    next_dagrun_data_interval_end: datetime | None
    next_dagrun_create_after: datetime | None
    has_task_concurrency_limits: bool
    last_pickled: datetime | None = None
    last_expired: datetime | None = None
    pickle_id: str | None = None
    scheduler_lock: bool | None = None
    default_view: str


class DagsDto(Dto, frozen=True, kw_only=True):
    dags: list[DagDto]
    total_entries: int


class TimeDeltaDto(Dto, frozen=True, kw_only=True):
    type: str = msgspec.field(name="__type", default="TimeDelta")
    days: int
    seconds: int
    microseconds: int


class DagDetailDto(DagDto, frozen=True, kw_only=True):
    """A DAG with what is known only of its current version."""

    timezone: str
    catchup: bool
    orientation: str
    concurrency: int
    start_date: datetime | None
    end_date: datetime | None
    dag_run_timeout: TimeDeltaDto | None
    doc_md: str | None
    owner_links: dict[str, str]
    """Owner -> where the name leads, on the web or by mail."""
    params: dict[str, Any]
    is_paused_upon_creation: bool | None
    last_parsed: datetime | None


class DagRunDto(Dto, frozen=True, kw_only=True):
    dag_run_id: str
    dag_id: str
    logical_date: datetime
    execution_date: datetime
    start_date: datetime | None
    end_date: datetime | None
    data_interval_start: datetime
    data_interval_end: datetime
    last_scheduling_decision: datetime | None = None
    run_type: str
    state: str
    external_trigger: bool
    conf: dict[str, Any]
    note: str | None
    dag_version: int | None = None
    """Number of the version of the DAG that the run is of; null until it starts."""


class DagRunsDto(Dto, frozen=True, kw_only=True):
    dag_runs: list[DagRunDto]
    total_entries: int


class TaskInstanceDto(Dto, frozen=True, kw_only=True):
    task_id: str
    task_display_name: str
    dag_id: str
    dag_run_id: str
    execution_date: datetime
    start_date: datetime | None
    end_date: datetime | None
    duration: float | None
    state: str | None
    try_number: int
    max_tries: int
    map_index: int
    hostname: str
    unixname: str
    pool: str
    pool_slots: int
    queue: str | None
    priority_weight: int | None
    operator: str | None
    queued_when: datetime | None
    pid: int | None
    executor_config: str = "{}"
    note: str | None = None
    sla_miss: None = None
    rendered_fields: dict[str, Any] = {}
    rendered_map_index: str | None = None
    trigger: None = None
    triggerer_job: None = None


class TaskInstancesDto(Dto, frozen=True, kw_only=True):
    task_instances: list[TaskInstanceDto]
    total_entries: int


class LogDto(Dto, frozen=True, kw_only=True):
    """`continuation_token` is the byte offset at which the next page starts. `is_complete` says
    that there will be none: this is the end of the log of a finished try."""

    content: str
    continuation_token: str
    is_complete: bool


class DagSourceDto(Dto, frozen=True, kw_only=True):
    content: str


class TaskDependencyDto(Dto, frozen=True, kw_only=True):
    """A condition that a task instance does not meet, under the name that Airflow gives it."""

    name: str
    reason: str


class TaskDependenciesDto(Dto, frozen=True, kw_only=True):
    """Why a task instance does not run; empty if nothing keeps it."""

    dependencies: list[TaskDependencyDto]


class XComDto(Dto, frozen=True, kw_only=True):
    key: str
    timestamp: datetime
    execution_date: datetime
    task_id: str
    dag_id: str
    map_index: int = -1


class XComsDto(Dto, frozen=True, kw_only=True):
    xcom_entries: list[XComDto]
    total_entries: int


class XComValueDto(XComDto, frozen=True, kw_only=True):
    """`value` is the JSON value as text, or as it is without `stringify`; of a pickle, its repr."""

    value: Any


class ImportErrorDto(Dto, frozen=True, kw_only=True):
    import_error_id: int
    timestamp: datetime
    filename: str
    stack_trace: str
    message: str
    line: int | None


class ImportErrorsDto(Dto, frozen=True, kw_only=True):
    import_errors: list[ImportErrorDto]
    total_entries: int


class ProcessHealthDto(Dto, frozen=True, kw_only=True):
    """`status` is "healthy", "unhealthy" (no heartbeat for 30 s) or null if it never ran."""

    status: str | None
    latest_heartbeat: datetime | None


class SchedulerHealthDto(Dto, frozen=True, kw_only=True):
    status: str | None
    latest_scheduler_heartbeat: datetime | None
    leader: str | None = None
    """`host:pid` of the scheduler that leads."""
    leading_since: datetime | None = None
    standing_by: int = 0
    """Schedulers that would take over from it."""
    version: str | None = None
    standing_by_versions: list[str] = []
    """Versions of those that stand by, other than the leader's."""


class ProcessorHealthDto(Dto, frozen=True, kw_only=True):
    status: str | None
    latest_dag_processor_heartbeat: datetime | None


class MetadatabaseHealthDto(Dto, frozen=True, kw_only=True):
    status: str


class WorkerHealthDto(Dto, frozen=True, kw_only=True):
    """`running` and `queued` count tries now. A worker of another version than the leading
    scheduler is unhealthy: it gets no new tries."""

    status: str | None
    latest_worker_heartbeat: datetime | None
    slots: int
    running: int
    queued: int
    version: str | None = None


class HealthDto(Dto, frozen=True, kw_only=True):
    metadatabase: MetadatabaseHealthDto
    scheduler: SchedulerHealthDto
    dag_processor: ProcessorHealthDto
    worker: WorkerHealthDto


class VersionDto(Dto, frozen=True, kw_only=True):
    version: str
    git_version: str | None = None


class EventLogDto(Dto, frozen=True, kw_only=True):
    """`map_index` and `try_number` are always null: the log names a task by its run."""

    event_log_id: int
    when: datetime
    dag_id: str | None
    task_id: str | None
    event: str
    run_id: str | None
    map_index: int | None = None
    try_number: int | None = None
    execution_date: datetime | None
    owner: str
    extra: str | None
    source_ip: str | None


class EventLogsDto(Dto, frozen=True, kw_only=True):
    event_logs: list[EventLogDto]
    total_entries: int


class ProblemDto(Dto, frozen=True, kw_only=True):
    """RFC 9457 problem document, the body of every error. `code` is stable."""

    type: str
    title: str
    status: int
    detail: str
    code: str
