"""What commands have in common that take arguments and print lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from hubflow.cli.base import HubflowApp
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
    if len(app.extra_args) != 1:
        raise BadRequest(f"name exactly {what}, not {' '.join(app.extra_args) or 'nothing'}")
    return str(app.extra_args[0])
