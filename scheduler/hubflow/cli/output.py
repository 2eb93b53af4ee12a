"""`-o json` and `-o yaml` for programs, `-o table` for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from traitlets import Enum

from hubflow.cli.base import HubflowApp

FORMATS = ("table", "json", "yaml")
WIDEST = 500
"""Characters of a value that a table shows; -o json and yaml show all."""


class OutputApp(HubflowApp):
    """Base of commands that print rows."""

    output = Enum(FORMATS, "table", help="table for people, json or yaml for programs").tag(
        config=True
    )

    def emit(self, rows: Sequence[msgspec.Struct], columns: Sequence[str]) -> None:
        """Print every field of the rows as JSON or YAML, or these columns of them as a table."""
        values: list[dict[str, Any]] = msgspec.to_builtins(list(rows))
        if self.output == "json":
            print(msgspec.json.format(msgspec.json.encode(values), indent=2).decode())
            return
        if self.output == "yaml":
            print(msgspec.yaml.encode(values).decode(), end="")
            return
        print(table([[text(row.get(name)) for name in columns] for row in values], columns))

    def emit_one(self, row: msgspec.Struct) -> None:
        """Print one row: as JSON or YAML, or a line for each field that holds something."""
        if self.output != "table":
            self.emit([row], [])
            return
        for name in row.__struct_fields__:
            value = getattr(row, name)
            if isinstance(value, msgspec.Struct):
                value = msgspec.json.encode(value).decode()
            if value not in (None, "", [], {}):
                print(f"{name}: {value}")


OUTPUT_ALIASES = {"o": "OutputApp.output", "output": "OutputApp.output"}


def text(value: Any) -> str:
    """Write one value as a table shows it, on one line."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(map(text, value))
    line = " ".join(str(value).split()) if "\n" in str(value) else str(value)
    return line if len(line) <= WIDEST else f"{line[: WIDEST - 1]}…"


def table(rows: Sequence[Sequence[str]], columns: Sequence[str]) -> str:
    """Lay out rows in columns as wide as their longest value."""
    lines = [list(columns), *rows]
    widths = [max(len(line[n]) for line in lines) for n in range(len(columns))]
    return "\n".join(
        "  ".join(value.ljust(width) for value, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
