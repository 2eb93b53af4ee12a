"""Pools: slots that tasks of several DAGs share."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from hubflow.db.orm.base import Base
from hubflow.db.types import LongText


class Pool(Base):
    """One pool. `slots` -1 means no limit. What is occupied is counted, not stored.

    Whoever changes a pool appends an event of the kind "pool": the scheduler reads all pools
    whenever somebody else has appended anything.
    """

    __tablename__ = "pool"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(250), unique=True)
    slots: Mapped[int]
    description: Mapped[str | None] = mapped_column(LongText)
    include_deferred: Mapped[bool] = mapped_column(default=False)
