"""XCom values, for reading by people: nothing here ever loads a pickle."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from hubflow.db import orm


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
