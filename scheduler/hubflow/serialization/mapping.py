"""What the number of a mapped task's instances depends on, without user code."""

from __future__ import annotations

from typing import Any

from hubflow.sdk.expansion import Expansion
from hubflow.sdk.mapped import MappedOperator
from hubflow.sdk.operator import BaseOperator
from hubflow.sdk.xcom_arg import JoinedOutput, MappedOutput, XComArg, ZippedOutput
from hubflow.serialization.model import Length, Mapped


def mapped_of(task: BaseOperator) -> Mapped | None:
    """Return over what ``task`` expands, or its mapped group; None if neither is mapped."""
    group = task.mapped_group
    if isinstance(task, MappedOperator):
        return Mapped(factors=_factors(task.expansion))
    if group is None or group.expansion is None:
        return None
    return Mapped(factors=_factors(group.expansion), group_id=group.group_id)


def _factors(expansion: Expansion) -> tuple[Length, ...]:
    return tuple(map(_length, expansion.factors()))


def _length(value: Any) -> Length:
    if isinstance(value, XComArg):
        return Length(kind="xcom", task_id=value.operator.task_id, key=value.key)
    if isinstance(value, MappedOutput):
        return _length(value.source)
    if isinstance(value, ZippedOutput):
        kind = "shortest" if value.fillvalue is None else "longest"
        return Length(kind=kind, parts=tuple(map(_length, value.sources)))
    if isinstance(value, JoinedOutput):
        return Length(kind="total", parts=tuple(map(_length, value.sources)))
    return Length(count=len(value))
