"""A DAG reduced to some of its tasks, and which tasks a name or pattern means."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime

from msgspec import structs

from hubflow.rules.clearing import related
from hubflow.rules.windows import takes_part
from hubflow.serialization.model import SerializedDag
from hubflow.states import RunType


def part_of(dag: SerializedDag, task_ids: Collection[str]) -> SerializedDag:
    """Return the DAG with these tasks only, and the edges between them."""
    if all(task.task_id in task_ids for task in dag.tasks):
        return dag
    tasks = tuple(
        structs.replace(task, downstream=tuple(t for t in task.downstream if t in task_ids))
        for task in dag.tasks
        if task.task_id in task_ids
    )
    return structs.replace(dag, tasks=tasks)


def taking_part(dag: SerializedDag, execution_date: datetime, run_type: RunType) -> SerializedDag:
    """Return the DAG with the tasks that have instances in a run of this date and kind."""
    return part_of(
        dag,
        {t.task_id for t in dag.tasks if takes_part(t.start_date, execution_date, run_type)},
    )


def matching(dag: SerializedDag, pattern: str, *, upstream: bool) -> frozenset[str]:
    """Return the ids of the tasks in which the regular expression is found.

    With ``upstream`` also what they depend on. Raises re.error.
    """
    found = _found(pattern, (task.task_id for task in dag.tasks))
    edges = {task.task_id: task.downstream for task in dag.tasks}
    return related(edges, found, upstream=upstream, downstream=False)


def _found(pattern: str, task_ids: Iterable[str]) -> list[str]:
    compiled = re.compile(pattern)
    return [task_id for task_id in task_ids if compiled.search(task_id)]
