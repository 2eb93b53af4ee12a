"""Versions of DAGs and their source texts, for reading."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.errors import NotFound


class VersionRow(NamedTuple):
    """One version, and the number of the newest one of its DAG."""

    version: orm.DagVersion
    newest: int


def hashes_of(session: Session, ids: Iterable[int]) -> dict[int, str]:
    """Return the hashes of the versions with these primary keys."""
    wanted = list(ids)
    if not wanted:
        return {}
    version = orm.DagVersion
    rows = session.execute(select(version.id, version.hash).where(version.id.in_(wanted)))
    return {id: hash for id, hash in rows}


def data_of(session: Session, ids: Iterable[int]) -> Sequence[tuple[int, bytes]]:
    """Return (primary key, serialized DAG as JSON) of the versions with these keys."""
    wanted = list(ids)
    if not wanted:
        return []
    rows = session.execute(
        select(orm.DagVersion.id, orm.DagVersion.data).where(orm.DagVersion.id.in_(wanted))
    )
    return [(id, data) for id, data in rows]


def get(session: Session, dag: orm.Dag, number: int | None = None) -> VersionRow:
    """Return a version by number, by default the current one. Raises NotFound."""
    version, newest = orm.DagVersion, _newest_number(dag)
    which = version.id == dag.version_id if number is None else version.number == number
    row = session.execute(select(version, newest).where(version.dag_id == dag.id, which)).first()
    if row is None:
        raise NotFound(f"DAG {dag.dag_id!r} has no version {number or 'yet'}")
    return VersionRow(row[0], row[1])


def find(session: Session, dag: orm.Dag, number: int) -> orm.DagVersion | None:
    """Return a version by its number."""
    version = orm.DagVersion
    return session.scalar(select(version).where(version.dag_id == dag.id, version.number == number))


def list_page(
    session: Session, dag: orm.Dag, *, limit: int, offset: int
) -> tuple[Sequence[orm.DagVersion], int]:
    """Return a page of versions, newest first, and how many there are."""
    version = orm.DagVersion
    query = select(version).where(version.dag_id == dag.id).order_by(version.number.desc())
    total = select(func.count()).select_from(version).where(version.dag_id == dag.id)
    rows = session.scalars(query.limit(limit).offset(offset)).all()
    return rows, session.scalar(total) or 0


def count_runs(session: Session, version: orm.DagVersion) -> int:
    """Count the runs that ran a version."""
    query = select(func.count()).where(
        orm.DagRun.dag_id == version.dag_id, orm.DagRun.dag_version_id == version.id
    )
    return session.scalar(query) or 0


def _newest_number(dag: orm.Dag):  # type: ignore[no-untyped-def]  # a scalar subquery of int
    return (
        select(func.max(orm.DagVersion.number))
        .where(orm.DagVersion.dag_id == dag.id)
        .scalar_subquery()
    )


def source_text(session: Session, source_id: int | None) -> str:
    """Return the text of a DAG file, empty if it was never stored."""
    found = session.scalar(select(orm.Source.text).where(orm.Source.id == source_id))
    return found or ""
