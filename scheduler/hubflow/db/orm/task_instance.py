"""Task instances, their tries, and what their templates became."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hubflow.clock import utcnow
from hubflow.db.orm.base import Base
from hubflow.db.types import Json, LongText, TaskStateText, UtcDateTime
from hubflow.states import TaskState


class TaskInstance(Base):
    """One task in one run. `try_number` is the current or last try, 0 before the first.

    `map_index` is -1 for a task that is not mapped, and for a mapped one until it is expanded.
    `ready_at` is since when nothing but a slot is missing. `retry_at` is when a task that is up for
    retry or for reschedule goes on. `deferral` is where a try stands that was rescheduled or
    deferred (`execution.messages.Pause`); None for any other.
    `rules_out` lists the task ids that a branch, short circuit or sensor has decided to skip.
    """

    __tablename__ = "task_instance"
    __table_args__ = (
        UniqueConstraint("dag_run_id", "task_id", "map_index"),
        # One for each order of the list of all, and so that a filter finds its few among many.
        Index("ix_task_instance_state_id", "state", "id"),
        Index("ix_task_instance_task_id_id", "task_id", "id"),
        Index("ix_task_instance_map_index_id", "map_index", "id"),
        Index("ix_task_instance_try_number_id", "try_number", "id"),
        Index("ix_task_instance_pool_id", "pool", "id"),
        Index("ix_task_instance_queue_id", "queue", "id"),
        Index("ix_task_instance_priority_weight_id", "priority_weight", "id"),
        Index("ix_task_instance_operator_id", "operator", "id"),
        Index("ix_task_instance_start_date_id", "start_date", "id"),
        Index("ix_task_instance_end_date_id", "end_date", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dag_run_id: Mapped[int] = mapped_column(ForeignKey("dag_run.id", ondelete="CASCADE"))
    task_id: Mapped[str] = mapped_column(String(250))
    map_index: Mapped[int] = mapped_column(default=-1)
    display_name: Mapped[str | None] = mapped_column(String(250))
    """Of an instance of a mapped task, what its `map_index_template` became."""
    state: Mapped[TaskState] = mapped_column(TaskStateText)
    try_number: Mapped[int] = mapped_column(default=0)
    max_tries: Mapped[int] = mapped_column(default=0)
    """Tries after which it fails: retries + 1."""
    operator: Mapped[str] = mapped_column(String(250))
    pool: Mapped[str] = mapped_column(String(250), default="default_pool")
    pool_slots: Mapped[int] = mapped_column(default=1)
    queue: Mapped[str] = mapped_column(String(250), default="default")
    priority_weight: Mapped[int] = mapped_column(default=1)
    ready_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    queued_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    start_date: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end_date: Mapped[datetime | None] = mapped_column(UtcDateTime)
    retry_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    hostname: Mapped[str | None] = mapped_column(String(250))
    pid: Mapped[int | None]
    deferral: Mapped[Any] = mapped_column(Json, nullable=True)
    rules_out: Mapped[Any] = mapped_column(Json, nullable=True)
    note: Mapped[str | None] = mapped_column(LongText)
    updated_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, default=utcnow, onupdate=utcnow
    )


class TaskTry(Base):
    """One finished or running try of a task instance; rows appear when the try starts.

    `ready_at` is when all that the try waited for was there, `queued_at` when it got a slot,
    `start_date` when its process was up, `code_at` when its own code began.
    `error_detail` tells a notebook's failing cell: {"cell", "ename", "evalue", "kind"}.
    `artifacts` maps a kind ("notebook") to a path below the artifact folder.
    """

    __tablename__ = "task_try"
    __table_args__ = (UniqueConstraint("task_instance_id", "try_number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    task_instance_id: Mapped[int] = mapped_column(
        ForeignKey("task_instance.id", ondelete="CASCADE")
    )
    try_number: Mapped[int]
    state: Mapped[TaskState] = mapped_column(TaskStateText)
    ready_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    queued_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    start_date: Mapped[datetime | None] = mapped_column(UtcDateTime)
    code_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end_date: Mapped[datetime | None] = mapped_column(UtcDateTime)
    hostname: Mapped[str | None] = mapped_column(String(250))
    pid: Mapped[int | None]
    exit_code: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(LongText)
    error_detail: Mapped[Any] = mapped_column(Json, nullable=True)
    artifacts: Mapped[Any] = mapped_column(Json, nullable=True)


class RenderedFields(Base):
    """The template fields of the last try, as text by name."""

    __tablename__ = "rendered_fields"

    task_instance_id: Mapped[int] = mapped_column(
        ForeignKey("task_instance.id", ondelete="CASCADE"), primary_key=True
    )
    fields: Mapped[Any] = mapped_column(Json)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
