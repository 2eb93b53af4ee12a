"""DAGs as lists and pages show them, for reading."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.errors import DagNotFound
from hubflow.states import RunState


class DagRow(NamedTuple):
    """A DAG joined with its file, version number and whether the file is broken now."""

    dag: orm.Dag
    path: str
    parsed_at: datetime | None
    version: int | None
    has_import_error: bool


class DagFilter(NamedTuple):
    """What a list of DAGs is narrowed to; None or empty narrows nothing."""

    search: str = ""
    paused: bool | None = None
    only_active: bool = True
    last_run_state: RunState | None = None
    tags: tuple[str, ...] = ()


class DagCounts(NamedTuple):
    """How many DAGs a filter shows, not looking at its `paused`."""

    paused: int
    unpaused: int

    def shown(self, paused: bool | None) -> int:
        if paused is None:
            return self.paused + self.unpaused
        return self.paused if paused else self.unpaused


def get(session: Session, dag_id: str) -> orm.Dag:
    """Return the DAG with this id; raises DagNotFound."""
    dag = find(session, dag_id)
    if dag is None:
        raise DagNotFound(dag_id)
    return dag


def find(session: Session, dag_id: str) -> orm.Dag | None:
    """Return the DAG with this id, if there is one."""
    return session.scalar(select(orm.Dag).where(orm.Dag.dag_id == dag_id))


def get_row(session: Session, dag_id: str) -> DagRow:
    """Return the DAG with what its page shows; raises DagNotFound."""
    row = session.execute(_rows().where(orm.Dag.dag_id == dag_id)).first()
    if row is None:
        raise DagNotFound(dag_id)
    return DagRow(*row)


def list_page(
    session: Session, narrowed: DagFilter, *, limit: int, after: str = "", offset: int = 0
) -> list[DagRow]:
    """Return up to ``limit`` DAGs by id: those past ``after``, or from ``offset`` on."""
    query = _rows().where(*_conditions(session, narrowed)).order_by(orm.Dag.dag_id).limit(limit)
    if narrowed.paused is not None:
        query = query.where(orm.Dag.is_paused == narrowed.paused)
    if narrowed.last_run_state is not None:
        query = query.join(orm.DagRun, orm.DagRun.id == orm.Dag.last_run_id)
    query = query.where(orm.Dag.dag_id > after) if after else query.offset(offset)
    return [DagRow(*row) for row in session.execute(query)]


def list_subdags(session: Session, dag_id: str) -> Sequence[orm.Dag]:
    """Return the active sub-DAGs of a DAG, with theirs in turn."""
    return session.scalars(
        select(orm.Dag).where(
            orm.Dag.kind == orm.SUBDAG,
            orm.Dag.is_active,
            orm.Dag.dag_id.startswith(f"{dag_id}.", autoescape=True),
        )
    ).all()


def list_of_kind(session: Session, kind: str) -> Sequence[orm.Dag]:
    """Return the active DAGs of a kind, by id."""
    return session.scalars(
        select(orm.Dag).where(orm.Dag.kind == kind, orm.Dag.is_active).order_by(orm.Dag.dag_id)
    ).all()


def count(session: Session, narrowed: DagFilter) -> DagCounts:
    """Count the DAGs that ``narrowed`` shows, paused and not."""
    is_paused = case((orm.Dag.is_paused, 1), else_=0)
    query = select(func.count(), func.coalesce(func.sum(is_paused), 0)).select_from(orm.Dag)
    if narrowed.last_run_state is not None:
        query = query.join(orm.DagRun, orm.DagRun.id == orm.Dag.last_run_id)
    total, paused = session.execute(query.where(*_conditions(session, narrowed))).one()
    return DagCounts(paused, total - paused)


def _rows() -> Select[orm.Dag, str, datetime | None, int, bool]:
    return (
        select(
            orm.Dag,
            orm.DagFile.path,
            orm.DagFile.parsed_at,
            orm.DagVersion.number,
            orm.ImportFailure.id.is_not(None),
        )
        .join(orm.DagFile, orm.DagFile.id == orm.Dag.dag_file_id)
        .outerjoin(orm.DagVersion, orm.DagVersion.id == orm.Dag.version_id)
        .outerjoin(orm.ImportFailure, orm.ImportFailure.dag_file_id == orm.Dag.dag_file_id)
    )


def _conditions(session: Session, narrowed: DagFilter) -> Sequence[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [orm.Dag.kind != orm.SUBDAG]
    if narrowed.only_active:
        found.append(orm.Dag.is_active.is_(True))
    if narrowed.search:
        columns = (orm.Dag.dag_id, orm.Dag.description, orm.Dag.owners)
        found.append(or_(*(c.icontains(narrowed.search, autoescape=True) for c in columns)))
    if narrowed.last_run_state is not None:
        found.append(orm.DagRun.state == narrowed.last_run_state)
    if narrowed.tags:
        found.append(orm.Dag.id.in_(_ids_with_tags(session, set(narrowed.tags))))
    return found


def _ids_with_tags(session: Session, tags: set[str]) -> list[int]:
    """Return keys of DAGs with one of the tags; JSON is bytes to the database, so Python looks."""
    rows = session.execute(select(orm.Dag.id, orm.Dag.tags))
    return [id for id, has in rows if tags & set(has or ())]
