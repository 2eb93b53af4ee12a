"""Which task instances a clear or a mark touches, and what becomes of each.

Source: SEMANTICS 3.6, 3.7 and decision C11.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from hubflow.states import FINISHED, HELD, TaskEvent, TaskState

FAILED_STATES = frozenset({TaskState.FAILED, TaskState.UPSTREAM_FAILED})
# What a failed run does to tasks that wait or run somewhere, as Airflow 2 does.
_UNDER_WAY = frozenset(
    {
        TaskState.RUNNING,
        TaskState.RESTARTING,
        TaskState.DEFERRED,
        TaskState.UP_FOR_RESCHEDULE,
    }
)


class Spread(NamedTuple):
    """How far from the named tasks and runs a change reaches."""

    upstream: bool = False
    downstream: bool = False
    past: bool = False
    future: bool = False


class Instance(NamedTuple):
    """What the rules know of a task instance."""

    id: int
    task_id: str
    state: TaskState
    try_number: int
    map_index: int = -1


def related(
    edges: Mapping[str, Sequence[str]],
    task_ids: Iterable[str],
    *,
    upstream: bool,
    downstream: bool,
) -> frozenset[str]:
    """Return these tasks with all ancestors or descendants.

    Parameters
    ----------
    edges : task id -> direct downstream task ids.
    task_ids : those unknown to ``edges`` stay alone.
    """
    roots = frozenset(task_ids)
    found = roots
    if downstream:
        found |= _reach(edges, roots)
    if upstream:
        found |= _reach(_reversed(edges), roots)
    return found


def date_range(date: datetime, spread: Spread) -> tuple[datetime | None, datetime | None]:
    """Return the first and the last execution date that are touched; None is no bound."""
    return None if spread.past else date, None if spread.future else date


def to_clear(
    instances: Iterable[Instance], *, only_failed: bool = False, only_running: bool = False
) -> list[tuple[Instance, TaskEvent]]:
    """Return the instances that a clear changes.

    What is removed from the DAG is history; what never started, or restarts already, is clear.
    """
    wanted: Collection[TaskState] = frozenset(TaskState)
    if only_failed:
        wanted = FAILED_STATES
    elif only_running:
        wanted = HELD
    idle = (TaskState.REMOVED, TaskState.NONE, TaskState.RESTARTING)
    return [
        (instance, TaskEvent.CLEARED)
        for instance in instances
        if instance.state in wanted and instance.state not in idle
    ]


def to_mark(instances: Iterable[Instance], event: TaskEvent) -> list[tuple[Instance, TaskEvent]]:
    """Return the instances that are not what a mark (``event``) makes them."""
    target = MARKS[event]
    return [
        (instance, event)
        for instance in instances
        if instance.state not in (target, TaskState.REMOVED)
    ]


def to_resume(
    edges: Mapping[str, Sequence[str]],
    marked: Collection[Instance],
    instances: Iterable[Instance],
    groups: Mapping[str, str],
) -> list[tuple[Instance, TaskEvent]]:
    """Return the failed descendants of what was marked: they get another chance.

    Parameters
    ----------
    groups : task id -> the mapped task group that it is in, if any. Within it, a mark reaches only
        instances with the same map index.
    """
    roots = frozenset(item.task_id for item in marked)
    below = _reach(edges, roots) - roots
    indexes: dict[str | None, set[int]] = {}
    for item in marked:
        indexes.setdefault(groups.get(item.task_id), set()).add(item.map_index)
    indexes.pop(None, None)
    outside = {task_id for task_id in roots | below if groups.get(task_id) not in indexes}
    whole = (outside | _reach(edges, outside)) & below
    return to_clear(
        (
            item
            for item in instances
            if item.task_id in whole
            or (item.task_id in below and item.map_index in indexes[groups[item.task_id]])
        ),
        only_failed=True,
    )


def on_run_success(instances: Iterable[Instance]) -> list[tuple[Instance, TaskEvent]]:
    """Return what becomes of the tasks of a run that is marked as success: all succeed."""
    return to_mark(instances, TaskEvent.MARKED_SUCCESS)


def on_run_failure(instances: Iterable[Instance]) -> list[tuple[Instance, TaskEvent]]:
    """Return what becomes of the tasks of a run that is marked as failed.

    What is under way fails, what has not begun is skipped, what is finished stays.
    """
    return [
        (
            item,
            TaskEvent.MARKED_FAILED if item.state in _UNDER_WAY else TaskEvent.MARKED_SKIPPED,
        )
        for item in instances
        if item.state not in FINISHED
    ]


MARKS: Mapping[TaskEvent, TaskState] = {
    TaskEvent.MARKED_SUCCESS: TaskState.SUCCESS,
    TaskEvent.MARKED_FAILED: TaskState.FAILED,
    TaskEvent.MARKED_SKIPPED: TaskState.SKIPPED,
}


def _reach(edges: Mapping[str, Sequence[str]], roots: Iterable[str]) -> frozenset[str]:
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        for task_id in edges.get(waiting.pop(), ()):
            if task_id not in found:
                found.add(task_id)
                waiting.append(task_id)
    return frozenset(found)


def _reversed(edges: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    turned: dict[str, list[str]] = {}
    for task_id, downstream in edges.items():
        for child in downstream:
            turned.setdefault(child, []).append(task_id)
    return turned
