"""Who did what, when, from where. Never deleted with the DAG."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hubflow.db.orm.base import Base
from hubflow.db.types import LongText, UtcDateTime


class AuditEvent(Base):
    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_dag_id_id", "dag_id", "id"),
        Index("ix_audit_event_at_id", "at", "id"),
        Index("ix_audit_event_task_id_id", "task_id", "id"),
        Index("ix_audit_event_event_id", "event", "id"),
        Index("ix_audit_event_owner_id", "owner", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    dag_id: Mapped[str | None] = mapped_column(String(250))
    task_id: Mapped[str | None] = mapped_column(String(250))
    event: Mapped[str] = mapped_column(String(30))
    execution_date: Mapped[datetime | None] = mapped_column(UtcDateTime)
    owner: Mapped[str] = mapped_column(String(500))
    extra: Mapped[str | None] = mapped_column(LongText)
    source_ip: Mapped[str | None] = mapped_column(String(64))
