"""What services return and the API sends: frozen structs, JSON-ready, snake_case on the wire.

Times are ISO 8601 with offset (UTC); durations are seconds. The first part follows the Airflow 2
stable REST API v1, so that its clients work; the second part is hubflow's own read models, one
for each view, under `api/v1/views/`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from hubflow.events import (
    DagChanged,
    Dto,
    ImportChanged,
    ProgressDto,
    RunBriefDto,
    RunChanged,
    TaskCellDto,
)

__all__ = [
    "DagChanged",
    "Dto",
    "ImportChanged",
    "ProgressDto",
    "RunBriefDto",
    "RunChanged",
    "TaskCellDto",
]

# ---- Airflow 2 stable API v1 ----------------------------------------------------------------


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
    next_dagrun_create_after: datetime | None
    default_view: str


class DagsDto(Dto, frozen=True, kw_only=True):
    dags: list[DagDto]
    total_entries: int


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
    """`continuation_token` is the byte offset at which the next page starts, or null at the end
    of the log of a finished try."""

    content: str
    continuation_token: str | None


class DagSourceDto(Dto, frozen=True, kw_only=True):
    content: str


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
    """`value` is the JSON value as text, or the repr of a pickled value."""

    value: str | None


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


class ProcessorHealthDto(Dto, frozen=True, kw_only=True):
    status: str | None
    latest_dag_processor_heartbeat: datetime | None


class MetadatabaseHealthDto(Dto, frozen=True, kw_only=True):
    status: str


class WorkerHealthDto(Dto, frozen=True, kw_only=True):
    """`running` and `queued` count tries now."""

    status: str | None
    latest_worker_heartbeat: datetime | None
    slots: int
    running: int
    queued: int


class HealthDto(Dto, frozen=True, kw_only=True):
    metadatabase: MetadatabaseHealthDto
    scheduler: SchedulerHealthDto
    dag_processor: ProcessorHealthDto
    worker: WorkerHealthDto


class VersionDto(Dto, frozen=True, kw_only=True):
    version: str
    git_version: str | None = None


class EventLogDto(Dto, frozen=True, kw_only=True):
    event_log_id: int
    when: datetime
    dag_id: str | None
    task_id: str | None
    event: str
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


# ---- hubflow's own: views --------------------------------------------------------------------


class MeDto(Dto, frozen=True, kw_only=True):
    """The caller. `permissions` are names from `services.access.Permission`."""

    name: str
    display_name: str
    permissions: list[str]
    hub_prefix: str | None
    """URL prefix of the caller's hub (`/hub/`), or null without a hub."""


class DagRowDto(Dto, frozen=True, kw_only=True):
    """A line of the DAG list. `recent_runs` are the last 14 runs, oldest first."""

    dag_id: str
    kind: str
    description: str | None
    owners: list[str]
    tags: list[str]
    path: str
    is_paused: bool
    is_active: bool
    schedule_text: str | None
    schedule_reading: str
    """The schedule in plain words: "Every day at 06:00", "Only when triggered"."""
    timezone: str
    next_execution_date: datetime | None
    next_due_at: datetime | None
    max_active_runs: int
    version: int | None
    has_import_error: bool
    recent_runs: list[RunBriefDto]
    progress: ProgressDto | None
    warnings: list[str]
    created_at: datetime


class DagRowsDto(Dto, frozen=True, kw_only=True):
    """`next_page` goes into `page` of the next request; null on the last page.

    `paused_count` counts the paused DAGs that the same filter would show."""

    dags: list[DagRowDto]
    next_page: str | None
    total_entries: int
    paused_count: int


class AttentionItemDto(Dto, frozen=True, kw_only=True):
    """Something that needs a person. `kind` is "failed_run" or "import_error"."""

    kind: str
    title: str
    detail: str
    dag_id: str | None = None
    run_id: str | None = None
    task_id: str | None = None
    path: str | None = None
    line: int | None = None
    at: datetime


class AttentionDto(Dto, frozen=True, kw_only=True):
    """DAGs whose newest finished run failed, and broken files; newest first, at most 100."""

    items: list[AttentionItemDto]


class StructureTaskDto(Dto, frozen=True, kw_only=True):
    task_id: str
    operator: str
    description: str | None
    downstream: list[str]
    trigger_rule: str
    retries: int
    ui_color: str
    fields: dict[str, str]
    notebook: dict[str, Any] | None


class StructureDto(Dto, frozen=True, kw_only=True):
    """The graph of one version, tasks in topological order."""

    dag_id: str
    version: int
    versions: int
    """The newest version number."""
    tasks: list[StructureTaskDto]
    doc_md: str | None
    orientation: str
    created_at: datetime


class GridRunDto(Dto, frozen=True, kw_only=True):
    run: RunBriefDto
    tasks: list[TaskCellDto]


class GridDto(Dto, frozen=True, kw_only=True):
    """Runs oldest first. `before` of the next request is the smallest run id here; null when
    there are no older runs."""

    dag_id: str
    runs: list[GridRunDto]
    before: int | None


