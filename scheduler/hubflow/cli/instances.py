"""Which instances the tasks of a rehearsed run have, and what each of them waits for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from hubflow.rules.readiness import Readiness, Upstream, count, readiness
from hubflow.sdk.dag_run import DagRun
from hubflow.sdk.mapped import MappedOperator
from hubflow.sdk.operator import BaseOperator
from hubflow.sdk.runtime import LocalRuntime, XComStore, use_runtime
from hubflow.sdk.taskinstance import TaskInstance
from hubflow.states import TaskState

Ended = Mapping[str, Mapping[int, TaskState]]
"""Task id -> map index -> how the instance ended; nothing for a task without values."""


def indexes_of(task: BaseOperator, facts: DagRun, store: XComStore, ended: Ended) -> Sequence[int]:
    """Return the map indexes of a task's instances; -1 alone for a task that is not mapped, and
    for one that is never counted because it cannot run."""
    group = task.mapped_group
    expansion = group.expansion if group is not None else None
    if isinstance(task, MappedOperator):
        expansion = task.expansion
    if expansion is None:
        return [-1]
    for other, found in ended.items():
        if group is not None and task.dag.get_task(other).mapped_group is group and -1 not in found:
            return list(found)
    if readiness(task.trigger_rule, counted(task, -1, ended)) is not Readiness.RUN:
        return [-1]
    ti = TaskInstance(task, facts, test_mode=True)
    with use_runtime(LocalRuntime(store, task.task_id, facts.execution_date)):
        return range(expansion.count({"ti": ti}))


def counted(task: BaseOperator, index: int, ended: Ended) -> Upstream:
    """Count what one instance waits for: in its own mapped group, only the same map index."""
    states: list[TaskState] = []
    setups: list[TaskState] = []
    for other in map(task.dag.get_task, task.upstream_task_ids):
        found = ended[other.task_id] or {-1: TaskState.SKIPPED}
        is_own = other.mapped_group is not None and other.mapped_group is task.mapped_group
        chosen = [found[index]] if is_own and index in found else found.values()
        (setups if other.is_setup else states).extend(chosen)
    return count(states, setups)


def worst(states: Collection[TaskState]) -> TaskState:
    """Return the state of a task from those of its instances; without any it is skipped."""
    ranked = (TaskState.FAILED, TaskState.UPSTREAM_FAILED, TaskState.SUCCESS)
    return next((state for state in ranked if state in states), TaskState.SKIPPED)
