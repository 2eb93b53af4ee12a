"""Generate the parts of the documentation that follow from code: `python docs/generate.py`.

`tests/contracts/test_docs.py` fails when a committed page differs from what this writes.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

sys.path.insert(0, str(Path(__file__).parent))
from airflow_operations import operations, reason_against

from hubflow.cli.main import Main
from hubflow.cli.tree import walk
from hubflow.states import OUTSIDE_MOVES, OUTSIDE_RUN_MOVES, OWN_MOVES, OWN_RUN_MOVES
from hubflow_server.openapi import document
from hubflow_server.operations import Route
from hubflow_server.other_routes import OTHERS
from hubflow_server.routes import ROUTES

COMMON = {"--home", "--database-url", "--log-level"}
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


def routes(table: Sequence[Route] = ROUTES) -> str:
    """Tabulate the REST API: method, path, permission, what it does."""
    rows = ["| method | path | permission | |", "|---|---|---|---|"]
    for route in table:
        for method, operation in route.operations.items():
            permission = operation.permission.value if operation.permission else "open"
            summary = " ".join((getattr(route.handler, method.lower()).__doc__ or "").split())
            rows.append(f"| {method} | `{route.path}` | {permission} | {summary} |")
    return "\n".join(rows)


def commands() -> str:
    """Describe every command with its options, as `--help` does."""
    lines: list[str] = []
    for command in walk(Main, ("hubflow",)):
        if len(command.words) == 1:
            continue
        lines += [f"{'#' * len(command.words)} {' '.join(command.words)}", "", command.text, ""]
        if command.children:
            continue
        rows = [
            f"| {', '.join(f'`{name}`' for name in option.names)} | "
            f"{' '.join(option.help.split())} |"
            for option in command.options
            if not set(option.names) & COMMON
        ]
        lines += ["| option | |", "|---|---|", *rows, ""] if rows else []
    return "\n".join(lines).rstrip()


def airflow_operations() -> str:
    """Tabulate the operations of Airflow's stable API: done, or why not."""
    ours = {(method, route.path) for route in ROUTES for method in route.operations}
    rows = ["| method | path | |", "|---|---|---|"]
    for method, path in operations():
        said = "done" if (method, path) in ours else f"no: {reason_against(path)}"
        rows.append(f"| {method} | `{path}` | {said} |")
    done = sum((method, path) in ours for method, path in operations())
    return "\n".join([f"{done} of {len(operations())} are served.", "", *rows])


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
        "other routes": routes(OTHERS),
        "commands": commands(),
        "airflow operations": airflow_operations(),
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
