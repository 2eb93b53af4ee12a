"""The event stream: what changed, in the order in which it was committed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hubflow.db.orm.base import Base
from hubflow.db.types import Json, UtcDateTime


class Event(Base):
    """One change. `id` only grows and is never reused; `data` is a struct of services.dto."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_at", "at"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(40))
    dag_id: Mapped[str | None] = mapped_column(String(250))
    data: Mapped[Any] = mapped_column(Json)
