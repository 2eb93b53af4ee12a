"""Values of DAGs as plain JSON values and as text for people.

Everything here is deterministic: the same DAG file gives the same result in every process, so
sets are sorted and no memory address ever appears.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Set
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any
from uuid import UUID

_TOO_LARGE = 2**63  # no reader of the stored JSON takes larger integers


def to_plain(value: Any) -> Any:
    """Return ``value`` made of None, bool, int, float, str, list and dict only."""
    if isinstance(value, Enum):
        return to_plain(value.value)
    if isinstance(value, int) and abs(value) >= _TOO_LARGE:
        return str(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, Set):
        return sorted((to_plain(item) for item in value), key=_sort_key)
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    return _named(value)


def to_text(value: Any) -> str:
    """Return ``value`` as people read it: text as it is, everything else like JSON."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return value
    return json.dumps(to_plain(value), ensure_ascii=False)


def _named(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, timedelta | Decimal | UUID | PurePath):
        return str(value)
    if isinstance(value, functools.partial):
        return f"<partial {_named(value.func)}>"
    if callable(value) and hasattr(value, "__qualname__"):
        return f"<{value.__qualname__}>"
    kind = type(value)
    return f"<{kind.__qualname__}>"


def _sort_key(value: Any) -> tuple[str, str]:
    return type(value).__name__, json.dumps(value, sort_keys=True)
