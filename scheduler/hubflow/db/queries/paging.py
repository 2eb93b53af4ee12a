"""Pages of lists: conditions, order and total in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from hubflow.db.orm import Base

Row = TypeVar("Row", bound=Base)
Orders = Mapping[str, InstrumentedAttribute[Any]]


def page_of(
    session: Session,
    kind: type[Row],
    orders: Orders,
    *,
    conditions: Sequence[ColumnElement[bool]] = (),
    order_by: str,
    limit: int,
    offset: int,
) -> tuple[Sequence[Row], int]:
    """Return a page of rows and how many there are. ``order_by`` may start with ``-``."""
    column = orders[order_by.removeprefix("-")]
    order = column.desc() if order_by.startswith("-") else column.asc()
    query = select(kind).where(*conditions).order_by(order, orders["id"])
    total = session.scalar(select(func.count()).select_from(kind).where(*conditions))
    return session.scalars(query.limit(limit).offset(offset)).all(), total or 0


def contains(column: InstrumentedAttribute[Any], pattern: str) -> list[ColumnElement[bool]]:
    """Return the condition that a text column holds ``pattern``; `%` at its ends is nothing."""
    text = pattern.strip("%")
    return [column.icontains(text, autoescape=True)] if text else []
