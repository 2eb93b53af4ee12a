"""DAGs as lists and pages show them, for reading."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select
from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.db.queries.run_moves import ACTIVE
from hubflow.errors import DagNotFound
from hubflow.states import RunState, meant_by

ORDERS = {
    "dag_id": orm.Dag.dag_id,
    "is_active": orm.Dag.is_active,
    "is_paused": orm.Dag.is_paused,
    "last_parsed_time": orm.DagFile.parsed_at,
    "next_dagrun": orm.Dag.next_execution_date,
}


class DagRow(NamedTuple):
    """A DAG joined with its file, version number and whether the file is broken now."""

    dag: orm.Dag
    path: str
    parsed_at: datetime | None
    version: int | None
    has_import_error: bool


class DagFilter(NamedTuple):
    """What a list of DAGs is narrowed to; None or empty narrows nothing.

    `search` is looked for in ids, descriptions and owners, `id_part` in ids only. `new_since` keeps
    DAGs among those that are on which are switched off only because nobody has looked at them yet,
    added since then and never run, and those that run all the same. `only_new` leaves those that
    are off and never ran, however old.
    """

    search: str = ""
    id_part: str = ""
    paused: bool | None = None
    only_active: bool = True
    last_run_state: RunState | None = None
    tags: tuple[str, ...] = ()
    new_since: datetime | None = None
    only_new: bool = False


class DagCounts(NamedTuple):
    """How many DAGs a filter shows, not looking at its `paused`.

    kept : paused ones that the list of those that are on has in it all the same.
    new : paused ones that never ran.
    """

    paused: int
    unpaused: int
    kept: int = 0
    new: int = 0

    def shown(self, paused: bool | None) -> int:
        if paused is None:
            return self.paused + self.unpaused
        return self.paused if paused else self.unpaused + self.kept


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
    session: Session,
    narrowed: DagFilter,
    *,
    limit: int,
    after: str = "",
    offset: int = 0,
    order_by: str = "dag_id",
) -> list[DagRow]:
    """Return up to ``limit`` DAGs: by id those past ``after``, or in any order from ``offset``."""
    column = ORDERS[order_by.removeprefix("-")]
    order = column.desc() if order_by.startswith("-") else column.asc()
    query = _rows().where(*_conditions(session, narrowed)).limit(limit)
    query = query.order_by(order, orm.Dag.dag_id)
    if narrowed.paused is not None:
        is_meant = orm.Dag.is_paused == narrowed.paused
        query = query.where(or_(is_meant, _is_kept(narrowed)))
    if narrowed.only_new:
        query = query.where(_is_new())
    if narrowed.last_run_state is not None:
        query = query.join(orm.DagRun, orm.DagRun.id == orm.Dag.last_run_id)
    query = query.where(orm.Dag.dag_id > after) if after else query.offset(offset)
    return [DagRow(*row) for row in session.execute(query)]


def display_names(session: Session, dag_ids: Collection[str]) -> dict[str, str]:
    """Return what people call those of the DAGs whose name is not their id."""
    rows = session.execute(
        select(orm.Dag.dag_id, orm.Dag.display_name).where(
            orm.Dag.dag_id.in_(dag_ids), orm.Dag.display_name.is_not(None)
        )
    )
    return {dag_id: name for dag_id, name in rows if name is not None}


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
    query = select(
        func.count(),
        _count_if(orm.Dag.is_paused.is_(True)),
        _count_if(_is_kept(narrowed)),
        _count_if(_is_new()),
    ).select_from(orm.Dag)
    if narrowed.last_run_state is not None:
        query = query.join(orm.DagRun, orm.DagRun.id == orm.Dag.last_run_id)
    found = session.execute(query.where(*_conditions(session, narrowed))).one()
    total, paused, kept, new = map(int, found)
    return DagCounts(paused, total - paused, kept, new)


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


def _count_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _is_new() -> ColumnElement[bool]:
    return and_(orm.Dag.is_paused, orm.Dag.last_run_id.is_(None))


def _is_kept(narrowed: DagFilter) -> ColumnElement[bool]:
    if narrowed.new_since is None:
        return false()
    active = select(orm.DagRun.dag_id).where(orm.DagRun.state.in_(ACTIVE))
    return and_(
        orm.Dag.is_paused,
        or_(
            and_(_is_new(), orm.Dag.created_at > narrowed.new_since),
            orm.Dag.id.in_(active),
        ),
    )


def _conditions(session: Session, narrowed: DagFilter) -> Sequence[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [orm.Dag.kind != orm.SUBDAG]
    if narrowed.only_active:
        found.append(orm.Dag.is_active.is_(True))
    if narrowed.search:
        dag = orm.Dag
        columns = (dag.dag_id, dag.display_name, dag.description, dag.owners)
        found.append(or_(*(c.icontains(narrowed.search, autoescape=True) for c in columns)))
    if narrowed.id_part:
        found.append(orm.Dag.dag_id.icontains(narrowed.id_part, autoescape=True))
    if narrowed.last_run_state is not None:
        found.append(orm.DagRun.state.in_(meant_by(narrowed.last_run_state)))
    if narrowed.tags:
        found.append(orm.Dag.id.in_(_ids_with_tags(session, set(narrowed.tags))))
    return found


def _ids_with_tags(session: Session, tags: set[str]) -> list[int]:
    """Return keys of DAGs with one of the tags; JSON is bytes to the database, so Python looks."""
    rows = session.execute(select(orm.Dag.id, orm.Dag.tags))
    return [id for id, has in rows if tags & set(has or ())]
