"""Values that tasks hand to each other."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hubflow.db.orm.base import Base
from hubflow.db.types import BINARY, LongText, UtcDateTime

WITH_ITS_RUN = datetime(1000, 1, 1, tzinfo=UTC)
"""`visible_from` of a value without a date of its own. No NULL: those are never equal in a key."""


class XCom(Base):
    """One value. Pickled `data` is only ever loaded in a task process; `text` is its repr.

    `length` is how many items a list or dict has: over so many a mapped task expands.
    `visible_from` is the execution date that its task gave it instead of that of its run.
    """

    __tablename__ = "xcom"
    __table_args__ = (
        UniqueConstraint("task_instance_id", "key", "visible_from"),
        Index("ix_xcom_visible_from", "visible_from"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    task_instance_id: Mapped[int] = mapped_column(
        ForeignKey("task_instance.id", ondelete="CASCADE")
    )
    key: Mapped[str] = mapped_column(String(250))
    encoding: Mapped[str] = mapped_column(String(10))
    data: Mapped[bytes] = mapped_column(BINARY)
    text: Mapped[str] = mapped_column(LongText)
    length: Mapped[int | None]
    visible_from: Mapped[datetime] = mapped_column(UtcDateTime, default=WITH_ITS_RUN)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
