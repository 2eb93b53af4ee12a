"""Pages of lists: conditions, order and total in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from hubflow.db.orm import Base
from hubflow.db.queries import bounded

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
    """Return a page of rows and how many there are, as `bounded.total` says it.

    ``order_by`` may start with ``-``.
    """
    matching = select(kind).where(*conditions)
    order = directed(order_by, orders[order_by.removeprefix("-")], orders["id"])
    rows = session.scalars(matching.order_by(*order).limit(limit).offset(offset)).all()
    return rows, bounded.total_of(session, matching, len(rows), limit, offset)


def directed(order_by: str, *columns: Any) -> list[ColumnElement[Any]]:
    """Return the order by these columns, backwards if ``order_by`` starts with ``-``.

    All go the same way, so that an index on them serves both.
    """
    return [column.desc() if order_by.startswith("-") else column.asc() for column in columns]


def contains(column: InstrumentedAttribute[Any], pattern: str) -> list[ColumnElement[bool]]:
    """Return the condition that a text column holds ``pattern``; `%` at its ends is nothing."""
    text = pattern.strip("%")
    return [column.icontains(text, autoescape=True)] if text else []
