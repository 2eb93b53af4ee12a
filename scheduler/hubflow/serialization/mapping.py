"""What the number of a mapped task's instances depends on, without user code."""

from __future__ import annotations

from typing import Any

from hubflow.sdk.operator import BaseOperator
from hubflow.sdk.xcom_arg import JoinedOutput, MappedOutput, XComArg, ZippedOutput
from hubflow.serialization.model import Length, Mapped


def mapped_of(task: BaseOperator) -> Mapped | None:
    """Return over what ``task`` expands, or None if it is not mapped."""
    over = getattr(task, "expanded_over", None)
    return None if over is None else Mapped(factors=tuple(_length(value) for value in over()))


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
