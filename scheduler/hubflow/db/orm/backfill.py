"""Backfills: runs for a range of dates, made by the scheduler."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hubflow.db.orm.base import Base
from hubflow.db.types import Json, UtcDateTime


class Backfill(Base):
    """One backfill. `options` is a struct of the service; `next_date` is the next run to make.

    state : "queued", "running", "success", "failed" or "cancelled".
    total, done, failed : how many runs it has in all, finished, and failed; kept, not counted.
    """

    __tablename__ = "backfill"
    __table_args__ = (Index("ix_backfill_state_id", "state", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    dag_id: Mapped[int] = mapped_column(ForeignKey("dag.id", ondelete="CASCADE"))
    from_date: Mapped[datetime] = mapped_column(UtcDateTime)
    to_date: Mapped[datetime] = mapped_column(UtcDateTime)
    next_date: Mapped[datetime | None] = mapped_column(UtcDateTime)
    options: Mapped[Any] = mapped_column(Json, default=dict)
    state: Mapped[str] = mapped_column(String(20), default="queued")
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    created_by: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
