"""Tables, and docstrings as table cells."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Sequence

_ENTRY = re.compile(r"^(\w+(?:, \w+)*) : (.*)$")
_HEAD = "Parameters\n----------\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table; `|` in cells is escaped."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "\n".join(lines)


def code(text: str) -> str:
    """Write as code; nothing for nothing."""
    return f"`{text}`" if text else ""


def codes(names: Iterable[str]) -> str:
    """Write names as code, with commas between."""
    return ", ".join(code(name) for name in names)


def prose(thing: object) -> str:
    """Return what a docstring says before its parameters, as Markdown."""
    text = (inspect.getdoc(thing) or "").split(_HEAD)[0].strip()
    return text.replace("``", "`")


def line(thing: object) -> str:
    """Return the first paragraph of a docstring as one line."""
    return " ".join(prose(thing).split("\n\n")[0].split())


def parameters(thing: object) -> dict[str, str]:
    """Return what the docstring of a class says about each of its parameters."""
    found: dict[str, str] = {}
    names: list[str] = []
    for text in (inspect.getdoc(thing) or "").partition(_HEAD)[2].splitlines():
        if entry := _ENTRY.match(text):
            names = entry[1].split(", ")
            found.update(dict.fromkeys(names, entry[2]))
        elif not text.startswith(" "):
            break
        else:
            found.update({name: f"{found[name]} {text.strip()}" for name in names})
    return {name: text.replace("``", "`") for name, text in found.items()}
