"""Backfills as the scheduler and the services write them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.errors import BackfillNotFound
from hubflow.states import BACKFILL_ACTIVE, RUN_FINISHED, RunState


class Progress(NamedTuple):
    """How many runs of a backfill ended, failed among these, and are queued or running."""

    done: int
    failed: int
    active: int


def list_options(session: Session) -> list[tuple[int, int, Any]]:
    """Return (primary key, DAG key, options) of the backfills under way."""
    backfill = orm.Backfill
    query = select(backfill.id, backfill.dag_id, backfill.options)
    rows = session.execute(query.where(backfill.state.in_(BACKFILL_ACTIVE)))
    return [(key, dag_key, options) for key, dag_key, options in rows]


def list_active(session: Session, dag_key: int) -> Sequence[orm.Backfill]:
    """Return the backfills of a DAG that are under way, oldest first."""
    return session.scalars(
        select(orm.Backfill)
        .where(orm.Backfill.state.in_(BACKFILL_ACTIVE), orm.Backfill.dag_id == dag_key)
        .order_by(orm.Backfill.id)
    ).all()


def get(session: Session, key: int) -> tuple[orm.Backfill, orm.Dag]:
    """Return a backfill and its DAG; raises BackfillNotFound."""
    row = session.execute(
        select(orm.Backfill, orm.Dag)
        .join(orm.Dag, orm.Dag.id == orm.Backfill.dag_id)
        .where(orm.Backfill.id == key)
    ).first()
    if row is None:
        raise BackfillNotFound(key)
    return row[0], row[1]


def list_page(
    session: Session, *, dag_key: int | None, limit: int, offset: int
) -> tuple[list[tuple[orm.Backfill, str]], int]:
    """Return a page of (backfill, DAG id), newest first, and how many there are."""
    query = select(orm.Backfill, orm.Dag.dag_id).join(orm.Dag, orm.Dag.id == orm.Backfill.dag_id)
    total = select(func.count()).select_from(orm.Backfill)
    if dag_key is not None:
        query = query.where(orm.Backfill.dag_id == dag_key)
        total = total.where(orm.Backfill.dag_id == dag_key)
    rows = session.execute(query.order_by(orm.Backfill.id.desc()).limit(limit).offset(offset))
    return [(row[0], row[1]) for row in rows], session.scalar(total) or 0


def count_runs(session: Session, key: int) -> Counter[RunState]:
    """Count the runs of a backfill by state."""
    rows = session.execute(
        select(orm.DagRun.state, func.count())
        .where(orm.DagRun.backfill_id == key)
        .group_by(orm.DagRun.state)
    )
    return Counter({state: count for state, count in rows})


def progress(counts: Counter[RunState]) -> Progress:
    """Say how far a backfill with so many runs in each state is."""
    done = sum(counts[state] for state in RUN_FINISHED)
    return Progress(done, counts[RunState.FAILED], sum(counts.values()) - done)


def list_runs(session: Session, key: int, states: Sequence[RunState]) -> Sequence[orm.DagRun]:
    """Return the runs of a backfill in these states, by date."""
    return session.scalars(
        select(orm.DagRun)
        .where(orm.DagRun.backfill_id == key, orm.DagRun.state.in_(states))
        .order_by(orm.DagRun.execution_date)
    ).all()
