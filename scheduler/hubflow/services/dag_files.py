"""Texts of DAG files."""

from __future__ import annotations

from datetime import datetime

import msgspec

from hubflow.db.queries import dag_files, dag_versions, import_failures
from hubflow.errors import NotFound
from hubflow.services import shapes
from hubflow.services.access import Actor, Permission
from hubflow.services.dto import FileDto
from hubflow.services.unit import Backend, reading


class DagFileReport(msgspec.Struct, frozen=True):
    """How reading a DAG file went the last time."""

    file: str
    dags: list[str]
    parse_duration_ms: int | None
    parsed_at: datetime | None
    is_broken: bool


def report(backend: Backend, actor: Actor) -> list[DagFileReport]:
    """Return one row for each DAG file, the slowest first."""
    with reading(backend, actor, Permission.DAGS_READ) as session:
        return [
            DagFileReport(
                row.file.path,
                row.dag_ids,
                row.file.parse_duration_ms,
                row.file.parsed_at,
                row.is_broken,
            )
            for row in dag_files.list_read(session)
        ]


def view(backend: Backend, actor: Actor, path: str) -> FileDto:
    """Return the file at a path relative to the DAG folder, broken or not. Raises NotFound."""
    with reading(backend, actor, Permission.DAGS_READ) as session:
        file = dag_files.find_by_path(session, path)
        if file is None:
            raise NotFound(f"there is no DAG file {path!r}; it may have been deleted or renamed")
        failure = import_failures.find_for_file(session, file.id)
        return FileDto(
            path=file.path,
            text=dag_versions.source_text(session, file.source_id),
            parsed_at=file.parsed_at,
            dag_ids=dag_files.dag_ids_of(session, file),
            error=shapes.import_error(failure) if failure else None,
        )


def source(backend: Backend, actor: Actor, file_token: str) -> str:
    """Return the text of the file that a DAG's `file_token` names. Raises NotFound."""
    if not file_token.isdecimal() or len(file_token) > 18:
        raise NotFound(f"{file_token!r} is no file token; take it from the DAG")
    with reading(backend, actor, Permission.DAGS_READ) as session:
        file = dag_files.get(session, int(file_token))
        return dag_versions.source_text(session, file.source_id)
