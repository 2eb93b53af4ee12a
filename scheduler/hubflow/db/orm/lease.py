"""Rights that one process at a time holds, such as to lead as the scheduler."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from hubflow.db.orm.base import Base
from hubflow.db.types import UtcDateTime


class Lease(Base):
    """One right. `host` and what follows name its holder; `host` is None while nobody has it.

    `token` grows with every holder: what a former one still wants to write is refused by it. `beat`
    grows while the holder lives. Others measure by their own clocks for how long it has not.
    """

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    token: Mapped[int] = mapped_column(BigInteger)
    beat: Mapped[int] = mapped_column(BigInteger)
    host: Mapped[str | None] = mapped_column(String(250))
    pid: Mapped[int | None]
    start_ticks: Mapped[int | None] = mapped_column(BigInteger)
    version: Mapped[str | None] = mapped_column(String(40))
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)
