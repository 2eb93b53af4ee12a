"""The text of the DAG file that runs a scheduled notebook, and where it is written."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hubflow.errors import BadRequest, DagExists

FOLDER = "notebooks"
SHORT = 70
MARK = "# Written by hubflow when this notebook was scheduled: "
_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,249}")
_NOT_IN_ID = re.compile(r"[^A-Za-z0-9_.-]+")


class NotebookDag(NamedTuple):
    """All that the generated file says. Paths are those of the API; `start_date` is aware."""

    dag_id: str
    notebook: str
    description: str
    schedule: str | None
    start_date: datetime
    timezone: str
    owner: str
    parameters: dict[str, Any]
    output: str | None
    retries: int
    retry_delay_s: float
    timeout_s: float


class WrittenDag(NamedTuple):
    """A DAG file just written: path relative to the DAG folder, sha256 of its text."""

    dag_id: str
    path: str
    sha256: str


def checked_id(dag_id: str) -> str:
    """Return a DAG id as given; raises BadRequest if no DAG can have it."""
    if not _ID.fullmatch(dag_id):
        raise BadRequest(
            f"dag_id: {dag_id!r} will not do; use letters, digits, '_', '-' and '.', at most 250"
        )
    return dag_id


def suggested_id(notebook: str) -> str:
    """Derive a DAG id from the name of a notebook."""
    name = _NOT_IN_ID.sub("_", Path(notebook).stem).strip("._-")
    return name[:200] or "notebook"


def render(dag: NotebookDag) -> str:
    """Return the text of the DAG file; every value in it is a Python literal."""
    values = dag._asdict() | {
        "first_line": MARK + literal(dag.notebook),
        "start": _datetime(dag.start_date, dag.timezone),
        "input_notebook": f"common_workspace/{dag.notebook}",
        "output_notebook": dag.output and f"common_workspace/{dag.output}",
    }
    return _environment().get_template("notebook_dag.py.j2").render(values)


def path_of(dag_id: str) -> str:
    """Return where the DAG file of a scheduled notebook lies, relative to the DAG folder."""
    return f"{FOLDER}/{dag_id}.py"


def write(dags: Path, dag: NotebookDag) -> WrittenDag:
    """Put the file in place in one step, replacing only what came from the same notebook.

    Raises DagExists when another file is in the way.
    """
    text = _checked(render(dag))
    relative = path_of(dag.dag_id)
    target = dags / relative
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=target.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o644)
            file.write(text)
        if _is_ours(target, dag.notebook):
            os.replace(temporary, target)
        else:
            _link(temporary, target, dag.dag_id, relative)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
    return WrittenDag(dag.dag_id, relative, hashlib.sha256(text.encode()).hexdigest())


def _checked(text: str) -> str:
    """Return the text if Python can read it; raises BadRequest before anything is written."""
    try:
        compile(text, "<notebook>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as exc:
        raise BadRequest(f"parameters: these cannot be written as Python ({exc})") from exc
    return text


def _is_ours(target: Path, notebook: str) -> bool:
    try:
        with target.open(encoding="utf-8", errors="replace") as file:
            return file.readline().rstrip("\n") == MARK + literal(notebook)
    except FileNotFoundError:
        return False


def _link(temporary: str, target: Path, dag_id: str, relative: str) -> None:
    """Create the target, but never over another file: `link` fails where `rename` replaces."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise DagExists(dag_id, relative) from None


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # Python, not HTML: the filter below makes each value a literal
    )
    environment.filters["literal"] = literal
    return environment


def literal(value: Any, indent: int = 0) -> str:
    """Write a JSON value as a Python literal, as a person would: long ones over several lines."""
    if isinstance(value, str):
        # JSON's escapes mean the same in Python; odd characters are left to `repr`.
        return json.dumps(value, ensure_ascii=False) if value.isprintable() else repr(value)
    if isinstance(value, dict):
        items = [f"{literal(key)}: {literal(item, indent + 4)}" for key, item in value.items()]
        return _bracketed("{}", items, indent)
    if isinstance(value, list):
        return _bracketed("[]", [literal(item, indent + 4) for item in value], indent)
    return repr(value)


def _bracketed(brackets: str, items: list[str], indent: int) -> str:
    line = f"{brackets[0]}{', '.join(items)}{brackets[1]}"
    if len(line) + indent <= SHORT and "\n" not in line:
        return line
    pad = " " * (indent + 4)
    body = "".join(f"{pad}{item},\n" for item in items)
    return f"{brackets[0]}\n{body}{' ' * indent}{brackets[1]}"


def _datetime(value: datetime, timezone: str) -> str:
    parts = [value.year, value.month, value.day, value.hour, value.minute]
    parts += [value.second] if value.second else []
    fold = ", fold=1" if value.fold else ""
    return f"datetime({', '.join(map(str, parts))}{fold}, tzinfo=ZoneInfo({literal(timezone)}))"
