"""Runs of DAGs, for reading."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, select, union_all
from sqlalchemy.orm import Session, aliased

from hubflow.db import orm
from hubflow.db.queries import bounded
from hubflow.db.queries.paging import directed
from hubflow.db.queries.windows import Windows, within
from hubflow.errors import DagRunNotFound
from hubflow.states import RUN_FINISHED, RunState

ORDERS = {
    "id": orm.DagRun.id,
    "dag_run_id": orm.DagRun.run_id,
    "execution_date": orm.DagRun.execution_date,
    "logical_date": orm.DagRun.execution_date,
    "start_date": orm.DagRun.start_date,
    "end_date": orm.DagRun.end_date,
    "updated_at": orm.DagRun.updated_at,
    "state": orm.DagRun.state,
}


class RunRow(NamedTuple):
    """A run, the number of the version it ran, and the id of its DAG."""

    run: orm.DagRun
    version: int | None
    dag_id: str


class StartedRow(NamedTuple):
    """A run that a task started."""

    dag_id: str
    run_id: str
    state: RunState


class FailedRow(NamedTuple):
    """A failed run and the id of its DAG."""

    dag_id: str
    run: orm.DagRun


def get(session: Session, dag_id: str, run_id: str) -> RunRow:
    """Return one run; raises DagRunNotFound."""
    query = _rows().where(orm.Dag.dag_id == dag_id, orm.DagRun.run_id == run_id)
    row = session.execute(query).first()
    if row is None:
        raise DagRunNotFound(dag_id, run_id)
    return RunRow(*row)


def find_at(session: Session, dag_id: str, execution_date: datetime) -> RunRow | None:
    """Return the run of a DAG at this date."""
    query = _rows().where(orm.Dag.dag_id == dag_id, orm.DagRun.execution_date == execution_date)
    row = session.execute(query).first()
    return None if row is None else RunRow(*row)


def list_between(
    session: Session, dag_key: int, first: datetime | None, last: datetime | None
) -> Sequence[orm.DagRun]:
    """Return the runs of a DAG with execution dates in [first, last], oldest first."""
    query = select(orm.DagRun).where(orm.DagRun.dag_id == dag_key)
    if first is not None:
        query = query.where(orm.DagRun.execution_date >= first)
    if last is not None:
        query = query.where(orm.DagRun.execution_date <= last)
    return session.scalars(query.order_by(orm.DagRun.execution_date)).all()


def find_dated(session: Session, dag_key: int, execution_date: datetime) -> orm.DagRun | None:
    """Return the run of a DAG at this date."""
    return session.scalar(
        select(orm.DagRun).where(
            orm.DagRun.dag_id == dag_key, orm.DagRun.execution_date == execution_date
        )
    )


def list_children(session: Session, parents: Sequence[int]) -> Sequence[orm.DagRun]:
    """Return the runs that these task instances started."""
    return session.scalars(
        select(orm.DagRun).where(orm.DagRun.parent_id.in_(parents)).order_by(orm.DagRun.id)
    ).all()


def find_started(session: Session, parent: orm.TaskInstance) -> StartedRow | None:
    """Return the newest run that a task instance started and waits for, or has waited for."""
    row = session.execute(
        select(orm.Dag.dag_id, orm.DagRun.run_id, orm.DagRun.state)
        .join(orm.Dag, orm.DagRun.dag_id == orm.Dag.id)
        .where(orm.DagRun.parent_id == parent.id)
        .order_by(orm.DagRun.id.desc())
        .limit(1)
    ).first()
    return row and StartedRow(*row)


def find_clash(
    session: Session, dag_key: int, run_id: str, execution_date: datetime
) -> orm.DagRun | None:
    """Return a run that has this run id or this execution date already."""
    same = (orm.DagRun.run_id == run_id) | (orm.DagRun.execution_date == execution_date)
    return session.scalar(select(orm.DagRun).where(orm.DagRun.dag_id == dag_key, same).limit(1))


def list_page(
    session: Session,
    *,
    dag_key: int | None,
    states: Sequence[RunState],
    dag_ids: Sequence[str] = (),
    dates: Windows | None = None,
    order_by: str,
    limit: int,
    offset: int,
) -> tuple[list[RunRow], int]:
    """Return a page of runs and how many there are, as `bounded.total` says it.

    ``order_by`` may start with ``-``; ``dates`` has a window for a name in `ORDERS`.
    """
    conditions: list[ColumnElement[bool]] = within(ORDERS, dates or {})
    if dag_ids:
        keys = select(orm.Dag.id).where(orm.Dag.dag_id.in_(dag_ids))
        conditions.append(orm.DagRun.dag_id.in_(keys))
    if dag_key is not None:
        conditions.append(orm.DagRun.dag_id == dag_key)
    if states:
        conditions.append(orm.DagRun.state.in_(states))
    order = directed(order_by, ORDERS[order_by.removeprefix("-")], orm.DagRun.id)
    query = _rows().where(*conditions).order_by(*order).limit(limit).offset(offset)
    rows = [RunRow(*row) for row in session.execute(query)]
    matching = select(orm.DagRun.id).where(*conditions)
    return rows, bounded.total_of(session, matching, len(rows), limit, offset)


def list_before(session: Session, dag_key: int, *, before: int | None, limit: int) -> list[RunRow]:
    """Return the ``limit`` runs with the latest execution dates before that of run ``before``.

    Latest first. The order is that of the index on (dag, execution date).
    """
    query = _rows().where(orm.DagRun.dag_id == dag_key)
    if before is not None:
        limit_date = select(orm.DagRun.execution_date).where(orm.DagRun.id == before)
        query = query.where(orm.DagRun.execution_date < limit_date.scalar_subquery())
    rows = session.execute(query.order_by(orm.DagRun.execution_date.desc()).limit(limit))
    return [RunRow(*row) for row in rows]


def list_recent(session: Session, dag_keys: Sequence[int], count: int) -> dict[int, list[RunRow]]:
    """Return the last ``count`` runs of each DAG, oldest first, in one SELECT.

    One short index scan for each DAG, glued by UNION ALL: a window function would read every
    run of these DAGs.
    """
    found: dict[int, list[RunRow]] = {key: [] for key in dag_keys}
    if not dag_keys:
        return found
    newest = [
        select(orm.DagRun.id)
        .where(orm.DagRun.dag_id == key)
        .order_by(orm.DagRun.execution_date.desc())
        .limit(count)
        .subquery()
        for key in dag_keys
    ]
    ids = union_all(*(select(part.c.id) for part in newest)).subquery()
    query = _rows().join(ids, ids.c.id == orm.DagRun.id).order_by(orm.DagRun.execution_date)
    for row in session.execute(query):
        found[row[0].dag_id].append(RunRow(*row))
    return found


def list_newest_failed(session: Session, limit: int) -> list[FailedRow]:
    """Return the newest finished run of each active DAG, where that run failed; newest first."""
    other = aliased(orm.DagRun)
    newest = (
        select(other.id)
        .where(other.dag_id == orm.Dag.id, other.state.in_(RUN_FINISHED))
        .order_by(other.execution_date.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(orm.Dag.dag_id, orm.DagRun)
        .join(orm.DagRun, orm.DagRun.id == newest)
        .where(orm.Dag.is_active, orm.Dag.kind != orm.SUBDAG)
        .where(orm.DagRun.state == RunState.FAILED)
        .order_by(orm.DagRun.end_date.desc())
        .limit(limit)
    )
    return [FailedRow(*row) for row in session.execute(query)]


def _rows() -> Select[orm.DagRun, int, str]:
    return (
        select(orm.DagRun, orm.DagVersion.number, orm.Dag.dag_id)
        .join(orm.Dag, orm.Dag.id == orm.DagRun.dag_id)
        .outerjoin(orm.DagVersion, orm.DagVersion.id == orm.DagRun.dag_version_id)
    )
