"""Values that tasks hand to each other: JSON if that keeps them as they are, else a pickle.

Pickles are only ever loaded here, and this runs in task processes; everybody else shows `text`.
"""

from __future__ import annotations

import json
import math
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hubflow.questions import PullXCom, too_large
from hubflow.sdk.exceptions import HubflowException, XComTooLarge

RETURN_KEY = "return_value"
LIMIT_BYTES = 16 * 1024 * 1024
TEXT_LENGTH = 4096
KEY_LENGTH = 250


@dataclass(frozen=True, slots=True)
class XComValue:
    """One encoded value. `encoding` is "json" (UTF-8 text) or "pickle"; `text` is for people.

    `length` is how many items a list or dict has; None for other values.
    """

    key: str
    encoding: str
    data: bytes
    text: str
    length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class XComQuery:
    """Which stored values a pull looks at; None means any (SEMANTICS 5.1).

    Of each task instance it gives the newest; with ``limit`` every value, at most so many.
    """

    dag_id: str
    execution_date: datetime
    task_ids: tuple[str, ...] | None = None
    key: str | None = RETURN_KEY
    include_prior_dates: bool = False
    map_indexes: tuple[int, ...] | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class XComFound:
    """A stored value that matches a query; `execution_date` is that at which it is pulled, `at`
    when it was stored."""

    task_id: str
    key: str
    encoding: str
    data: bytes
    execution_date: datetime
    at: datetime
    map_index: int = -1


def question_of(query: XComQuery) -> PullXCom:
    """Return a query as the database answers it."""
    return PullXCom(
        dag_id=query.dag_id,
        execution_date=query.execution_date,
        task_ids=None if query.task_ids is None else list(query.task_ids),
        key=query.key,
        include_prior_dates=query.include_prior_dates,
        map_indexes=None if query.map_indexes is None else list(query.map_indexes),
        limit=query.limit,
    )


def encode(key: str, value: Any, limit_bytes: int = LIMIT_BYTES) -> XComValue:
    """Encode a value; raises HubflowException if it cannot be, XComTooLarge if it is too large.

    Raises TypeError or ValueError for a key that cannot be one.
    """
    if not isinstance(key, str):
        raise TypeError(f"the key of an XCom is a text, not {key!r}")
    if not 0 < len(key) <= KEY_LENGTH:
        raise ValueError(
            f"the key of an XCom has 1 to {KEY_LENGTH} characters, not {len(key)}: {key[:40]!r}"
        )
    encoding, data = ("json", _json(value)) if _is_json(value) else ("pickle", _pickle(key, value))
    if len(data) > limit_bytes:
        raise XComTooLarge(too_large(key, len(data), limit_bytes))
    length = len(value) if isinstance(value, list | tuple | dict) else None
    return XComValue(key, encoding, data, shown_text(value), length)


def decode(encoding: str, data: bytes) -> Any:
    """Return the value; only ever called in a task process."""
    if encoding == "json":
        return json.loads(data)
    return pickle.loads(data)


def pick(found: Sequence[XComFound], task_ids: object) -> Any:
    """Choose from what a query found, newest first, as `xcom_pull` answers.

    A list, tuple or set of task ids gives a list in that order, with None where nothing matched.
    """
    if isinstance(task_ids, list | tuple | set | frozenset):
        newest: dict[str, XComFound] = {}
        for item in found:
            newest.setdefault(item.task_id, item)
        return [_value(newest.get(task_id)) for task_id in task_ids]
    return _value(found[0] if found else None)


def in_order(found: Sequence[XComFound]) -> list[Any]:
    """Return the values of the instances of a mapped task, by map index."""
    return [_value(item) for item in sorted(found, key=lambda item: item.map_index)]


def _value(item: XComFound | None) -> Any:
    return None if item is None else decode(item.encoding, item.data)


def _survives_json(value: Any) -> bool:
    """Say whether JSON gives back an equal value of the same types."""
    kind = type(value)
    if kind is float:
        return math.isfinite(value)
    if kind is list:
        return all(map(_survives_json, value))
    if kind is dict:
        return all(type(key) is str for key in value) and all(map(_survives_json, value.values()))
    return value is None or kind in (bool, int, str)


def _is_json(value: Any) -> bool:
    try:
        return _survives_json(value)
    except RecursionError:  # too deep, or a list that holds itself: pickle can do both
        return False


def _json(value: Any) -> bytes:
    try:
        return json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half a surrogate pair: only an escape can hold it
        return json.dumps(value).encode()


def _pickle(key: str, value: Any) -> bytes:
    try:
        return pickle.dumps(value, protocol=4)
    except Exception as exc:
        raise HubflowException(
            f"the XCom {key!r} is a {type(value).__name__} that cannot be stored: {exc}"
        ) from exc


def shown_text(value: Any) -> str:
    """Return the repr that people see, at most `TEXT_LENGTH` characters of it."""
    try:
        text = repr(value)
    except Exception as exc:
        text = f"<{type(value).__name__} whose repr fails: {exc}>"
    return text if len(text) <= TEXT_LENGTH else text[: TEXT_LENGTH - 1] + "…"
