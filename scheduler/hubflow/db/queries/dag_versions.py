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
