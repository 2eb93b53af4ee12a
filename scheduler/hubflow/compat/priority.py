"""`airflow.task.priority_strategy`."""

from __future__ import annotations

from typing import Any


class PriorityWeightStrategy:
    """Base of strategies that weigh tasks by code, which the scheduler never runs."""

    def get_weight(self, ti: Any) -> int:
        raise NotImplementedError(f"{type(self).__name__} has no get_weight()")
