"""Variables: values that DAGs and tasks read by name."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from hubflow.db.orm.base import Base
from hubflow.db.types import LongText


class Variable(Base):
    """One variable. `value` is Fernet-encrypted when `is_encrypted`, else plain text."""

    __tablename__ = "variable"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(250), unique=True)
    value: Mapped[str] = mapped_column(LongText)
    is_encrypted: Mapped[bool] = mapped_column(default=False)
    description: Mapped[str | None] = mapped_column(LongText)
