"""From a URL to an engine and sessions: one transaction that writes at a time."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from hubflow.config import Core
from hubflow.db import dialects
from hubflow.db.queries import leases
from hubflow.errors import BadRequest, DatabaseUnusable, StaleState

BUSY_TIMEOUT_S = 30.0


class Database:
    """An engine and its session factory. Cheap to make; connects on first use.

    Writers use `write()`, and queue up there: SQLite gives its write lock (BEGIN IMMEDIATE), the
    others that of one row. What a writer reads nobody changes before it commits, and the ids of
    events come to light in their order. Readers use `read()` and wait for nobody.
    """

    def __init__(self, core: Core, *, lock_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        self.url = core.database_url or f"sqlite:///{core.paths.database}"
        self.engine = dialects.open_engine(
            dialects.parse_url(self.url),
            synchronous=core.sqlite_synchronous,
            lock_timeout_s=lock_timeout_s,
        )
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._begin: Callable[[Session], None]
        self._begin = _nothing if self.is_sqlite else leases.lock_writers

    def fenced(self, fence: Callable[[Session], None]) -> Database:
        """Return this database with a ``fence`` that begins every writing transaction: it locks
        out other writers as `leases.lock_writers` does, and raises to refuse the transaction."""
        other = copy.copy(self)
        other._begin = fence
        return other

    @property
    def backend(self) -> str:
        """`sqlite`, `postgresql` or `mysql`."""
        return self.engine.dialect.name

    @property
    def is_sqlite(self) -> bool:
        return self.backend == "sqlite"

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open one transaction; commits at the end, rolls back on any exception."""
        with self.in_words(), self._sessions() as session, session.begin():
            if self.is_sqlite:
                session.connection(execution_options={"hubflow_write": True})
            self._begin(session)
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session whose changes nobody commits."""
        with self.in_words(), self._sessions() as session:
            if self.backend == "postgresql":
                # Each statement sees what is committed anyway: save the BEGIN and the ROLLBACK.
                session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
            yield session

    def dispose(self) -> None:
        self.engine.dispose()

    @contextmanager
    def in_words(self) -> Iterator[None]:
        """Say in a user's words why the database cannot be used, or not with this value.

        Raises DatabaseUnusable, BadRequest, StaleState.
        """
        try:
            yield
        except DataError as exc:
            raise BadRequest(f"the database cannot keep or compare this: {exc.orig}") from exc
        except DBAPIError as exc:
            if dialects.is_deadlock(exc):
                raise StaleState("another transaction was in the way; do it again") from exc
            if (advice := dialects.advice(self.backend, exc)) is None:
                raise
            if self.is_sqlite:
                # One opened on a read-only file stays so: mended is only what is opened anew.
                self.dispose()
            text = " ".join(str(exc.orig).split())
            raise DatabaseUnusable(f"{without_password(self.url)}: {text}; {advice}") from exc


def _nothing(session: Session) -> None:
    """SQLite's transaction has its lock already."""


def without_password(url: str) -> str:
    """Return a URL as it may be shown."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('?')[0].rpartition('@')[2]}"
