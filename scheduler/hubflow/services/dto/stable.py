"""Further nouns of the Airflow 2 stable REST API v1, which only its own clients ask for.

hubflow's front end has views made for it instead, so these have no TypeScript types.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta

from hubflow.events import Dto
from hubflow.services.dto.api import TimeDeltaDto
from hubflow.states import RunState, TaskState

Limit = Annotated[int, Meta(ge=1, le=1000)]
Offset = Annotated[int, Meta(ge=0, le=2**62)]


class ClassReferenceDto(Dto, frozen=True, kw_only=True):
    """`module_path` is empty: hubflow keeps no more of a task's class than its name."""

    module_path: str
    class_name: str


class TaskDto(Dto, frozen=True, kw_only=True):
    """A task as a DAG defines it. `template_fields` are those that the author filled."""

    task_id: str
    task_display_name: str
    class_ref: ClassReferenceDto
    owner: str
    start_date: datetime | None
    end_date: datetime | None
    trigger_rule: str
    extra_links: list[dict[str, Any]]
    depends_on_past: bool
    wait_for_downstream: bool
    is_mapped: bool
    retries: int
    queue: str | None
    pool: str
    pool_slots: int
    execution_timeout: TimeDeltaDto | None
    retry_delay: TimeDeltaDto
    retry_exponential_backoff: bool
    priority_weight: int
    weight_rule: str
    ui_color: str
    ui_fgcolor: str
    template_fields: list[str]
    downstream_task_ids: list[str]
    doc_md: str | None


class TasksDto(Dto, frozen=True, kw_only=True):
    tasks: list[TaskDto]
    total_entries: int


class ExtraLinksDto(Dto, frozen=True, kw_only=True):
    extra_links: list[dict[str, str]]


class StateCountDto(Dto, frozen=True, kw_only=True):
    state: str
    count: int


class DagStatDto(Dto, frozen=True, kw_only=True):
    """How many runs of a DAG are in each state."""

    dag_id: str
    stats: list[StateCountDto]


class DagStatsDto(Dto, frozen=True, kw_only=True):
    dags: list[DagStatDto]
    total_entries: int


class DagWarningDto(Dto, frozen=True, kw_only=True):
    """`warning_type` is "definition" (an argument that does nothing), "non-existent pool" or
    "insufficient pool" (it never has the slots that a task needs)."""

    dag_id: str
    warning_type: str
    message: str
    timestamp: datetime


class DagWarningsDto(Dto, frozen=True, kw_only=True):
    dag_warnings: list[DagWarningDto]
    total_entries: int


class ConfigOptionDto(Dto, frozen=True, kw_only=True):
    key: str
    value: str


class ConfigSectionDto(Dto, frozen=True, kw_only=True):
    name: str
    options: list[ConfigOptionDto]


class ConfigDto(Dto, frozen=True, kw_only=True):
    sections: list[ConfigSectionDto]


class ProvidersDto(Dto, frozen=True, kw_only=True):
    """Empty: operators and hooks are part of hubflow itself."""

    providers: list[dict[str, str]]
    total_entries: int


class PluginsDto(Dto, frozen=True, kw_only=True):
    """Empty: plugins are loaded where user code runs, never in the service."""

    plugins: list[dict[str, Any]]
    total_entries: int


class ListDagRuns(Dto, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST dags/~/dagRuns/list."""

    order_by: str = "id"
    page_limit: Limit = 100
    page_offset: Offset = 0
    dag_ids: list[str] = []
    states: list[RunState] = []
    execution_date_gte: datetime | None = None
    execution_date_lte: datetime | None = None
    start_date_gte: datetime | None = None
    start_date_lte: datetime | None = None
    end_date_gte: datetime | None = None
    end_date_lte: datetime | None = None
    updated_at_gte: datetime | None = None
    updated_at_lte: datetime | None = None


class ListTaskInstances(Dto, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST dags/~/dagRuns/~/taskInstances/list. A state of null means none yet."""

    order_by: str = "id"
    page_limit: Limit = 100
    page_offset: Offset = 0
    dag_ids: list[str] = []
    dag_run_ids: list[str] = []
    task_ids: list[str] = []
    execution_date_gte: datetime | None = None
    execution_date_lte: datetime | None = None
    start_date_gte: datetime | None = None
    start_date_lte: datetime | None = None
    end_date_gte: datetime | None = None
    end_date_lte: datetime | None = None
    updated_at_gte: datetime | None = None
    updated_at_lte: datetime | None = None
    duration_gte: float | None = None
    duration_lte: float | None = None
    state: list[TaskState | None] = []
    pool: list[str] = []
    queue: list[str] = []
    executor: list[str] = []


class PatchDags(Dto, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of PATCH dags: what all DAGs that the query names become."""

    is_paused: bool


class ParseAskedDto(Dto, frozen=True, kw_only=True):
    """Which file will be read again."""

    path: str


class ArchiveTakenDto(Dto, frozen=True, kw_only=True):
    """The files that came out of an archive, relative to the DAG folder."""

    files: list[str]
