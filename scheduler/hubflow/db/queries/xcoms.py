"""XCom values, for reading by people: nothing here ever loads a pickle."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.db.orm.xcom import WITH_ITS_RUN


class XComFilter(NamedTuple):
    """Whose values a list shows; None means anybody's."""

    dag_id: str | None
    run_id: str | None
    task_id: str | None
    key: str | None
    map_index: int | None


class XComRow(NamedTuple):
    """A value without itself: it may be large. `execution_date` is that at which it is pulled."""

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
            case(
                (orm.XCom.visible_from == WITH_ITS_RUN, orm.DagRun.execution_date),
                else_=orm.XCom.visible_from,
            ),
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
    page = found.order_by(instance.dag_run_id, instance.id, orm.XCom.key, orm.XCom.visible_from)
    rows = session.execute(page.limit(limit).offset(offset))
    return [XComRow(*row) for row in rows], total or 0


def list_of(session: Session, instance: orm.TaskInstance) -> Sequence[orm.XCom]:
    """Return all values that a task instance pushed, by key."""
    return session.scalars(
        select(orm.XCom)
        .where(orm.XCom.task_instance_id == instance.id)
        .order_by(orm.XCom.key, orm.XCom.visible_from)
    ).all()


def find(session: Session, instance: orm.TaskInstance, key: str) -> orm.XCom | None:
    """Return the value that is pulled first: that of the run, else the first of a later date."""
    return session.scalars(
        select(orm.XCom)
        .where(orm.XCom.task_instance_id == instance.id, orm.XCom.key == key)
        .order_by(orm.XCom.visible_from)
    ).first()


def own_date(value: orm.XCom) -> datetime | None:
    """Return the execution date that hides a value until then; None if its run's counts."""
    return None if value.visible_from == WITH_ITS_RUN else value.visible_from
