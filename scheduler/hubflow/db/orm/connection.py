"""Connections: where outside systems are and how to log in there."""

from __future__ import annotations

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hubflow.db.orm.base import Base
from hubflow.db.types import LongText


class Connection(Base):
    """One connection; several rows may share a `conn_id`, and one of them is drawn at random.

    `password` and `extra` are Fernet-encrypted when their flag says so, else plain text.
    """

    __tablename__ = "connection"
    __table_args__ = (
        Index("ix_connection_conn_id_id", "conn_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conn_id: Mapped[str] = mapped_column(String(250))
    conn_type: Mapped[str] = mapped_column(String(250))
    description: Mapped[str | None] = mapped_column(LongText)
    host: Mapped[str | None] = mapped_column(String(500))
    schema: Mapped[str | None] = mapped_column(String(500))
    login: Mapped[str | None] = mapped_column(LongText)
    password: Mapped[str | None] = mapped_column(LongText)
    port: Mapped[int | None]
    extra: Mapped[str | None] = mapped_column(LongText)
    is_encrypted: Mapped[bool] = mapped_column(default=False)
    is_extra_encrypted: Mapped[bool] = mapped_column(default=False)
