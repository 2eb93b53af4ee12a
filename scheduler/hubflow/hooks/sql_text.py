"""SQL scripts as text: one statement after another."""

from __future__ import annotations

import re
from collections.abc import Iterator

# What a semicolon inside of does not end a statement: comments, strings, names, dollar quotes.
_OPAQUE = re.compile(
    r"""--[^\n]*|/\*.*?(?:\*/|\Z)|'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\$(\w*)\$.*?\$\1\$""",
    re.DOTALL,
)
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


def statements(script: str) -> list[str]:
    """Return the statements of a script, without the semicolons and without empty ones."""
    return [text for part in _parts(script) if _COMMENT.sub("", text := part.strip()).strip()]


def _parts(script: str) -> Iterator[str]:
    start = at = 0
    while at < len(script):
        if script[at] == ";":
            yield script[start:at]
            start = at = at + 1
        elif opaque := _OPAQUE.match(script, at):
            at = max(opaque.end(), at + 1)
        else:
            at += 1
    yield script[start:]
