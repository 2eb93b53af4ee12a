"""Counting without reading everything: lists say how many there are up to a bound."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

MOST_COUNTED = 20_000
"""A total above this says only that there is more; `total` then."""


class Plain(FunctionElement[Any]):
    """A column that SQLite must not look up in an index; it guesses which one is best, without
    knowing how many rows have a value. Other databases know, and see just the column."""

    name = "plain"
    inherit_cache = True

    def __init__(self, column: ColumnElement[Any] | Any) -> None:
        super().__init__(column)
        self.type = column.type


@compiles(Plain)
def _column(element: Plain, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses.clauses[0], **options))


@compiles(Plain, "sqlite")
def _no_term_of_an_index(element: Plain, compiler: Any, **options: Any) -> str:
    return f"+{_column(element, compiler, **options)}"


def count(session: Session, query: Select[Any], most: int = MOST_COUNTED) -> int:
    """Count the rows of a query; ``most`` + 1 stands for more than that."""
    counted = query.with_only_columns(literal(1), maintain_column_froms=True).order_by(None)
    rows = counted.limit(most + 1).subquery()
    return session.scalar(select(func.count()).select_from(rows)) or 0


def total(found: int, limit: int, offset: int) -> int:
    """Return the total of a list with more rows than are counted, of which a page has ``found``.

    It is right on the last page. Before, it is enough for whoever reads on while there is more.
    """
    if found == limit:
        return max(MOST_COUNTED + 1, offset + found + 1)
    return offset + found


def total_of(session: Session, matching: Select[Any], found: int, limit: int, offset: int) -> int:
    """Return the total of a list of which a page has ``found`` rows; see `total`."""
    counted = count(session, matching)
    return counted if counted <= MOST_COUNTED else total(found, limit, offset)
