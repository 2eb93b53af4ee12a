"""XCom values, for reading by people: nothing here ever loads a pickle."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hubflow.db import orm


class XComFilter(NamedTuple):
    """Whose values a list shows; None means anybody's."""

    dag_id: str | None
    run_id: str | None
    task_id: str | None
    key: str | None
    map_index: int | None


class XComRow(NamedTuple):
    """A value without itself: it may be large."""

    key: str
    timestamp: datetime
    execution_date: datetime
    task_id: str
    dag_id: str
    map_index: int


def list_page(
    session: Session, wanted: XComFilter, *, limit: int, offset: int
) -> tuple[list[XComRow], int]:
    """Return a page of values, by run, task instance and key, and how many there are."""
    instance = orm.TaskInstance
    columns = {
        orm.Dag.dag_id: wanted.dag_id,
        orm.DagRun.run_id: wanted.run_id,
        instance.task_id: wanted.task_id,
        orm.XCom.key: wanted.key,
        instance.map_index: wanted.map_index,
    }
    found = (
        select(
            orm.XCom.key,
            orm.XCom.at,
            orm.DagRun.execution_date,
            instance.task_id,
            orm.Dag.dag_id,
            instance.map_index,
        )
        .join(instance, instance.id == orm.XCom.task_instance_id)
        .join(orm.DagRun, orm.DagRun.id == instance.dag_run_id)
        .join(orm.Dag, orm.Dag.id == orm.DagRun.dag_id)
        .where(*(column == value for column, value in columns.items() if value is not None))
    )
    total = session.scalar(select(func.count()).select_from(found.subquery()))
    page = found.order_by(instance.dag_run_id, instance.id, orm.XCom.key)
    rows = session.execute(page.limit(limit).offset(offset))
    return [XComRow(*row) for row in rows], total or 0


def list_of(session: Session, instance: orm.TaskInstance) -> Sequence[orm.XCom]:
    """Return all values that a task instance pushed, by key."""
    return session.scalars(
        select(orm.XCom).where(orm.XCom.task_instance_id == instance.id).order_by(orm.XCom.key)
    ).all()


def find(session: Session, instance: orm.TaskInstance, key: str) -> orm.XCom | None:
    """Return one value, or None."""
    return session.scalar(
        select(orm.XCom).where(orm.XCom.task_instance_id == instance.id, orm.XCom.key == key)
    )
