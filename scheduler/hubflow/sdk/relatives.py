"""A task's neighbours and all that comes before or after it."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, NoReturn

from hubflow.sdk.exceptions import HubflowException
from hubflow.sdk.setup_teardown import SetupTeardown

CLEAR = "clear tasks with `hubflow tasks clear`, or with POST …/clearTaskInstances over REST"


class Relatives(SetupTeardown):
    """The part of an operator that finds other tasks of its DAG, sorted by id."""

    priority_weight: int
    weight_rule: str

    @property
    @abstractmethod
    def dag(self) -> Any:
        """The DAG of this task; raises InvalidDag while it has none."""

    @property
    def priority_weight_total(self) -> int:
        """The weight that counts for slots: its own and, by `weight_rule`, of its relatives."""
        own = self.priority_weight
        if self.weight_rule == "absolute":
            return own
        relatives = self.get_flat_relatives(upstream=self.weight_rule == "upstream")
        for task in relatives:
            own += task.priority_weight
        return own

    def clear(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise HubflowException(f"task.clear: {CLEAR}")

    def run(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise HubflowException("task.run: try a task with `hubflow tasks test`")

    @property
    def upstream_list(self) -> list[Any]:
        return [self.dag.get_task(task_id) for task_id in sorted(self.upstream_task_ids)]

    @property
    def downstream_list(self) -> list[Any]:
        return [self.dag.get_task(task_id) for task_id in sorted(self.downstream_task_ids)]

    def get_direct_relative_ids(self, upstream: bool = False) -> set[str]:
        return self.upstream_task_ids if upstream else self.downstream_task_ids

    def get_direct_relatives(self, upstream: bool = False) -> list[Any]:
        return self.upstream_list if upstream else self.downstream_list

    def get_flat_relative_ids(self, upstream: bool = False) -> set[str]:
        """Return the ids of all tasks before (``upstream``) or after this one."""
        found: set[str] = set()
        stack = list(self.get_direct_relative_ids(upstream))
        while stack:
            task_id = stack.pop()
            if task_id not in found:
                found.add(task_id)
                stack.extend(self.dag.get_task(task_id).get_direct_relative_ids(upstream))
        return found

    def get_flat_relatives(self, upstream: bool = False) -> list[Any]:
        return [self.dag.get_task(t) for t in sorted(self.get_flat_relative_ids(upstream))]
