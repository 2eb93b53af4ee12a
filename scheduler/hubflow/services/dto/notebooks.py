"""Notebooks as the schedule dialog needs them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hubflow.events import Dto


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
