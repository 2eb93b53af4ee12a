"""Generate the parts of the documentation that follow from code: `python docs/generate.py`.

`tests/contracts/test_docs.py` fails when a committed page differs from what this writes.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

import msgspec

from hubflow.states import RUN_TRANSITIONS, TRANSITIONS
from hubflow_server.openapi import document
from hubflow_server.routes import ROUTES

DOCS = Path(__file__).parent
OPENAPI = DOCS / "reference" / "openapi.json"
BEGIN, END = "<!-- generated: {} -->", "<!-- end of generated: {} -->"


def diagram(moves: Iterable[tuple[StrEnum, StrEnum, StrEnum]], first: str) -> str:
    """Draw a state machine as Mermaid, in the order of its table."""
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {first}"]
    lines += [f"    {state} --> {target}: {event}" for state, event, target in moves]
    return "\n".join([*lines, "```"])


def routes() -> str:
    """Tabulate the REST API: method, path, permission, what it does."""
    rows = ["| method | path | permission | |", "|---|---|---|---|"]
    for route in ROUTES:
        for method, operation in route.operations.items():
            permission = operation.permission.value if operation.permission else "open"
            summary = (getattr(route.handler, method.lower()).__doc__ or "").strip()
            rows.append(f"| {method} | `{route.path}` | {permission} | {summary} |")
    return "\n".join(rows)


def openapi() -> str:
    """Return the OpenAPI document as the service at its usual place serves it."""
    described = msgspec.json.encode(document(ROUTES, "/services/hubflow/api/v1"))
    return msgspec.json.format(described, indent=1).decode() + "\n"


def parts() -> dict[str, str]:
    """Return the name and the text of every generated part."""
    task = ((state, event, target) for (state, event), target in TRANSITIONS.items())
    run = ((state, event, target) for (state, event), target in RUN_TRANSITIONS.items())
    return {
        "task states": diagram(task, "none"),
        "run states": diagram(run, "queued"),
        "routes": routes(),
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
