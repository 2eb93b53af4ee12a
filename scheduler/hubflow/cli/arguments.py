"""What commands have in common that take arguments and print lists."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from hubflow.cli.base import HubflowApp
from hubflow.clock import parse_iso
from hubflow.errors import BadRequest

PAGE = 1000
Row = TypeVar("Row")


def pages(read: Callable[[int], list[Row]]) -> list[Row]:
    """Read page after page from its offset until one is not full."""
    rows: list[Row] = []
    while len(page := read(len(rows))) == PAGE:
        rows += page
    return rows + page


def one_argument(app: HubflowApp, what: str) -> str:
    """Return the command's only argument; raises BadRequest naming what is missing."""
    return words(app, what)[0]


def words(app: HubflowApp, *names: str) -> list[str]:
    """Return the command's arguments, as many as ``names``; raises BadRequest naming these."""
    if len(app.extra_args) != len(names):
        given = " ".join(app.extra_args) or "nothing"
        if not names:
            raise BadRequest(f"this takes no arguments, not {given}")
        raise BadRequest(f"name exactly {', then '.join(names)}, not {given}")
    return [str(word) for word in app.extra_args]


def date(text: str) -> datetime | None:
    """Read an ISO 8601 date, UTC unless it says otherwise; None for an empty text."""
    if not text:
        return None
    try:
        return parse_iso(text)
    except ValueError as exc:
        raise BadRequest(f"{text!r} is no ISO 8601 date, such as 2026-11-22T06:00+00:00") from exc


def conf(text: str) -> dict[str, Any]:
    """Read `--conf`; raises BadRequest unless it is a JSON object."""
    try:
        value = json.loads(text)
    except ValueError as exc:
        raise BadRequest(f"--conf is no JSON: {exc}") from exc
    except RecursionError as exc:
        raise BadRequest("--conf has too many lists or objects, one in another") from exc
    if not isinstance(value, dict):
        raise BadRequest(f"--conf must be a JSON object, not a {type(value).__name__}")
    return value
