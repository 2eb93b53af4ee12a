"""What the task instances in memory take up: slots over everything, of DAGs, of pools."""

from __future__ import annotations

from collections import Counter

from hubflow.rules.limits import UNLIMITED, Needs
from hubflow.states import HELD, TaskState


class Occupancy:
    """Counts that follow every move of a task instance, so that no turn has to count."""

    def __init__(self) -> None:
        self.held = 0
        """Task instances that hold a slot, over everything."""
        self.dags: Counter[int] = Counter()
        """DAG key -> its instances that hold a slot."""
        self.tasks: Counter[tuple[int, str]] = Counter()
        """(DAG key, task id) -> instances that hold a slot, of tasks with a limit of their own."""
        self.run_tasks: Counter[tuple[int, str]] = Counter()
        """(Run key, task id) -> the same, of tasks with a limit within a run; never 0."""
        self.dag_pools: Counter[tuple[int, str]] = Counter()
        """(DAG key, pool) -> pool slots that the DAG holds there; never 0."""
        self._pools: Counter[str] = Counter()
        self._deferred: Counter[str] = Counter()

    def moved(self, needs: Needs, old: TaskState, new: TaskState) -> None:
        """Follow one instance from one state to another."""
        if (old in HELD) is not (new in HELD):
            self._hold(needs, 1 if new in HELD else -1)
        if (old is TaskState.DEFERRED) is not (new is TaskState.DEFERRED):
            sign = 1 if new is TaskState.DEFERRED else -1
            self._deferred[needs.pool] += sign * needs.pool_slots

    def free_in_pool(self, name: str, slots: int, include_deferred: bool) -> int:
        """Return the free slots of a pool of this size (SEMANTICS 5.5)."""
        if slots < 0:
            return UNLIMITED
        return slots - self._pools[name] - (self._deferred[name] if include_deferred else 0)

    def _hold(self, needs: Needs, sign: int) -> None:
        self.held += sign
        self.dags[needs.dag] += sign
        self._pools[needs.pool] += sign * needs.pool_slots
        in_pool = (needs.dag, needs.pool)
        self.dag_pools[in_pool] += sign * needs.pool_slots
        if not self.dag_pools[in_pool]:
            del self.dag_pools[in_pool]
        if needs.task_id is not None:
            self.tasks[needs.dag, needs.task_id] += sign
        if needs.run_task is not None:
            self.run_tasks[needs.run_task] += sign
            if not self.run_tasks[needs.run_task]:
                del self.run_tasks[needs.run_task]  # runs come and go
