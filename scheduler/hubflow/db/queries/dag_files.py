"""DAG files, for reading."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.errors import NotFound


def get(session: Session, id: int) -> orm.DagFile:
    """Return a DAG file by primary key; raises NotFound."""
    found = session.get(orm.DagFile, id)
    if found is None:
        raise NotFound(f"there is no DAG file {id}")
    return found


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
