"""Bring the database to this version's schema, or say that it is not there."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text

from hubflow import __version__
from hubflow.db import dialects
from hubflow.db.engine import Database, without_password
from hubflow.db.orm import Base
from hubflow.errors import BadRequest, DatabaseUnusable

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(database: Database, revision: str = "head") -> None:
    """Run every migration up to ``revision``; does nothing when up to date.

    One transaction, but on MySQL, which commits with each change of a table. A new file of SQLite
    is for its owner only: values that tasks hand on are in it as they are.
    """
    if database.is_sqlite and (path := database.engine.url.database):
        with contextlib.suppress(OSError):  # who opens it next says what is wrong
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    with database.in_words(), database.engine.connect() as connection:
        found = _current(connection)
        if revision == "head" and found == head():
            return
        _refuse_newer(database, found)
        connection.rollback()
        with _writing(database, connection):
            command.upgrade(_alembic(connection), revision)


def downgrade(database: Database, revision: str) -> None:
    """Undo migrations down to ``revision`` ("base" removes every table).

    Raises DatabaseUnusable, also for a revision later than the present one.
    """
    try:
        with (
            database.in_words(),
            database.engine.connect() as connection,
            _writing(database, connection),
        ):
            command.downgrade(_alembic(connection), revision)
    except CommandError as exc:
        raise DatabaseUnusable(f"{without_password(database.url)}: {exc}") from exc


def check_revision(revision: str) -> None:
    """Raise BadRequest unless this version knows the revision, or a start of its name."""
    known = [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]
    if revision != "base" and not any(name.startswith(revision) for name in known):
        raise BadRequest(f"no revision is {revision!r}; there are base, {', '.join(known[::-1])}")


def check(database: Database) -> None:
    """Raise DatabaseUnusable unless the schema is of exactly this version."""
    with database.in_words(), database.engine.connect() as connection:
        found = _current(connection)
    _refuse_newer(database, found)
    if found != head():
        raise DatabaseUnusable(
            f"{without_password(database.url)} has schema {found or 'none'}, this version wants "
            f"{head()}; run `hubflow db upgrade`"
        )


def is_current(database: Database) -> bool:
    """Say whether the schema calls itself that of this version."""
    with database.in_words(), database.engine.connect() as connection:
        return _current(connection) == head()


def differences(database: Database) -> list[str]:
    """Return how the tables differ from what the migrations make, one line each."""
    with (
        database.in_words(),
        database.engine.connect() as connection,
        dialects.unhurried(connection),
    ):
        context = MigrationContext.configure(connection)
        return [str(found) for found in compare_metadata(context, Base.metadata)]


def head() -> str:
    """Return the newest revision that this version knows."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head() or "base"


def _refuse_newer(database: Database, found: str | None) -> None:
    scripts = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    if found is not None and found not in {script.revision for script in scripts}:
        raise DatabaseUnusable(
            f"{without_password(database.url)} has schema {found}, which is newer than this "
            f"version, {__version__}, knows ({head()}); install the hubflow that upgraded it, or "
            f"run its `hubflow db downgrade {head()}`"
        )


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


@contextmanager
def _writing(database: Database, connection: Connection) -> Iterator[None]:
    """Open one transaction, and let nobody else migrate meanwhile; commits at the end.

    SQLite changes a table by making it anew. Foreign keys are off meanwhile, or dropping the old
    one would empty those that refer to it.
    """
    match database.backend:
        case "postgresql":
            with connection.begin():
                connection.execute(text("SELECT pg_advisory_xact_lock(7316)"))
                with dialects.unhurried(connection):
                    yield
        case "mysql":
            with connection.begin():
                connection.execute(text("SELECT GET_LOCK('hubflow upgrade', 600)"))
                with dialects.unhurried(connection):
                    yield
            connection.execute(text("DO RELEASE_LOCK('hubflow upgrade')"))
        case _:
            _driver(connection, "PRAGMA foreign_keys=OFF")
            try:
                connection.execution_options(hubflow_write=True)
                with connection.begin():
                    yield
            finally:
                _driver(connection, "PRAGMA foreign_keys=ON")


def _driver(connection: Connection, statement: str) -> None:
    """Run a statement outside of any transaction."""
    cursor = connection.connection.cursor()
    cursor.execute(statement)
    cursor.close()


def _alembic(connection: Connection) -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
