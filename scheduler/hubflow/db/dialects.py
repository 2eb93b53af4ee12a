"""What SQLite, PostgreSQL and MariaDB/MySQL need done differently: drivers, settings, advice."""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError

from hubflow.errors import DatabaseUnusable

IDLE_TRANSACTION_S = 4
"""After this, a server ends a transaction in which nothing happens: its process is frozen."""
# A connection that rested for longer may have lost its server meanwhile: none restarts faster.
RESTED_S = 0.1
_CONNECT_S = 10
_POOL = {"pool_size": 8, "max_overflow": 8}
_DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
    "mariadb+pymysql": "mysql+pymysql",
}
_EXTRAS = {"postgresql": "postgresql", "mysql": "mysql"}


def parse_url(text: str) -> URL:
    """Return a URL with the driver that hubflow uses. Raises DatabaseUnusable."""
    try:
        url = make_url(text)
    except ArgumentError:
        raise DatabaseUnusable(
            "Core.database_url is no URL such as postgresql://user:password@host/database"
        ) from None
    url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
    if url.get_backend_name() not in _ADVICE:
        raise DatabaseUnusable(
            f"Core.database_url names {url.drivername!r}; hubflow keeps its data in sqlite, "
            "postgresql, mariadb or mysql"
        )
    return url


def open_engine(url: URL, *, synchronous: str, lock_timeout_s: float) -> Engine:
    """Return an engine whose connections are set up; it connects on first use.

    ``synchronous`` is for SQLite. Raises DatabaseUnusable when a driver is missing.
    """
    try:
        match url.get_backend_name():
            case "sqlite":
                return _sqlite(url, synchronous, lock_timeout_s)
            case "postgresql":
                return _postgresql(url, lock_timeout_s)
            case _:
                return _mysql(url, lock_timeout_s)
    except ArgumentError as exc:  # its text may hold a password
        raise DatabaseUnusable(
            f"Core.database_url names {url.drivername!r}, of which SQLAlchemy knows nothing; write "
            "postgresql://, mysql:// or sqlite:///"
        ) from exc
    except ModuleNotFoundError as exc:
        extra = _EXTRAS[url.get_backend_name()]
        raise DatabaseUnusable(
            f"{url.drivername} needs {exc.name}: pip install 'hubflow[{extra}]'"
        ) from exc


def _sqlite(url: URL, synchronous: str, lock_timeout_s: float) -> Engine:
    arguments = {"timeout": lock_timeout_s, "check_same_thread": False}
    engine = create_engine(url, connect_args=arguments, **_POOL)

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


def _postgresql(url: URL, lock_timeout_s: float) -> Engine:
    settings = {
        "default_transaction_isolation": r"read\ committed",
        "idle_in_transaction_session_timeout": f"{IDLE_TRANSACTION_S}s",
        "lock_timeout": f"{math.ceil(lock_timeout_s * 1000)}ms",
        "jit": "off",  # our statements are short; compiling one may take longer than it
    }
    given = url.query.get("options", ())
    options = [given] if isinstance(given, str) else list(given)
    options += [f"-c {name}={value}" for name, value in settings.items()]
    arguments = {
        "options": " ".join(options),
        "client_encoding": "utf8",
        "connect_timeout": _CONNECT_S,
        # A server that is gone without a word is noticed in seconds, not hours.
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 11_000,
    }
    url = url.difference_update_query(["options"])
    engine = create_engine(url, connect_args=arguments, **_POOL)
    _keep_fresh(engine)
    return engine


def _mysql(url: URL, lock_timeout_s: float) -> Engine:
    arguments = {"charset": "utf8mb4", "binary_prefix": True, "connect_timeout": _CONNECT_S}
    engine = create_engine(url, connect_args=arguments, **_POOL)

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, record: Any) -> None:
        settings = [
            f"innodb_lock_wait_timeout={max(1, math.ceil(lock_timeout_s))}",
            "sql_mode=CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')",
        ]
        # MySQL itself has nothing like it.
        if "mariadb" in connection.get_server_info().lower():
            settings.append(f"idle_transaction_timeout={IDLE_TRANSACTION_S}")
        cursor = connection.cursor()
        cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
        cursor.execute(f"SET SESSION {', '.join(settings)}")
        cursor.close()

    _keep_fresh(engine)
    return engine


def _keep_fresh(engine: Engine) -> None:
    """Replace connections that died while they rested, and keep none once the engine is disposed
    of: threads may still be at work then.

    Busy ones go without a ping, which is a round trip: a transaction that fails is repeated or said
    to have failed anyway.
    """
    is_over = False

    @event.listens_for(engine, "engine_disposed")
    def _disposed(engine: Engine) -> None:
        nonlocal is_over
        is_over = True

    @event.listens_for(engine, "checkin")
    def _rests(connection: Any, record: Any) -> None:
        record.info["since"] = time.monotonic()
        if is_over and connection is not None:
            record.invalidate()  # so that the next dispose does not close it once more

    @event.listens_for(engine, "checkout")
    def _goes_on(connection: Any, record: Any, proxy: Any) -> None:
        since = record.info.get("since")
        if since is None or (not is_over and time.monotonic() - since < RESTED_S):
            return
        try:
            engine.dialect.do_ping(connection)
        except Exception as exc:  # the drivers have no common base of errors
            raise DisconnectionError from exc


