"""What the templates of the newest try of a task instance became: its fields, its name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from hubflow.db import orm


def put(
    session: Session,
    task_instance_id: int,
    try_number: int,
    fields: Mapping[str, str],
    at: datetime,
) -> None:
    """Keep what a try rendered, unless the task instance is gone or has a newer try by now."""
    instance = session.get(orm.TaskInstance, task_instance_id)
    if instance is None or instance.try_number > try_number:
        return
    kept = session.get(orm.RenderedFields, task_instance_id)
    if kept is None:
        session.add(orm.RenderedFields(task_instance_id=task_instance_id, fields=fields, at=at))
    else:
        kept.fields, kept.at = dict(fields), at


def name(session: Session, task_instance_id: int, try_number: int, name: str) -> None:
    """Keep what people call an instance, unless it is gone or has a newer try by now."""
    instance = session.get(orm.TaskInstance, task_instance_id)
    if instance is not None and instance.try_number <= try_number:
        instance.display_name = name or None
