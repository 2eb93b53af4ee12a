"""What the template fields of a try became, as people see it."""

from __future__ import annotations

from typing import Any

from hubflow.sdk.templating import ResolvedLater
from hubflow.sdk.xcom import TEXT_LENGTH, shown_text


def texts(task: Any) -> dict[str, str]:
    """Return the template fields of a task that hold something, as text by name."""
    values = {name: getattr(task, name, None) for name in task.template_fields}
    return {
        name: _text(value)
        for name, value in values.items()
        if isinstance(value, ResolvedLater) or _holds_something(value)
    }


def _holds_something(value: Any) -> bool:
    return value is not None and not (isinstance(value, str | list | tuple | dict) and not value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        return shown_text(value)
    return value if len(value) <= TEXT_LENGTH else f"{value[: TEXT_LENGTH - 1]}…"