class TryDto(Dto, frozen=True, kw_only=True):
    """`error_detail` of a notebook: {"kind": "cell"|"dead-kernel"|"timeout", "cell": k (from 1),
    "total": n, "ename", "evalue"}. `artifacts` maps "notebook" to true when there is one."""

    try_number: int
    state: str
    queued_at: datetime | None
    start_date: datetime | None
    end_date: datetime | None
    hostname: str | None
    pid: int | None
    exit_code: int | None
    error: str | None
    error_detail: dict[str, Any] | None
    artifacts: list[str]


class XComItemDto(Dto, frozen=True, kw_only=True):
    key: str
    text: str
    at: datetime


class TaskPanelDto(Dto, frozen=True, kw_only=True):
    """Everything the task panel shows except the log."""

    dag_id: str
    run: RunBriefDto
    task: StructureTaskDto | None
    """Null when this version has no such task any more."""
    cell: TaskCellDto
    tries: list[TryDto]
    xcoms: list[XComItemDto]
    progress: ProgressDto | None


class SourceDto(Dto, frozen=True, kw_only=True):
    """Code tab. `error` is the import failure of the current text, if it has one."""

    dag_id: str
    path: str
    version: int
    text: str
    error: ImportErrorDto | None


# ---- hubflow's own: notebooks ---------------------------------------------------------------


class ParameterDto(Dto, frozen=True, kw_only=True):
    """One name assigned in the cell tagged `parameters`.

    `kind` is "text", "integer", "number", "boolean", "list", "dict", "none" or "code" (the
    default is an expression that is not a literal; then `value` is null). `source` is the default
    as written.
    """

    name: str
    kind: str
    value: Any
    source: str
    help: str | None = None


class NotebookDto(Dto, frozen=True, kw_only=True):
    """A notebook as the schedule dialog needs it. `path` is relative to common_workspace."""

    path: str
    kernel_name: str
    kernel_display_name: str
    kernel_installed: bool
    cells: int
    code_cells: int
    has_parameters_cell: bool
    parameters: list[ParameterDto]
    suggested_dag_id: str
    scheduled_as: list[str]
    """DAG ids that already run this notebook."""


class ScheduleReadingDto(Dto, frozen=True, kw_only=True):
    """A schedule in plain words, and its next five due times in that zone (with offset)."""

    text: str
    reading: str
    timezone: str
    next: list[datetime]


class TimezonesDto(Dto, frozen=True, kw_only=True):
    timezones: list[str]


class ScheduledNotebookDto(Dto, frozen=True, kw_only=True):
    """`run_id` is set when a run was started at once."""

    dag_id: str
    path: str
    run_id: str | None


# ---- requests --------------------------------------------------------------------------------


class TriggerRun(Dto, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST dagRuns. `conf` must be an object. Dates default to now."""

    dag_run_id: str | None = None
    logical_date: datetime | None = None
    execution_date: datetime | None = None
    data_interval_start: datetime | None = None
    data_interval_end: datetime | None = None
    conf: dict[str, Any] = {}
    note: str | None = None


class PatchDag(Dto, frozen=True, kw_only=True, forbid_unknown_fields=True):
    is_paused: bool


class ScheduleNotebook(Dto, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST notebooks/schedule.

    `when` is "now", "once" (then `at` is needed) or "cron" (then `cron` is needed, read in
    `timezone`). `parameters` holds only overridden values. `output` is a path in common_workspace
    or null: then results are kept with the run only. `timeout_s` 0 means none.
    """

    path: str
    when: str
    dag_id: str | None = None
    at: datetime | None = None
    cron: str | None = None
    timezone: str = "UTC"
    parameters: dict[str, Any] = {}
    output: str | None = None
    retries: int = 0
    retry_delay_s: float = 300.0
    timeout_s: float = 0.0
    description: str | None = None


# ---- events ----------------------------------------------------------------------------------


class EventDto(Dto, frozen=True, kw_only=True):
    """One message of the stream. Kinds with an id: "dag", "run", "import". Without (never stored):
    "progress" (ProgressDto), "health" (HealthDto), "log" (LogChunk), "hello" ({"last_id"})."""

    id: int | None
    kind: str
    at: datetime
    dag_id: str | None
    data: Any


class EventsDto(Dto, frozen=True, kw_only=True):
    events: list[EventDto]
    last_id: int


class FollowLog(Dto, frozen=True, kw_only=True, tag_field="type", tag="follow_log"):
    """Sent by the page over the WebSocket: stream this log from `offset`. Replaces any former."""

    dag_id: str
    run_id: str
    task_id: str
    try_number: int
    offset: int = 0


class UnfollowLog(Dto, frozen=True, kw_only=True, tag_field="type", tag="unfollow_log"):
    """Stop streaming the log."""


class LogChunk(Dto, frozen=True, kw_only=True):
    """Kind "log". `reset` means that text starts at `offset` and replaces what came before."""

    dag_id: str
    run_id: str
    task_id: str
    try_number: int
    offset: int
    next_offset: int
    text: str
    end: bool
