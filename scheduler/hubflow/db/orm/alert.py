"""Alerts: mails to be sent and callbacks of DAGs to be called, until they are done."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hubflow.db.orm.base import Base
from hubflow.db.types import Json, LongText, UtcDateTime


class Alert(Base):
    """One alert, written in the transaction that caused it and acted on after the commit.

    kind : "mail" (sent by the scheduler's process) or "callback" (user code, so called in a
        task process).
    reason : "task_failure", "task_retry", "sla_miss", "run_success", "run_failure"…
    data : what the kind needs: recipients, subject and facts of a mail; name and facts of a
        callback.
    state : "pending", "done" or "failed"; a failed attempt stays pending until `attempts` are
        used up. `error` says why the last attempt failed.
    """

    __tablename__ = "alert"
    __table_args__ = (
        Index("ix_alert_state_next_at", "state", "next_at"),
        Index("ix_alert_dag_run_id", "dag_run_id"),  # deleting a run deletes its alerts
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(40))
    dag_id: Mapped[int] = mapped_column(ForeignKey("dag.id", ondelete="CASCADE"))
    dag_run_id: Mapped[int | None] = mapped_column(ForeignKey("dag_run.id", ondelete="CASCADE"))
    task_instance_id: Mapped[int | None]
    try_number: Mapped[int | None]
    data: Mapped[Any] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(20), default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(LongText)
