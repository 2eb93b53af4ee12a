"""`airflow.utils.helpers`: small functions that DAG files import from there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import reduce
from itertools import islice
from typing import Any, TypeVar

from hubflow.sdk.dag_context import ID_LENGTH, check_id

Item = TypeVar("Item")
Result = TypeVar("Result")


def validate_key(k: str, max_length: int = ID_LENGTH) -> None:
    """Raise if ``k`` is no valid DAG or task id."""
    check_id("key", k)
    if len(k) > max_length:
        raise ValueError(f"The key has to be at most {max_length} characters, not {len(k)}")


def is_container(obj: object) -> bool:
    """Say whether something holds other things and is no text."""
    return hasattr(obj, "__iter__") and not isinstance(obj, str)


def as_tuple(obj: Any) -> tuple[Any, ...]:
    return tuple(obj) if is_container(obj) else (obj,)


def chunks(items: list[Item], chunk_size: int) -> Iterator[list[Item]]:
    """Yield parts of a list, each of at most ``chunk_size`` items."""
    if chunk_size <= 0:
        raise ValueError("Chunk size must be a positive integer")
    iterator = iter(items)
    while part := list(islice(iterator, chunk_size)):
        yield part


def reduce_in_chunks(
    fn: Callable[[Result, list[Item]], Result],
    iterable: list[Item],
    initializer: Result,
    chunk_size: int = 0,
) -> Result:
    """Reduce a list part by part."""
    if not iterable:
        return initializer
    return reduce(fn, chunks(iterable, chunk_size or len(iterable)), initializer)


def as_flattened_list(iterable: Iterable[Iterable[Item]]) -> list[Item]:
    return [item for part in iterable for item in part]


def merge_dicts(dict1: Mapping[Any, Any], dict2: Mapping[Any, Any]) -> dict[Any, Any]:
    """Merge two dicts at every depth; the second wins."""
    merged = dict(dict1)
    for key, value in dict2.items():
        if isinstance(merged.get(key), dict) and isinstance(value, dict):
            merged[key] = merge_dicts(merged[key], value)
        else:
            merged[key] = value
    return merged


def convert_camel_to_snake(camel_str: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", camel_str).lower()


def partition(
    pred: Callable[[Item], bool], iterable: Iterable[Item]
) -> tuple[Iterable[Item], Iterable[Item]]:
    """Return the items for which ``pred`` is false, and those for which it is true."""
    items = list(iterable)
    return [item for item in items if not pred(item)], [item for item in items if pred(item)]


def exactly_one(*args: Any) -> bool:
    return sum(map(bool, args)) == 1


def at_most_one(*args: Any) -> bool:
    return sum(map(bool, args)) <= 1


def prune_dict(val: Any, mode: str = "strict") -> Any:
    """Drop what is None ("strict") or empty ("truthy") at every depth."""

    def is_dropped(value: Any) -> bool:
        return not value if mode == "truthy" else value is None

    if isinstance(val, dict):
        pruned = {key: prune_dict(value, mode) for key, value in val.items()}
        return {key: value for key, value in pruned.items() if not is_dropped(value)}
    if isinstance(val, list):
        return [pruned for value in val if not is_dropped(pruned := prune_dict(value, mode))]
    return val
