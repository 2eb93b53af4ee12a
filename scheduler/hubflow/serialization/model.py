"""What is left of a DAG once user code is gone: frozen structs, JSON on disk and on the wire.

The scheduler, the service and the front end know DAGs only in this form. Times are UTC,
durations are seconds. A change that old readers would misread raises `FORMAT`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

FORMAT = 1


class Schedule(msgspec.Struct, frozen=True, omit_defaults=True):
    """When runs are due.

    kind : "none", "once", "cron", "delta" or "continuous".
    cron : 5- or 6-field expression, presets already expanded; only for kind "cron".
    delta_s, months : seconds, after so many months, between runs; only for kind "delta".
    text : what the author wrote (`@daily`, `0 6 * * *`, `1 day, 0:00:00`), for people.
    timezone : IANA name in which cron is read.
    """

    kind: str = "none"
    cron: str | None = None
    delta_s: float | None = None
    text: str | None = None
    timezone: str = "UTC"
    months: int = 0


class BashCommand(msgspec.Struct, frozen=True, omit_defaults=True):
    """A command that needs no Python to start: no templates, no callbacks, no subclass."""

    command: str
    env: dict[str, str] | None = None
    push_output: bool = True


class NotebookSpec(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a notebook task runs, for the front end (paths as the author wrote them)."""

    input_notebook: str
    output_notebook: str | None = None
    parameters: dict[str, Any] = {}


class SerializedTask(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One task. `downstream` holds direct downstream task ids, sorted.

    `bash` is set only where the worker may start the command without Python.
    `fields` are the template fields as written, as text, for people.
    """

    task_id: str
    operator: str
    owner: str = "airflow"
    downstream: tuple[str, ...] = ()
    trigger_rule: str = "all_success"
    retries: int = 0
    retry_delay_s: float = 300.0
    retry_exponential_backoff: bool = False
    max_retry_delay_s: float | None = None
    depends_on_past: bool = False
    wait_for_downstream: bool = False
    ignore_first_depends_on_past: bool = False
    wait_for_past_depends_before_skipping: bool = False
    priority_weight: int = 1
    weight_rule: str = "downstream"
    queue: str = "default"
    pool: str = "default_pool"
    pool_slots: int = 1
    task_concurrency: int | None = None
    max_active_tis_per_dagrun: int | None = None
    sla_s: float | None = None
    """Seconds after the end of the interval in which the task should be done."""
    email: tuple[str, ...] = ()
    email_on_failure: bool = True
    email_on_retry: bool = True
    callbacks: tuple[str, ...] = ()
    """Which of "task_on_failure" and "task_on_retry" the author wants called."""
    run_as_user: str | None = None
    execution_timeout_s: float | None = None
    start_date: datetime | None = None
    """Only where it is later than that of the DAG."""
    end_date: datetime | None = None
    """The last date that it runs for, its DAG's end included."""
    do_xcom_push: bool = True
    display_name: str | None = None
    """What people read instead of the id; None is the id."""
    description: str | None = None
    doc: str | None = None
    resources: dict[str, float] = {}
    ui_color: str = "#fff"
    fields: dict[str, str] = {}
    bash: BashCommand | None = None
    notebook: NotebookSpec | None = None
    is_dummy: bool = False
    is_setup: bool = False
    is_teardown: bool = False
    can_fail_run: bool = True
    """Whether its failure, as a leaf, fails the run; a teardown's does not."""
    group_id: str | None = None
    """The innermost task group that it is in."""
    run_dag_id: str | None = None
    """The DAG that this task runs, for "Zoom into DAG"."""
    mapped: Mapped | None = None

    def tries_after(self, tried: int) -> int:
        """Return after how many tries it fails when so many went before (SEMANTICS 3.6)."""
        return tried + self.retries + 1


class Length(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """How many items something has over which a mapped task expands.

    kind : "known" (`count`), "xcom" (of the value that `task_id` pushes under `key`), or
        "shortest", "longest", "total" of `parts`.
    """

    kind: str = "known"
    count: int = 0
    task_id: str = ""
    key: str = "return_value"
    parts: tuple[Length, ...] = ()


class Mapped(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A mapped task has as many instances as the product of its ``factors``.

    All tasks of the mapped task group ``group_id`` have the same: an instance of one of them sees
    of the others only the instance with its own map index.
    """

    factors: tuple[Length, ...] = ()
    group_id: str | None = None

    def shares_indexes(self, other: Mapped | None) -> bool:
        """Say whether a task with ``other`` is in the same mapped task group."""
        return self.group_id is not None and other is not None and other.group_id == self.group_id


class TaskGroupSpec(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A task group; `parent_id` is the group around it."""

    group_id: str
    parent_id: str | None = None
    label: str = ""
    tooltip: str = ""
    ui_color: str = ""


class SerializedDag(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One DAG. `tasks` are in topological order, ties by task id."""

    format: int = 1
    """Left out of the JSON when 1, so this default never changes; `encode` writes FORMAT."""
    dag_id: str
    path: str
    """The file, relative to the DAG folder, with `/`."""
    parent_dag_id: str | None = None
    """The DAG in which a task runs this one as its sub-DAG."""
    tasks: tuple[SerializedTask, ...] = ()
    schedule: Schedule = Schedule()
    start_date: datetime | None = None
    end_date: datetime | None = None
    catchup: bool = True
    max_active_runs: int = 16
    concurrency: int = 16
    dagrun_timeout_s: float | None = None
    max_consecutive_failed_dag_runs: int = 0
    """After so many failed runs in a row the DAG is switched off; 0 for never."""
    display_name: str | None = None
    """What people read instead of the id; None is the id."""
    description: str | None = None
    doc_md: str | None = None
    tags: tuple[str, ...] = ()
    owner_links: dict[str, str] = {}
    default_view: str = "grid"
    orientation: str = "LR"
    is_paused_upon_creation: bool | None = None
    params: dict[str, Any] = {}
    param_schemas: dict[str, dict[str, Any]] = {}
    """The JSON schemas of those params that have one."""
    callbacks: tuple[str, ...] = ()
    """Which of "on_success", "on_failure" and "sla_miss" the author wants called."""
    access_control: dict[str, tuple[str, ...]] = {}
    fail_fast: bool = False
    keep_days: int | None = None
    keep_runs: int | None = None
    groups: tuple[TaskGroupSpec, ...] = ()
    edge_labels: tuple[tuple[str, str, str], ...] = ()
    """(upstream task id, downstream task id, text)."""
    warnings: tuple[str, ...] = ()

    def find_task(self, task_id: str) -> SerializedTask | None:
        return next((task for task in self.tasks if task.task_id == task_id), None)

    @property
    def owners(self) -> tuple[str, ...]:
        return tuple(sorted({task.owner for task in self.tasks}))
