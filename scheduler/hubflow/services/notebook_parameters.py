"""Names, types and defaults from the cell tagged `parameters`. Nothing is ever executed.

Python cells are parsed with `ast`; of other languages only the lines that look like an
assignment are shown, as code.
"""

from __future__ import annotations

import ast
import io
import math
import re
import tokenize
from typing import Any

from hubflow.services.dto import ParameterDto

_MAGIC = re.compile(r"^\s*[%!?].*$", re.MULTILINE)
_ASSIGNMENT = re.compile(
    r"^\s*(?:val|var|let)?\s*([A-Za-z_][\w.]*)\s*(?::[^=]+)?(?:=|<-)\s*(.+?);?\s*$"
)
_KINDS: dict[type, str] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "text",
    list: "list",
    tuple: "list",
    dict: "dict",
    type(None): "none",
}


def read_parameters(source: str, language: str) -> list[ParameterDto]:
    """Return the parameters that a cell defines, in order; the last assignment of a name counts."""
    found = _from_python(source) if language.startswith("python") else _from_lines(source)
    return list({parameter.name: parameter for parameter in found}.values())


def _from_python(source: str) -> list[ParameterDto]:
    text = _MAGIC.sub("", source)
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError):
        return []
    comments = _comments(text)
    found = []
    for statement in body:
        target, value = _target(statement), getattr(statement, "value", None)
        if target is not None and value is not None:
            written = ast.get_source_segment(text, value) or ""
            comment = comments.get(statement.end_lineno or 0)
            found.append(_parameter(target, value, written, comment))
    return found


def _target(statement: ast.stmt) -> str | None:
    """Return the one plain name that a statement assigns to."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target: ast.expr = statement.targets[0]
    elif isinstance(statement, ast.AnnAssign):
        target = statement.target
    else:
        return None
    return target.id if isinstance(target, ast.Name) else None


def _parameter(name: str, value: ast.expr, written: str, comment: str | None) -> ParameterDto:
    kind, literal = "code", None
    try:
        literal = ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        pass
    else:
        kind = _KINDS.get(type(literal), "code") if _is_json(literal) else "code"
    return ParameterDto(
        name=name,
        kind=kind,
        value=literal if kind != "code" else None,
        source=written,
        help=comment,
    )


def _is_json(value: Any) -> bool:
    """Say whether JSON can carry the value there and back."""
    if isinstance(value, (list, tuple)):
        return all(_is_json(item) for item in value)
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_json(item) for key, item in value.items())
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, int):
        return abs(value) < 2**63
    return value is None or isinstance(value, str)


def _comments(source: str) -> dict[int, str]:
    """Map line numbers to the comments at their ends."""
    found = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT and token.line[: token.start[1]].strip():
                found[token.start[0]] = token.string.lstrip("# ").strip()
    except (tokenize.TokenError, SyntaxError):
        return {}
    return found


def _from_lines(source: str) -> list[ParameterDto]:
    matches = (_ASSIGNMENT.match(line) for line in source.splitlines())
    return [
        ParameterDto(name=match[1], kind="code", value=None, source=match[2])
        for match in matches
        if match
    ]
