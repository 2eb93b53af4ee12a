"""How many instances a mapped task has in a run."""

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
