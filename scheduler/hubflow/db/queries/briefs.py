"""From rows of runs and task instances to the structs of the event stream."""

from __future__ import annotations

from hubflow.db import orm
from hubflow.events import RunBriefDto, TaskCellDto


def run_brief(run: orm.DagRun, version: int | None) -> RunBriefDto:
    """Describe a run as events and views do."""
    return RunBriefDto(
        id=run.id,
        run_id=run.run_id,
        run_type=run.run_type.value,
        state=run.state.value,
        execution_date=run.execution_date,
        queued_at=run.queued_at,
        start_date=run.start_date,
        end_date=run.end_date,
        task_counts=run.task_counts or {},
        version=version,
        conf=run.conf or {},
        triggered_by=run.triggered_by,
        reason=run.reason,
    )


def task_cell(instance: orm.TaskInstance) -> TaskCellDto:
    """Describe a task instance as events and grids do."""
    return TaskCellDto(
        task_id=instance.task_id,
        state=instance.state.value,
        try_number=instance.try_number,
        max_tries=instance.max_tries,
        queued_at=instance.queued_at,
        start_date=instance.start_date,
        end_date=instance.end_date,
        retry_at=instance.retry_at,
    )
