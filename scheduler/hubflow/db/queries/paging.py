"""Pages of lists: conditions, order and total in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.functions import FunctionElement

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

    All go the same way, so that an index on them serves both. Rows without a value are the
    smallest, on PostgreSQL, too, where they would be the greatest.
    """
    way = _Falling if order_by.startswith("-") else _Rising
    return [way(column) if _may_lack(column) else _plain(way, column) for column in columns]


def _may_lack(column: Any) -> bool:
    return bool(getattr(getattr(column, "expression", column), "nullable", True))


def _plain(way: type[_Directed], column: Any) -> ColumnElement[Any]:
    return column.desc() if way is _Falling else column.asc()  # type: ignore[no-any-return]


class _Directed(FunctionElement[Any]):
    """A column in an ORDER BY, nulls smallest."""

    inherit_cache = True


class _Rising(_Directed):
    name = "rising"
    inherit_cache = True


class _Falling(_Directed):
    name = "falling"
    inherit_cache = True


@compiles(_Rising)
def _rising(element: _Rising, compiler: Any, **options: Any) -> str:
    return f"{compiler.process(element.clauses, **options)} ASC"


@compiles(_Falling)
def _falling(element: _Falling, compiler: Any, **options: Any) -> str:
    return f"{compiler.process(element.clauses, **options)} DESC"


@compiles(_Rising, "postgresql")
def _rising_there(element: _Rising, compiler: Any, **options: Any) -> str:
    return f"{compiler.process(element.clauses, **options)} ASC NULLS FIRST"


@compiles(_Falling, "postgresql")
def _falling_there(element: _Falling, compiler: Any, **options: Any) -> str:
    return f"{compiler.process(element.clauses, **options)} DESC NULLS LAST"


def contains(column: InstrumentedAttribute[Any], pattern: str) -> list[ColumnElement[bool]]:
    """Return the condition that a text column holds ``pattern``; `%` at its ends is nothing."""
    text = pattern.strip("%")
    return [column.icontains(text, autoescape=True)] if text else []
