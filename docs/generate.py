"""Generate the parts of the documentation that follow from code: `python docs/generate.py`.

`tests/contracts/test_docs.py` fails when a committed page differs from what this writes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from airflow_operations import operations, reason_against
from hubflow.cli.main import Main
from hubflow.cli.tree import walk
from hubflow.compat import absent, names
from hubflow_server.openapi import document
from hubflow_server.operations import Route
from hubflow_server.other_routes import OTHERS
from hubflow_server.routes import ROUTES
from reference_tables import context, moves, operators, rules, settings

COMMON = {"--home", "--database-url", "--log-level"}
DOCS = Path(__file__).parent
OPENAPI = DOCS / "reference" / "openapi.json"
BEGIN, END = "<!-- generated: {} -->", "<!-- end of generated: {} -->"


def routes(table: Sequence[Route] = ROUTES) -> str:
    """Tabulate the REST API: method, path, permission, what it does."""
    rows = ["| method | path | permission | |", "|---|---|---|---|"]
    for route in table:
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
    described = msgspec.json.encode(document(ROUTES, OTHERS, "/services/hubflow"))
    return msgspec.json.format(described, indent=1).decode() + "\n"


PARTS: dict[str, Callable[[], str]] = {
    "task states": moves.task_diagram,
    "task moves from outside": moves.task_moves,
    "run states": moves.run_diagram,
    "run moves from outside": moves.run_moves,
    "meanings of task states": moves.task_meanings,
    "meanings of run states": moves.run_meanings,
    "meanings of backfill states": moves.backfill_meanings,
    "reasons of runs": moves.run_reasons,
    "trigger rules": rules.verdicts,
    "common arguments": operators.common,
    "sensor arguments": operators.of_sensors,
    "operators": operators.all_operators,
    "decorators": operators.decorators,
    "context keys": context.keys,
    "keys that are sometimes there": context.sometimes,
    "attributes": context.attributes,
    "macros": context.functions,
    "filters": context.filters,
    "settings": settings.own,
    "settings of the Hub": settings.of_hub,
    "routes": routes,
    "other routes": lambda: routes(OTHERS),
    "commands": commands,
    "airflow operations": airflow_operations,
    "airflow names": airflow_names,
    "absent": absent_names,
}


def filled(text: str) -> str:
    """Return a page with its generated parts renewed."""
    for name, part in PARTS.items():
        begin, end = BEGIN.format(name), END.format(name)
        if begin in text:
            before, rest = text.split(begin, 1)
            text = f"{before}{begin}\n{part()}\n{end}{rest.split(end, 1)[1]}"
    return text


def pages() -> list[Path]:
    """Return the pages that have generated parts."""
    return [page for page in sorted(DOCS.rglob("*.md")) if "<!-- generated: " in page.read_text()]


if __name__ == "__main__":
    for page in pages():
        page.write_text(filled(page.read_text()))
    OPENAPI.write_text(openapi())
