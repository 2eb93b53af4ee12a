"""From rows of runs and task instances to the structs of the event stream."""

from __future__ import annotations

from hubflow import events
from hubflow.db import orm
from hubflow.events import RunBriefDto, TaskCellDto


def run_brief(run: orm.DagRun, version: int | None) -> RunBriefDto:
    """Describe a run as events and views do."""
    return events.run_brief(run, run.task_counts or {}, version)


def task_cell(instance: orm.TaskInstance) -> TaskCellDto:
    """Describe a task instance as events and grids do."""
    return events.task_cell(instance.task_id, instance)
