"""Processes of hubflow and when they were last heard of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hubflow.db.orm.base import Base
from hubflow.db.types import Json, UtcDateTime


class Process(Base):
    """One row for each scheduler, processor and worker; those that are long dead are removed.

    `slots` is how many tries a worker runs at once, or a scheduler lets run (its parallelism).
    `queues` are those that a worker serves; none means all.
    """

    __tablename__ = "process"
    __table_args__ = (UniqueConstraint("kind", "hostname", "pid"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    hostname: Mapped[str] = mapped_column(String(250))
    pid: Mapped[int]
    version: Mapped[str] = mapped_column(String(40))
    slots: Mapped[int | None]
    queues: Mapped[Any] = mapped_column(Json, nullable=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    heartbeat_at: Mapped[datetime] = mapped_column(UtcDateTime)
    metrics: Mapped[Any] = mapped_column(Json, nullable=True)
    """What a scheduler counts and measures (`scheduler.metrics`)."""
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
