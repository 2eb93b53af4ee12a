"""Which ready tasks get a slot now, and in which order."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple


class Candidate(NamedTuple):
    """A ready task instance; the order of the fields is the order in which slots are given."""

    negative_weight: int
    execution_date: datetime
    position: int
    """Place of the task in its DAG, so that equals start in topological order."""
    task_instance_id: int


def pick(
    ready: Mapping[int, Sequence[Candidate]], free: int, free_per_dag: Mapping[int, int]
) -> list[tuple[int, Candidate]]:
    """Choose at most ``free`` candidates.

    Parameters
    ----------
    ready : DAG key -> its candidates, each list sorted.
    free : slots left over everything.
    free_per_dag : DAG key -> slots left under its concurrency; absent or 0 means none.

    Returns
    -------
    (DAG key, candidate) in the order in which they should start: higher weight first, then
    older execution date. A full DAG never holds back another one.
    """
    left = {dag: free_per_dag.get(dag, 0) for dag in ready}
    heads = [(tasks[0], dag, 0) for dag, tasks in ready.items() if tasks and left[dag] > 0]
    heapq.heapify(heads)
    chosen: list[tuple[int, Candidate]] = []
    while heads and len(chosen) < free:
        candidate, dag, index = heapq.heappop(heads)
        chosen.append((dag, candidate))
        left[dag] -= 1
        if left[dag] > 0 and index + 1 < len(ready[dag]):
            heapq.heappush(heads, (ready[dag][index + 1], dag, index + 1))
    return chosen
