"""`airflow.listeners`: listeners of plugins are accepted; nobody calls them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def hookimpl(function: Callable[..., Any] | None = None, **options: Any) -> Any:
    """Mark a listener, with or without options."""
    return function if function is not None else lambda marked: marked
