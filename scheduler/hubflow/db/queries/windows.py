"""Ranges of dates by which lists are narrowed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement


class Window(NamedTuple):
    """The first and the last date that count; None leaves that side open."""

    first: datetime | None = None
    last: datetime | None = None


Windows = Mapping[str, Window]
Columns = Mapping[str, Any]


def within(columns: Columns, windows: Windows) -> list[ColumnElement[bool]]:
    """Return the conditions that each column lies in the window of its name."""
    found: list[ColumnElement[bool]] = []
    for name, window in windows.items():
        if window.first is not None:
            found.append(columns[name] >= window.first)
        if window.last is not None:
            found.append(columns[name] <= window.last)
    return found
