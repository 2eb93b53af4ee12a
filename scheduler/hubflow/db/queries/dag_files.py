"""DAG files, for reading."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.db.queries.paging import directed
from hubflow.errors import NotFound


class FileRow(NamedTuple):
    """A DAG file with the ids of its active DAGs, and whether it is broken now."""

    file: orm.DagFile
    dag_ids: list[str]
    is_broken: bool


def list_read(session: Session) -> list[FileRow]:
    """Return the files that hold DAGs or are broken, the slowest to read first."""
    dag_ids: dict[int, list[str]] = {}
    for key, dag_id in session.execute(
        select(orm.Dag.dag_file_id, orm.Dag.dag_id)
        .where(orm.Dag.is_active)
        .order_by(orm.Dag.dag_id)
    ):
        dag_ids.setdefault(key, []).append(dag_id)
    broken = set(session.scalars(select(orm.ImportFailure.dag_file_id)))
    slowest = directed("-", orm.DagFile.parse_duration_ms)
    files = session.scalars(select(orm.DagFile).order_by(*slowest, orm.DagFile.path))
    rows = [FileRow(file, dag_ids.get(file.id, []), file.id in broken) for file in files]
    return [row for row in rows if row.dag_ids or row.is_broken]


def get(session: Session, id: int) -> orm.DagFile:
    """Return a DAG file by primary key; raises NotFound."""
    found = session.get(orm.DagFile, id)
    if found is None:
        raise NotFound(f"there is no DAG file {id}")
    return found


def find_by_path(session: Session, path: str) -> orm.DagFile | None:
    """Return the DAG file at a path relative to the DAG folder, or None."""
    return session.scalar(select(orm.DagFile).where(orm.DagFile.path == path))


def dag_ids_of(session: Session, file: orm.DagFile) -> list[str]:
    """Return the ids of the active DAGs in a file."""
    found = select(orm.Dag.dag_id).where(orm.Dag.dag_file_id == file.id, orm.Dag.is_active)
    return list(session.scalars(found.order_by(orm.Dag.dag_id)))


def path_of(session: Session, dag: orm.Dag) -> str:
    """Return the path of a DAG's file, relative to the DAG folder."""
    return session.scalars(select(orm.DagFile.path).where(orm.DagFile.id == dag.dag_file_id)).one()


def find_dag_of_text(session: Session, path: str, sha256: str) -> orm.Dag | None:
    """Return the DAG in the file at ``path`` if exactly this text was read without an error."""
    return session.scalar(
        select(orm.Dag)
        .join(orm.DagFile, orm.DagFile.id == orm.Dag.dag_file_id)
        .join(orm.Source, orm.Source.id == orm.DagFile.source_id)
        .outerjoin(orm.ImportFailure, orm.ImportFailure.dag_file_id == orm.DagFile.id)
        .where(
            orm.DagFile.path == path,
            orm.Source.sha256 == sha256,
            orm.Dag.is_active,
            orm.Dag.version_id.is_not(None),
            orm.ImportFailure.id.is_(None),
        )
        .limit(1)
    )
