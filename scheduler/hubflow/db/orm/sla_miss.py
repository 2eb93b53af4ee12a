"""SLA misses: tasks that were not done in time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hubflow.db.orm.base import Base
from hubflow.db.types import LongText, UtcDateTime


class SlaMiss(Base):
    """One miss of one task at one execution date. `deadline` is when it should have been done.

    One that somebody has dismissed stays in the list, and needs nobody's attention any more.
    """

    __tablename__ = "sla_miss"
    __table_args__ = (
        UniqueConstraint("dag_id", "task_id", "execution_date"),
        Index("ix_sla_miss_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dag_id: Mapped[int] = mapped_column(ForeignKey("dag.id", ondelete="CASCADE"))
    task_id: Mapped[str] = mapped_column(String(250))
    execution_date: Mapped[datetime] = mapped_column(UtcDateTime)
    deadline: Mapped[datetime] = mapped_column(UtcDateTime)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    email_sent: Mapped[bool] = mapped_column(default=False)
    notification_sent: Mapped[bool] = mapped_column(default=False)
    description: Mapped[str | None] = mapped_column(LongText)
    dismissed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dismissed_by: Mapped[str | None] = mapped_column(String(250))
