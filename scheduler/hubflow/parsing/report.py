"""What the importing child process and the processor say to each other."""

from __future__ import annotations

import msgspec


class ImportOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Import this text as the file `path` of the DAG folder, in `timeout_s` seconds."""

    folder: str
    path: str
    text: str
    timeout_s: float
    memory_mb: int
    catchup_by_default: bool
    duplicate_dependency: str = "auto"


class ParsedDag(msgspec.Struct, frozen=True):
    """One DAG: `data` is SerializedDag as JSON, `hash` that of its meaning."""

    dag_id: str
    hash: str
    data: bytes


class Failure(msgspec.Struct, frozen=True, tag=True):
    """Why the file cannot be imported; `line` is 1-based in that file."""

    message: str
    stacktrace: str
    line: int | None = None
    needs: list[str] = []
    """What is missing here, if that is why."""


class Parsed(msgspec.Struct, frozen=True, tag=True):
    """The DAGs of the file, sorted by id; may be none."""

    dags: list[ParsedDag]
    needs: list[str] = []
    """What its tasks need that is not here: they cannot run until it is."""


Report = Parsed | Failure
