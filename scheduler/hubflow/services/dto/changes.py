"""Clear, mark, run by hand: what callers send, and what was touched."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from hubflow.events import Dto

TaskMark = Literal["success", "failed", "skipped"]


class TaskInstanceReferenceDto(Dto, frozen=True, kw_only=True):
    """A task instance that a change touches; `state` is the one that it had before."""

    task_id: str
    dag_id: str
    dag_run_id: str
    execution_date: datetime
    map_index: int
    state: str | None
    change: str
    """"cleared", "marked_success", "marked_failed" or "marked_skipped"."""


class MarkedTaskInstanceDto(Dto, frozen=True, kw_only=True):
    """The task instance that a PATCH names."""

    task_id: str
    dag_id: str
    dag_run_id: str
    execution_date: datetime


class TouchedDto(Dto, frozen=True, kw_only=True):
    """What a change touches, or has touched: instances, and in how many runs."""

    task_instances: list[TaskInstanceReferenceDto]
    total_entries: int
    dag_runs: int


class ClearTaskInstances(Dto, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST clearTaskInstances. Without `task_ids`, all tasks; without dates and
    `dag_run_id`, all runs.

    `include_subdags` reaches runs that the cleared tasks started, `include_parentdag` the tasks
    that started the cleared runs. Finished runs are opened again unless `reset_dag_runs` is false.
    `map_index` is for one task in `task_ids`: of its instances only that one is cleared.
    """

    dry_run: bool = True
    task_ids: list[str] | None = None
    dag_run_id: str | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    only_failed: bool = True
    only_running: bool = False
    include_subdags: bool = False
    include_parentdag: bool = False
    reset_dag_runs: bool = True
    include_upstream: bool = False
    include_downstream: bool = False
    include_future: bool = False
    include_past: bool = False
    map_index: int | None = None


class UpdateTaskInstancesState(Dto, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST updateTaskInstancesState. The run is named by its id or its date.

    `map_index` chooses one instance of a mapped task.
    """

    task_id: str
    new_state: TaskMark
    dry_run: bool = True
    dag_run_id: str | None = None
    execution_date: datetime | None = None
    include_upstream: bool = False
    include_downstream: bool = False
    include_future: bool = False
    include_past: bool = False
    map_index: int | None = None


class PatchTaskInstance(Dto, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of PATCH taskInstances/{task_id}."""

    new_state: TaskMark
    dry_run: bool = True


class PatchDagRun(Dto, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of PATCH dagRuns/{dag_run_id}. "queued" opens a finished run again."""

    state: Literal["success", "failed", "queued"]


class ClearDagRun(Dto, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST dagRuns/{dag_run_id}/clear."""

    dry_run: bool = True
    only_failed: bool = False


class SetNote(Dto, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A note for people; null or an empty one takes it away."""

    note: str | None


class RunTask(Dto, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST taskInstances/{task_id}/run (SEMANTICS 3.8).

    ignore_all_deps : ignore everything that follows, too.
    ignore_task_state : whether it succeeded or failed before.
    ignore_task_deps : trigger rule and depends_on_past.
    map_index : which instance of a mapped task; without it, it is the first.
    """

    ignore_all_deps: bool = False
    ignore_task_state: bool = False
    ignore_task_deps: bool = False
    map_index: int | None = None
