"""From a URL to an engine and sessions; the settings that each database needs."""

from __future__ import annotations

import copy
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from hubflow.config import Core
from hubflow.errors import DatabaseUnusable

BUSY_TIMEOUT_S = 30.0


class Database:
    """An engine and its session factory. Cheap to make; connects on first use.

    Writers use `write()`, which on SQLite takes the write lock at once (BEGIN IMMEDIATE), so
    that two writers queue up instead of failing. Readers use `read()`.
    """

    def __init__(self, core: Core, *, lock_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        self.url = core.database_url or f"sqlite:///{core.paths.database}"
        self.engine = _engine(self.url, core.sqlite_synchronous, lock_timeout_s)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._fence: Callable[[Session], None] = _no_fence

    def fenced(self, fence: Callable[[Session], None]) -> Database:
        """Return this database with a ``fence`` that begins every writing transaction, and raises
        to refuse it."""
        other = copy.copy(self)
        other._fence = fence
        return other

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open one transaction; commits at the end, rolls back on any exception."""
        with self._in_words(), self._sessions() as session, session.begin():
            if self.is_sqlite:
                session.connection(execution_options={"hubflow_write": True})
            self._fence(session)
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session whose changes nobody commits."""
        with self._in_words(), self._sessions() as session:
            yield session

    def dispose(self) -> None:
        self.engine.dispose()

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """Say in a user's words why the database cannot be used."""
        try:
            yield
        except OperationalError as exc:
            if (advice := _advice(exc)) is None:
                raise
            # A connection opened on a read-only file stays so: mended is only what is opened anew.
            self.dispose()
            raise _unusable(self.url, exc, advice) from exc


def _no_fence(session: Session) -> None:
    """Let everybody write."""


_ANY_ADVICE = "check that it is there, that this user may write it, and that the disk has room"
_SQLITE_ADVICE = {
    "readonly": "make the file and its folder writable for this user",
    "disk is full": "free space on that disk; nothing was half-written",
    "unable to open": "name the folder that hubflow works in with --home or HUBFLOW_HOME, or make "
    "a new one with `hubflow db upgrade`; this user must be able to write there",
    "no such table": "run `hubflow db upgrade` first",
    "no such column": "run `hubflow db upgrade` first",
}


def unusable(url: str, exc: DBAPIError) -> DatabaseUnusable:
    """Describe an error of a database that was to be opened."""
    return _unusable(url, exc, _advice(exc) or _ANY_ADVICE)


def _unusable(url: str, exc: DBAPIError, advice: str) -> DatabaseUnusable:
    return DatabaseUnusable(f"{without_password(url)}: {exc.orig}; {advice}")


def _advice(exc: DBAPIError) -> str | None:
    text = str(exc.orig)
    return next((advice for sign, advice in _SQLITE_ADVICE.items() if sign in text), None)


def without_password(url: str) -> str:
    """Return the URL as it may be shown."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def _engine(url: str, synchronous: str, lock_timeout_s: float) -> Engine:
    """Make the engine; raises DatabaseUnusable for what is no URL of a database."""
    try:
        return _made(url, synchronous, lock_timeout_s)
    except ArgumentError as exc:  # its text may hold a password
        raise DatabaseUnusable(
            "the database URL is none that SQLAlchemy knows; write it like sqlite:////path/to/file "
            "or postgresql+psycopg://user@host/name"
        ) from exc
    except ImportError as exc:
        raise DatabaseUnusable(f"the driver of the database is not installed: {exc}") from exc


def _made(url: str, synchronous: str, lock_timeout_s: float) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(
        url,
        connect_args={"timeout": lock_timeout_s, "check_same_thread": False},
        pool_size=8,
        max_overflow=8,
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, record: Any) -> None:
        connection.isolation_level = None  # BEGIN is ours, see _on_begin
        cursor = connection.cursor()
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as exc:
            if "readonly" not in str(exc):
                raise
        cursor.execute(f"PRAGMA synchronous={synchronous}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA cache_size=-16000")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:
        write = connection.get_execution_options().get("hubflow_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine
