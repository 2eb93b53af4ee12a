"""Versions of a DAG and what differs between two."""

from __future__ import annotations

from datetime import datetime

from hubflow.events import Dto


class DagVersionDto(Dto, frozen=True, kw_only=True):
    """One version. `runs` counts the runs that it ran."""

    dag_id: str
    version_number: int
    created_at: datetime
    is_current: bool
    task_count: int
    runs: int


class DagVersionsDto(Dto, frozen=True, kw_only=True):
    """Newest first."""

    dag_versions: list[DagVersionDto]
    total_entries: int


class FieldChangeDto(Dto, frozen=True, kw_only=True):
    """An argument as JSON before and after; null where there was none."""

    name: str
    before: str | None
    after: str | None


class TaskChangeDto(Dto, frozen=True, kw_only=True):
    task_id: str
    fields: list[FieldChangeDto]


class DagVersionDiffDto(Dto, frozen=True, kw_only=True):
    """From one version to another: its structure, and its source as a unified diff."""

    dag_id: str
    before: int
    after: int
    tasks_added: list[str]
    tasks_removed: list[str]
    tasks_changed: list[TaskChangeDto]
    dag_changed: list[FieldChangeDto]
    source_diff: str
