"""hubflow's own read models, one for each view, under `api/v1/views/`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hubflow.events import Dto, ProgressDto, RunBriefDto, TaskCellDto
from hubflow.services.dto.api import ImportErrorDto


class MeDto(Dto, frozen=True, kw_only=True):
    """The caller. `permissions` are names from `services.access.Permission`."""

    name: str
    display_name: str
    permissions: list[str]
    hub_prefix: str | None
    """URL prefix of the caller's hub (`/hub/`), or null without a hub."""
    dag_folder: str | None
    """Where DAG files lie on the server, for those who may change them; null for others."""


class DagRowDto(Dto, frozen=True, kw_only=True):
    """A line of the DAG list. `recent_runs` are the last 14 runs, oldest first."""

    dag_id: str
    dag_display_name: str
    kind: str
    description: str | None
    owners: list[str]
    tags: list[str]
    path: str
    is_paused: bool
    is_new: bool
    """Switched off only because nobody has switched it on yet: lists show it all the same."""
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

    `paused_count` counts the paused DAGs that the same filter would show, `hidden_count` those of
    them that this list leaves out, `new_count` those of them that never ran."""

    dags: list[DagRowDto]
    next_page: str | None
    total_entries: int
    paused_count: int
    hidden_count: int
    new_count: int


class AttentionItemDto(Dto, frozen=True, kw_only=True):
    """Something that needs a person.

    `kind` is "failed_run", "import_error", "late_task" (an SLA was missed), "failed_alert" (a mail
    or callback came to nothing) or "stuck_task" (its pool can never let it run).
    """

    kind: str
    title: str
    detail: str
    dag_id: str | None = None
    run_id: str | None = None
    task_id: str | None = None
    path: str | None = None
    line: int | None = None
    sla_miss_ids: list[int] = []
    """Of a late task, the misses that can be dismissed."""
    at: datetime


class AttentionDto(Dto, frozen=True, kw_only=True):
    """What needs a person, newest first, at most 100: DAGs whose newest finished run failed, broken
    files, tasks that can never run, and what was late or could not be told within the last day."""

    items: list[AttentionItemDto]


class StructureTaskDto(Dto, frozen=True, kw_only=True):
    task_id: str
    task_display_name: str
    """What people read as its name; the id where the author gave none."""
    operator: str
    description: str | None
    downstream: list[str]
    group_id: str | None
    """The innermost task group that it is in."""
    is_setup: bool
    is_teardown: bool
    is_mapped: bool
    """It has as many instances as each run finds items for it."""
    run_dag_id: str | None
    """The DAG that it runs; null also where that is only known when it runs."""
    trigger_rule: str
    retries: int
    ui_color: str
    fields: dict[str, str]
    notebook: dict[str, Any] | None


class TaskSpecDto(StructureTaskDto, frozen=True, kw_only=True):
    """A task with how it is run: what the graph need not know."""

    owner: str
    pool: str
    pool_slots: int
    queue: str
    priority_weight: int
    retry_delay_s: float
    execution_timeout_s: float | None
    resources: dict[str, float]
    """What its author says it needs: cpus, gpus, and ram and disk in MB. Nothing enforces it."""
    doc: str | None


class ParamDto(Dto, frozen=True, kw_only=True):
    """A param of a DAG: its default, and its JSON schema, which is empty for a plain value."""

    name: str
    value: Any
    schema: dict[str, Any]


class TaskGroupDto(Dto, frozen=True, kw_only=True):
    """Tasks that belong together; `parent_id` is the group around it."""

    group_id: str
    parent_id: str | None
    label: str
    tooltip: str


class EdgeLabelDto(Dto, frozen=True, kw_only=True):
    """Text on the edge between two tasks."""

    upstream: str
    downstream: str
    text: str


class StructureDto(Dto, frozen=True, kw_only=True):
    """The graph of one version, tasks in topological order."""

    dag_id: str
    dag_display_name: str
    version: int
    versions: int
    """The newest version number."""
    tasks: list[StructureTaskDto]
    groups: list[TaskGroupDto]
    """Each after the one around it."""
    edge_labels: list[EdgeLabelDto]
    params: list[ParamDto]
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
    "total": n, "ename", "evalue"}. `artifacts` maps "notebook" to true when there is one.

    In the order of time: `ready_at`, only a slot is missing; `queued_at`, it has one; `start_date`,
    its process is up; `code_at`, its own code begins; `end_date`.
    """

    try_number: int
    state: str
    ready_at: datetime | None
    queued_at: datetime | None
    start_date: datetime | None
    code_at: datetime | None
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
    visible_from: datetime | None
    """The execution date of the run that will see it; null if that of its own does."""


class StartedRunDto(Dto, frozen=True, kw_only=True):
    """A run that a task has started and waits for, or has waited for."""

    dag_id: str
    run_id: str
    state: str


class TaskPanelDto(Dto, frozen=True, kw_only=True):
    """Everything the task panel shows except the log."""

    dag_id: str
    dag_display_name: str
    run: RunBriefDto
    task: TaskSpecDto | None
    """Null when this version has no such task any more."""
    cell: TaskCellDto
    instances: dict[str, list[int]]
    """Of a mapped task, state -> map indexes that are in it; empty for others."""
    instance_names: dict[int, str]
    """Map index -> what people call the instance, of those that have a name."""
    due_at: datetime
    """When its run was due: at the end of a scheduled interval, or when it was made if that was
    later; of other runs when somebody asked."""
    tries: list[TryDto]
    xcoms: list[XComItemDto]
    progress: ProgressDto | None
    started_run: StartedRunDto | None


class FileDto(Dto, frozen=True, kw_only=True):
    """A DAG file as it was read last. `error` says why it is broken; `dag_ids` are its DAGs."""

    path: str
    text: str
    parsed_at: datetime | None
    dag_ids: list[str]
    error: ImportErrorDto | None


class SourceDto(Dto, frozen=True, kw_only=True):
    """Code tab. `error` is the import failure of the current text, if it has one."""

    dag_id: str
    path: str
    version: int
    text: str
    error: ImportErrorDto | None
