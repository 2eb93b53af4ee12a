"""What of a task instance in memory becomes a new row."""

from __future__ import annotations

from typing import Any

from hubflow.scheduler.active_runs import Node
from hubflow.states import TaskState


def instance_row(node: Node) -> dict[str, Any]:
    return {
        "dag_run_id": node.run.id,
        "task_id": node.task.task_id,
        "map_index": node.map_index,
        "state": TaskState.NONE,
        "try_number": 0,
        "max_tries": node.max_tries,
        "operator": node.task.operator,
        "pool": node.needs.pool,
        "pool_slots": node.needs.pool_slots,
        "queue": node.task.queue,
        "priority_weight": node.task.priority_weight,
    }
