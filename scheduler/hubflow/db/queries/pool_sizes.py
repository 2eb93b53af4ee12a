"""How large the pools are, as the scheduler needs it."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from hubflow.db import orm


class PoolSize(NamedTuple):
    """`slots` -1 means no limit; `include_deferred` lets deferred tasks keep theirs."""

    slots: int
    include_deferred: bool = False


def read_all(session: Session) -> dict[str, PoolSize]:
    """Return every pool by its name."""
    rows = session.execute(select(orm.Pool.name, orm.Pool.slots, orm.Pool.include_deferred))
    return {name: PoolSize(slots, include_deferred) for name, slots, include_deferred in rows}
