"""What commands have in common that take arguments and print lists."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from hubflow.cli.options import Misused
from hubflow.clock import parse_iso
from hubflow.services.dag_runs import YEARS

PAGE = 1000
Row = TypeVar("Row")


def pages(read: Callable[[int], list[Row]]) -> list[Row]:
    """Read page after page from its offset until one is not full."""
    rows: list[Row] = []
    while len(page := read(len(rows))) == PAGE:
        rows += page
    return rows + page


def date(text: str) -> datetime | None:
    """Read an ISO 8601 date, UTC unless it says otherwise; None for an empty text."""
    if not text:
        return None
    try:
        found = parse_iso(text)
    except (ValueError, OverflowError) as exc:
        raise Misused(f"{text!r} is no ISO 8601 date, such as 2026-11-22T06:00+00:00") from exc
    if found.year not in YEARS:
        raise Misused(f"{text!r} must lie between {YEARS.start} and {YEARS.stop}")
    return found


def conf(text: str) -> dict[str, Any]:
    """Read `--conf`; raises Misused unless it is a JSON object."""
    try:
        value = json.loads(text)
    except ValueError as exc:
        raise Misused(f"--conf is no JSON: {exc}") from exc
    except RecursionError as exc:
        raise Misused("--conf has too many lists or objects, one in another") from exc
    if not isinstance(value, dict):
        raise Misused(f"--conf must be a JSON object, not a {type(value).__name__}")
    return value
