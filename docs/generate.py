"""Generate the parts of the documentation that follow from code: `python docs/generate.py`.

`tests/contracts/test_docs.py` fails when a committed page differs from what this writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from hubflow.compat import absent, names
from hubflow.states import OUTSIDE_MOVES, OUTSIDE_RUN_MOVES, OWN_MOVES, OWN_RUN_MOVES
from hubflow_server.openapi import document
from hubflow_server.routes import ROUTES

DOCS = Path(__file__).parent
OPENAPI = DOCS / "reference" / "openapi.json"
BEGIN, END = "<!-- generated: {} -->", "<!-- end of generated: {} -->"


Moves = Mapping[tuple[Any, Any], StrEnum]


def diagram(moves: Moves, first: str) -> str:
    """Draw a state machine as Mermaid, in the order of its table."""
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {first}"]
    lines += [f"    {state} --> {target}: {event}" for (state, event), target in moves.items()]
    return "\n".join([*lines, "```"])


def from_outside(moves: Moves) -> str:
    """Tabulate what people can do to a state: one row for each event and what it leads to."""
    rows: dict[tuple[str, str], list[str]] = {}
    for (state, event), target in moves.items():
        rows.setdefault((event, target), []).append(state)
    lines = ["| event | from | to |", "|---|---|---|"]
    lines += [f"| {event} | {', '.join(at)} | {target} |" for (event, target), at in rows.items()]
    return "\n".join(lines)


def routes() -> str:
    """Tabulate the REST API: method, path, permission, what it does."""
    rows = ["| method | path | permission | |", "|---|---|---|---|"]
    for route in ROUTES:
        for method, operation in route.operations.items():
            permission = operation.permission.value if operation.permission else "open"
            summary = " ".join((getattr(route.handler, method.lower()).__doc__ or "").split())
            rows.append(f"| {method} | `{route.path}` | {permission} | {summary} |")
    return "\n".join(rows)


def airflow_names() -> str:
    """Tabulate the modules of Airflow that hubflow answers, and the names in each."""
    rows = ["| module | names |", "|---|---|"]
    for module, found in sorted(names.modules().items()):
        listed = ", ".join(f"`{name}`" for name in sorted(found) if name != "*")
        more = " and what else belongs there" if "*" in found else ""
        if found:
            rows.append(f"| `{module}` | {listed}{more} |")
    return "\n".join(rows)


def absent_names() -> str:
    """Tabulate the operators and hooks that can be named and not be used."""
    needed: dict[str, list[str]] = {}
    for name, needs in sorted({**absent.TASKS, **absent.HOOKS}.items()):
        needed.setdefault(needs, []).append(f"`{name}`")
    rows = ["| needs | names |", "|---|---|"]
    return "\n".join([*rows, *(f"| {n} | {', '.join(found)} |" for n, found in needed.items())])


def openapi() -> str:
    """Return the OpenAPI document as the service at its usual place serves it."""
    described = msgspec.json.encode(document(ROUTES, "/services/hubflow/api/v1"))
    return msgspec.json.format(described, indent=1).decode() + "\n"


def parts() -> dict[str, str]:
    """Return the name and the text of every generated part."""
    return {
        "task states": diagram(OWN_MOVES, "none"),
        "task moves from outside": from_outside(OUTSIDE_MOVES),
        "run states": diagram(OWN_RUN_MOVES, "queued"),
        "run moves from outside": from_outside(OUTSIDE_RUN_MOVES),
        "routes": routes(),
        "airflow names": airflow_names(),
        "absent": absent_names(),
    }


def filled(text: str) -> str:
    """Return a page with its generated parts renewed."""
    for name, part in parts().items():
        begin, end = BEGIN.format(name), END.format(name)
        if begin in text:
            before, rest = text.split(begin, 1)
            text = f"{before}{begin}\n{part}\n{end}{rest.split(end, 1)[1]}"
    return text


def pages() -> list[Path]:
    """Return the pages that have generated parts."""
    return [page for page in sorted(DOCS.rglob("*.md")) if "<!-- generated: " in page.read_text()]


if __name__ == "__main__":
    for page in pages():
        page.write_text(filled(page.read_text()))
    OPENAPI.write_text(openapi())
