"""DAG files that cannot be imported now, for reading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.errors import NotFound

ORDERS = {
    "import_error_id": orm.ImportFailure.id,
    "timestamp": orm.ImportFailure.at,
    "filename": orm.DagFile.path,
}


class FailureRow(NamedTuple):
    """A failure and the path of its file."""

    failure: orm.ImportFailure
    path: str


_ROWS = select(orm.ImportFailure, orm.DagFile.path).join(
    orm.DagFile, orm.DagFile.id == orm.ImportFailure.dag_file_id
)


def list_page(
    session: Session, *, limit: int, offset: int = 0, order_by: str = "-timestamp"
) -> Sequence[FailureRow]:
    """Return a page of failures, by default newest first."""
    column = ORDERS[order_by.removeprefix("-")]
    order = column.desc() if order_by.startswith("-") else column.asc()
    query = _ROWS.order_by(order, orm.ImportFailure.id)
    return [FailureRow(*row) for row in session.execute(query.limit(limit).offset(offset))]


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(orm.ImportFailure)) or 0


def get(session: Session, id: int) -> FailureRow:
    """Return one failure; raises NotFound."""
    row = session.execute(_ROWS.where(orm.ImportFailure.id == id)).first()
    if row is None:
        raise NotFound(f"there is no import error {id}; the file may have been mended")
    return FailureRow(*row)


def find_for_file(session: Session, dag_file_id: int) -> FailureRow | None:
    """Return why this file is broken, or None if it is not."""
    row = session.execute(_ROWS.where(orm.ImportFailure.dag_file_id == dag_file_id)).first()
    return None if row is None else FailureRow(*row)


def find_for_text(session: Session, path: str, sha256: str) -> orm.ImportFailure | None:
    """Return why the file at this path, with exactly this text, is broken, or None."""
    return session.scalar(
        select(orm.ImportFailure)
        .join(orm.DagFile, orm.DagFile.id == orm.ImportFailure.dag_file_id)
        .join(orm.Source, orm.Source.id == orm.DagFile.source_id)
        .where(orm.DagFile.path == path, orm.Source.sha256 == sha256)
    )
