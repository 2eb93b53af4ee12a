"""Arguments that must survive while a task has no process: JSON, with times and durations."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from hubflow.sdk.exceptions import HubflowException

LIMIT_BYTES = 1024 * 1024
KIND, VALUE = "__kind__", "value"
# The first that fits: a datetime is a date, too.
_WRITERS: tuple[tuple[type, str, Callable[[Any], Any]], ...] = (
    (datetime, "datetime", lambda at: at.isoformat()),
    (date, "date", lambda day: day.isoformat()),
    (time, "time", lambda clock: clock.isoformat()),
    (timedelta, "timedelta", lambda length: length.total_seconds()),
    (set, "set", lambda items: sorted(items, key=repr)),
    (frozenset, "set", lambda items: sorted(items, key=repr)),
)
_READERS: Mapping[str, Callable[[Any], Any]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": lambda seconds: timedelta(seconds=seconds),
    "set": set,
}


def dumps(value: Any, what: str) -> bytes:
    """Encode ``value``; raises HubflowException that names ``what`` cannot be kept."""
    try:
        data = json.dumps(value, default=_write).encode()
    except (TypeError, ValueError, RecursionError) as exc:
        raise HubflowException(
            f"{what} cannot be kept while the task waits, because it is no JSON: {exc}"
        ) from exc
    if len(data) > LIMIT_BYTES:
        raise HubflowException(
            f"{what} takes {len(data):,} bytes and may take {LIMIT_BYTES:,}; push it as an XCom, "
            "or write it to a file, and hand over where it is"
        )
    return data


def plain_dumps(value: Any, what: str) -> bytes:
    """Encode what others read as JSON, too; raises HubflowException that names ``what`` is none."""
    try:
        return json.dumps(value, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as exc:
        name, why = _culprit(value, exc)
        raise HubflowException(
            f"{what} is no JSON{name}: {why}; give dates and the like as text, such as "
            "execution_date.isoformat()"
        ) from exc


def _culprit(value: Any, error: Exception) -> tuple[str, Exception]:
    """Return which key of a dict is at fault, and why."""
    for key, item in value.items() if isinstance(value, Mapping) else ():
        try:
            json.dumps({key: item}, allow_nan=False)
        except (TypeError, ValueError, RecursionError) as exc:
            return f" (its key {key!r})", exc
    return "", error


def loads(data: bytes) -> Any:
    """Return what `dumps` was given; tuples come back as lists."""
    return json.loads(data, object_hook=_read)


def _write(value: Any) -> dict[str, Any]:
    for kind, name, write in _WRITERS:
        if isinstance(value, kind):
            return {KIND: name, VALUE: write(value)}
    raise TypeError(f"a {type(value).__name__} is in it")


def _read(found: dict[str, Any]) -> Any:
    read = _READERS.get(found.get(KIND, ""))
    return found if read is None else read(found[VALUE])
