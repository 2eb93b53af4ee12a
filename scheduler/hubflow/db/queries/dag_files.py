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
