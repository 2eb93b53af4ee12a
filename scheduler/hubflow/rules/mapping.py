"""How many instances a mapped task has in a run, and which of them see each other."""

from __future__ import annotations

import math
from collections.abc import Callable

from hubflow.serialization.model import Length, Mapped


class CannotExpand(Exception):
    """A mapped task cannot be expanded; the message says why, for its log."""


def instance_count(mapped: Mapped, length_of: Callable[[str, str], int], limit: int) -> int:
    """Return the number of instances: the product of what the task expands over.

    Parameters
    ----------
    length_of : (task id, key) -> how many items that XCom has; may raise CannotExpand.
    limit : more raise CannotExpand.

    Source: SEMANTICS 6.8.
    """
    count = math.prod(_length(factor, length_of) for factor in mapped.factors)
    if count > limit:
        raise CannotExpand(
            f"the task would expand into {count:,} instances, and {limit:,} are allowed; map over "
            "fewer values, such as batches, or raise Scheduler.max_map_length"
        )
    return count


def waits_for(
    above: Mapped | None, above_index: int, below: Mapped | None, below_index: int
) -> bool:
    """Say whether an instance waits for another one, whose task comes directly before its own.

    In a mapped task group, only for the one with its own map index. One with index -1 was decided
    before the group had its instances, or waits for them: it stands for all of them.

    Source: SEMANTICS 6.8.
    """
    if above is None or not above.shares_indexes(below):
        return True
    return above_index == below_index or -1 in (above_index, below_index)


def may_rule_out(
    decider: Mapped | None, decider_index: int, other: Mapped | None, other_index: int
) -> bool:
    """Say whether what an instance decides to skip concerns another one.

    What is decided in one instance of a mapped task group stays in that instance.
    """
    if decider is None or decider.group_id is None or decider_index < 0:
        return True
    return decider.shares_indexes(other) and decider_index == other_index


def _length(length: Length, length_of: Callable[[str, str], int]) -> int:
    if length.kind == "known":
        return length.count
    if length.kind == "xcom":
        return length_of(length.task_id, length.key)
    parts = [_length(part, length_of) for part in length.parts]
    combine: dict[str, Callable[[list[int]], int]] = {
        "shortest": min,
        "longest": max,
        "total": sum,
    }
    return combine[length.kind](parts)
