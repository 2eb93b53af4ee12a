"""Values that tasks hand to each other."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hubflow.db.orm.base import Base
from hubflow.db.types import BINARY, LongText, UtcDateTime


class XCom(Base):
    """One value. Pickled `data` is only ever loaded in a task process; `text` is its repr.

    `length` is how many items a list or dict has: over so many a mapped task expands.
    """

    __tablename__ = "xcom"
    __table_args__ = (UniqueConstraint("task_instance_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    task_instance_id: Mapped[int] = mapped_column(
        ForeignKey("task_instance.id", ondelete="CASCADE")
    )
    key: Mapped[str] = mapped_column(String(250))
    encoding: Mapped[str] = mapped_column(String(10))
    data: Mapped[bytes] = mapped_column(BINARY)
    text: Mapped[str] = mapped_column(LongText)
    length: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