@contextmanager
def unhurried(connection: Connection) -> Iterator[None]:
    """Let the transaction of a connection rest as long as it likes: of migrations and copies, which
    compute between their statements, nobody waits for the end."""
    match connection.dialect.name:
        case "postgresql":
            connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
            yield
        case "mysql" if getattr(connection.dialect, "is_mariadb", False):
            connection.exec_driver_sql("SET SESSION idle_transaction_timeout = 0")
            yield
            usual = f"SET SESSION idle_transaction_timeout = {IDLE_TRANSACTION_S}"
            connection.exec_driver_sql(usual)
        case _:
            yield


# ---- words for errors ------------------------------------------------------------------------

_UPGRADE = "run `hubflow db upgrade` first"
_LOGIN = "check user and password in Core.database_url or HUBFLOW_DATABASE_URL"
_RIGHTS = "let this user use the database and create tables in it"
_AWAY = "check that the server runs and can be reached from here; hubflow goes on when it is back"
_CROWDED = "raise max_connections of the server, or end what else is connected"
_FULL = "free space on the disk of the server; nothing was half-written"
_READ_ONLY = "the server takes no writes: name the primary, not a replica"
_ABSENT = {
    "postgresql": "create it: `createdb --template template0 --encoding UTF8 --owner USER NAME`",
    "mysql": "create it: `CREATE DATABASE name CHARACTER SET utf8mb4`",
}
_ADVICE: dict[str, Mapping[str, str]] = {
    # Parts of SQLite's texts: it has no codes for these.
    "sqlite": {
        "readonly": "make the file and its folder writable for this user",
        "disk is full": "free space on that disk; nothing was half-written",
        "unable to open": "name the folder that hubflow works in with --home or HUBFLOW_HOME, or "
        "make a new one with `hubflow db upgrade`; this user must be able to write there",
        "no such table": _UPGRADE,
        "no such column": _UPGRADE,
    },
    # SQLSTATEs, and parts of what a server says to one who may not connect: that has none.
    "postgresql": {
        "42P01": _UPGRADE,
        "42703": _UPGRADE,
        "42501": _RIGHTS,
        "53100": _FULL,
        "53300": _CROWDED,
        "25006": _READ_ONLY,
        "does not exist": _ABSENT["postgresql"],
        "role ": _LOGIN,
        "password": _LOGIN,
        "pg_hba.conf": "allow this user and host in pg_hba.conf of the server",
        "too many clients": _CROWDED,
        "remaining connection slots": _CROWDED,
    },
    "mysql": {
        "1146": _UPGRADE,
        "1054": _UPGRADE,
        "1045": _LOGIN,
        "1698": _LOGIN,
        "1044": _RIGHTS,
        "1142": _RIGHTS,
        "1049": _ABSENT["mysql"],
        "1021": _FULL,
        "1114": _FULL,
        "1040": _CROWDED,
        "1203": _CROWDED,
        "1226": _CROWDED,
        "1290": _READ_ONLY,
        "1792": _READ_ONLY,
        "1836": _READ_ONLY,
        **dict.fromkeys(
            ("0", "1053", "1152", "1158", "1160", "1927", "2002", "2003", "2006", "2013", "4031"),
            _AWAY,
        ),
    },
}
_DEADLOCKS = {"40P01", "40001", "1213"}


def advice(backend: str, exc: DBAPIError) -> str | None:
    """Say what to do about an error of a database that cannot be used; None for any other."""
    signs, code, text = _ADVICE[backend], _code(exc), str(exc.orig)
    if code is not None:
        return signs.get(code) or (_AWAY if exc.connection_invalidated else None)
    if backend == "postgresql" and "role " in text:  # it "does not exist", too
        return _LOGIN
    found = next((words for sign, words in signs.items() if sign in text), None)
    return found or (None if backend == "sqlite" else _AWAY)


def is_deadlock(exc: DBAPIError) -> bool:
    """Say whether a transaction was undone in favour of another one."""
    return _code(exc) in _DEADLOCKS


def _code(exc: DBAPIError) -> str | None:
    """Return the number of MySQL or the SQLSTATE of PostgreSQL."""
    arguments = exc.orig.args if exc.orig is not None else ()
    if arguments and isinstance(arguments[0], int):
        return str(arguments[0])
    return getattr(exc.orig, "sqlstate", None)
