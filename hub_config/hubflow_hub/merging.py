"""Add to lists and dicts of a traitlets `Config` without losing what the admin put there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from traitlets.config import Config
from traitlets.config.loader import LazyConfigValue


def present(section: Config, name: str, empty: Any) -> Any:
    """Return a copy of a list or dict as it is so far, also if it was only appended to."""
    if name not in section:
        return type(empty)(empty)
    value = section[name]
    if isinstance(value, LazyConfigValue):
        return value.get_value(type(empty)(empty))
    return type(empty)(value)


def append(section: Config, name: str, items: Iterable[Any]) -> None:
    """Add what a list does not hold yet."""
    found = present(section, name, [])
    section[name] = found + [item for item in items if item not in found]


def fill(section: Config, name: str, items: Mapping[str, Any]) -> None:
    """Add keys that a dict does not hold yet; the admin's values stay."""
    section[name] = {**items, **present(section, name, {})}


def add_by_name(section: Config, name: str, items: Iterable[Mapping[str, Any]]) -> None:
    """Add dicts to a list of dicts, except those whose `name` is there already."""
    found = present(section, name, [])
    taken = {item.get("name") for item in found}
    section[name] = found + [dict(item) for item in items if item["name"] not in taken]
