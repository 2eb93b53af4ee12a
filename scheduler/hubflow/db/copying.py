"""Move everything from one database to another: all of it, or nothing.

The target is written in one transaction, which is committed only when every table, read back, is
what the source has; a copy that fails or is killed leaves it as empty as it was. Meanwhile nobody
writes into the source: its writers' lock is held.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, delete, func, insert, select, text
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from hubflow.clock import utcnow
from hubflow.db import dialects, migrate, orm
from hubflow.db.engine import Database, without_password
from hubflow.db.queries import leases
from hubflow.errors import BadRequest, CopyFailed
from hubflow.process_identity import stat_of

AT_ONCE = 500
_ALIVE = timedelta(seconds=30)
_TABLES: Sequence[Table] = orm.Base.metadata.sorted_tables
# What a migration leaves in these, the copy replaces.
_SEEDED = {"lease", "pool"}


class Progress(NamedTuple):
    """How many rows of a table are copied, and how many there are."""

    table: str
    done: int
    total: int


def copy(source: Database, target: Database, say: Callable[[Progress], None]) -> dict[str, int]:
    """Copy all rows into an empty database; returns how many each table has.

    The target gets this version's schema first. Raises DatabaseUnusable, BadRequest for a target
    that is not empty or a source at which somebody is at work, CopyFailed.
    """
    if source.url == target.url:
        raise BadRequest("source and target are the same database")
    migrate.check(source)
    migrate.upgrade(target)
    with _held(source) as reading:
        _refuse_the_living(reading)
        with _held(target) as writing:
            _refuse_rows(writing, target)
        marks = _marks(reading.connection())
        _set_marks_of_empty(target, marks)
        with _held(target) as writing:
            _refuse_rows(writing, target)
            return _copy_all(reading.connection(), writing.connection(), marks, say)


def _copy_all(
    reading: Connection,
    writing: Connection,
    marks: dict[str, int],
    say: Callable[[Progress], None],
) -> dict[str, int]:
    counts: dict[str, int] = {}
    for table in _TABLES:
        if table.name in _SEEDED:
            writing.execute(delete(table))
        total = reading.execute(select(func.count()).select_from(table)).scalar_one()
        counts[table.name], wanted = _copy_table(reading, writing, table, total, say)
        found = _digest(_batches(writing, table))
        if (counts[table.name], found) != (total, wanted):
            raise CopyFailed(f"table {table.name} is not the same when it is read back")
    _set_marks(writing, marks)
    return counts


def _copy_table(
    reading: Connection,
    writing: Connection,
    table: Table,
    total: int,
    say: Callable[[Progress], None],
) -> tuple[int, str]:
    """Copy one table; returns how many rows it has, and their checksum."""
    done = 0

    def copied() -> Iterator[list[dict[str, Any]]]:
        nonlocal done
        say(Progress(table.name, 0, total))
        for rows in _batches(reading, table):
            rows = [_fitting(row, writing) for row in rows]
            try:
                writing.execute(insert(table), rows)
            except DataError as exc:
                raise BadRequest(f"table {table.name} has a value too large: {exc.orig}") from exc
            done += len(rows)
            say(Progress(table.name, done, total))
            yield rows

    checksum = _digest(copied())
    return done, checksum


def _batches(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    """Read a table by its key, some rows at a time."""
    (key,) = table.primary_key.columns
    query = select(table).order_by(key).limit(AT_ONCE)
    rows = connection.execute(query).mappings().all()
    while rows:
        yield [dict(row) for row in rows]
        rows = connection.execute(query.where(key > rows[-1][key.name])).mappings().all()


def _fitting(row: dict[str, Any], writing: Connection) -> dict[str, Any]:
    """Return a row as the target can have it (`types.LongText`)."""
    if writing.dialect.name != "postgresql":
        return row
    return {
        name: value.replace("\0", "\ufffd") if type(value) is str else value
        for name, value in row.items()
    }


def _digest(batches: Iterator[list[dict[str, Any]]]) -> str:
    checksum = hashlib.blake2b()
    for rows in batches:
        for row in rows:
            checksum.update(repr(sorted(row.items())).encode("utf-8", "surrogatepass"))
    return checksum.hexdigest()


# ---- what must not be ------------------------------------------------------------------------


@contextmanager
def _held(database: Database) -> Iterator[Session]:
    """Lock out all writers for as long as this takes."""
    with database.write() as session, dialects.unhurried(session.connection()):
        yield session


def _refuse_the_living(session: Session) -> None:
    holder = leases.holder(leases.get(session, leases.SCHEDULER))
    if holder is not None and stat_of(holder) is not None:
        raise BadRequest(f"stop hubflow first: the scheduler with pid {holder.pid} is at work")
    process = orm.Process
    alive = select(process).where(
        process.stopped_at.is_(None), process.heartbeat_at > utcnow() - _ALIVE
    )
    if row := session.scalars(alive).first():
        raise BadRequest(
            f"stop hubflow first: a {row.kind} on {row.hostname} (pid {row.pid}) was at work "
            f"at {row.heartbeat_at:%H:%M:%S} UTC; one that was killed counts as at work for "
            f"{_ALIVE.seconds} s"
        )


def _refuse_rows(session: Session, target: Database) -> None:
    for table in _TABLES:
        seeds = 1 if table.name in _SEEDED else 0
        count = session.execute(select(func.count()).select_from(table)).scalar_one()
        if count > seeds or (table.name == "lease" and leases.get(session, "scheduler").token):
            raise BadRequest(
                f"{without_password(target.url)} is not empty: it has rows in {table.name}; "
                "name an empty database"
            )


# ---- keys that were given out ----------------------------------------------------------------


def _numbered() -> Iterator[Table]:
    return (table for table in _TABLES if "id" in table.columns)


def _marks(connection: Connection) -> dict[str, int]:
    """Return the greatest key that each table ever gave out: none comes a second time."""
    found: dict[str, int] = {}
    for table in _numbered():
        greatest = connection.execute(select(func.max(table.c.id))).scalar() or 0
        found[table.name] = max(greatest, _given_out(connection, table.name))
    return found


def _given_out(connection: Connection, table: str) -> int:
    if connection.dialect.name == "sqlite":
        query = text("SELECT seq FROM sqlite_sequence WHERE name = :table")
    elif connection.dialect.name == "postgresql":
        query = text("SELECT pg_sequence_last_value(pg_get_serial_sequence(:table, 'id'))")
    else:
        query = text(
            "SELECT auto_increment - 1 FROM information_schema.tables "
            "WHERE table_schema = DATABASE() AND table_name = :table"
        )
    return int(connection.execute(query, {"table": table}).scalar() or 0)


def _set_marks_of_empty(target: Database, marks: dict[str, int]) -> None:
    """MySQL ends a transaction with each change of a table: this comes before the rows."""
    if target.backend != "mysql":
        return
    with target.engine.begin() as connection:
        quote = connection.dialect.identifier_preparer.quote
        for table, mark in marks.items():
            connection.execute(text(f"ALTER TABLE {quote(table)} AUTO_INCREMENT = {mark + 1}"))


def _set_marks(connection: Connection, marks: dict[str, int]) -> None:
    for table, mark in marks.items():
        values = {"table": table, "mark": mark}
        if connection.dialect.name == "sqlite":
            statement = "UPDATE sqlite_sequence SET seq = max(seq, :mark) WHERE name = :table"
            done = connection.execute(text(statement), values).rowcount
            has_mark = orm.Base.metadata.tables[table].dialect_options["sqlite"]["autoincrement"]
            if not done and has_mark:
                added = "INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :mark)"
                connection.execute(text(added), values)
        elif connection.dialect.name == "postgresql" and mark:
            query = "SELECT setval(pg_get_serial_sequence(:table, 'id'), :mark)"
            connection.execute(text(query), values)
