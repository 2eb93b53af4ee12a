"""Effective priority weights: a task's own weight plus those of its relatives (SEMANTICS 2.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from hubflow.sdk.operator import BaseOperator
from hubflow.sdk.trigger_rule import WeightRule
from hubflow.sdk.values import LARGEST


def effective_weights(tasks: Sequence[BaseOperator]) -> dict[str, int]:
    """Return the weight of every task; ``tasks`` are in topological order.

    Sums that the database's columns cannot hold end at the largest number that they can.
    """
    after = {task.task_id: task.downstream_task_ids for task in tasks}
    before = {task.task_id: task.upstream_task_ids for task in tasks}
    own = {task.task_id: task.priority_weight for task in tasks}
    order = list(after)
    rules = {task.weight_rule for task in tasks}
    downstream = _sums(order[::-1], after, own) if WeightRule.DOWNSTREAM in rules else own
    upstream = _sums(order, before, own) if WeightRule.UPSTREAM in rules else own
    by_rule = {WeightRule.DOWNSTREAM: downstream, WeightRule.UPSTREAM: upstream}
    sums = {t.task_id: by_rule.get(WeightRule(t.weight_rule), own)[t.task_id] for t in tasks}
    return {task_id: max(-LARGEST, min(LARGEST, weight)) for task_id, weight in sums.items()}


def _sums(
    order: Iterable[str], neighbours: Mapping[str, set[str]], own: Mapping[str, int]
) -> dict[str, int]:
    """Add up each task and all that it reaches; every neighbour comes earlier in ``order``.

    What a task reaches is one integer with a bit for each task: a graph of 10,000 tasks needs
    12 MB and no recursion.
    """
    masks: dict[int, int] = {}
    reach: dict[str, int] = {}
    sums: dict[str, int] = {}
    for position, task_id in enumerate(order):
        bits = 1 << position
        masks[own[task_id]] = masks.get(own[task_id], 0) | bits
        for neighbour in neighbours[task_id]:
            bits |= reach[neighbour]
        reach[task_id] = bits
        sums[task_id] = sum(weight * (bits & mask).bit_count() for weight, mask in masks.items())
    return sums
