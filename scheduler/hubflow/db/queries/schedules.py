"""DAGs and their versions as the scheduler reads them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hubflow.db import orm


class VersionRow(NamedTuple):
    """One stored version: `data` is a SerializedDag as JSON, `sha256` names its source text."""

    id: int
    number: int
    data: bytes
    sha256: str


def list_changed(session: Session, after_change: int) -> Sequence[orm.Dag]:
    """Return DAGs whose `change_id` is greater, in the order of change."""
    return session.scalars(
        select(orm.Dag).where(orm.Dag.change_id > after_change).order_by(orm.Dag.change_id)
    ).all()


def list_by_keys(session: Session, keys: Sequence[int]) -> Sequence[orm.Dag]:
    """Return the DAGs with these primary keys."""
    return session.scalars(select(orm.Dag).where(orm.Dag.id.in_(keys))).all()


def find_version(session: Session, version_id: int) -> VersionRow | None:
    """Return one version of a DAG."""
    row = session.execute(
        select(orm.DagVersion.id, orm.DagVersion.number, orm.DagVersion.data, orm.Source.sha256)
        .join(orm.Source, orm.DagVersion.source_id == orm.Source.id)
        .where(orm.DagVersion.id == version_id)
    ).first()
    return None if row is None else VersionRow(*row)


def set_next_run(
    session: Session, dag_key: int, execution_date: datetime | None, due_at: datetime | None
) -> None:
    """Write when the next scheduled run is created, for lists."""
    session.execute(
        update(orm.Dag)
        .where(orm.Dag.id == dag_key)
        .values(next_execution_date=execution_date, next_due_at=due_at)
    )
