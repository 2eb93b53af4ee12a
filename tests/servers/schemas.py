"""Clean, migrated databases for many tests: made once, and emptied from test to test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import Connection, Table, insert, select, text
from traitlets.config import Config

from hubflow.config import Core
from hubflow.db import migrate
from hubflow.db.engine import Database
from hubflow.db.orm import Base
from servers.daemon import Address
from servers.mariadb import MariaDB
from servers.postgres import Postgres

Server = Postgres | MariaDB
KINDS = {"postgresql": Postgres, "mariadb": MariaDB}
CHOSEN = os.environ.get("HUBFLOW_TEST_DATABASE", "sqlite")
_TABLES = Base.metadata.sorted_tables


class Schemas:
    """Databases on one server. A test borrows one, and finds in it what a migration leaves."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._free: list[Address] = []
        self.lent: list[Address] = []
        self._seeds: dict[Table, list[dict[str, Any]]] = {}

    @contextmanager
    def borrow(self) -> Iterator[str]:
        """Lend a clean database by its URL."""
        address = self._free.pop() if self._free else self._make()
        self.lent.append(address)
        yield address.url
        self.lent.remove(address)
        self.server.disconnect(address)
        if self._empty(address):
            self._free.append(address)
        else:
            self.server.drop(address)

    @contextmanager
    def borrow_bare(self) -> Iterator[str]:
        """Lend a database without any tables."""
        address = self.server.create()
        yield address.url
        self.server.drop(address)

    def _make(self) -> Address:
        address = self.server.create()
        with _opened(address.url) as database:
            migrate.upgrade(database)
            with database.engine.connect() as connection:
                for table in _TABLES:
                    if rows := [dict(row) for row in connection.execute(select(table)).mappings()]:
                        self._seeds[table] = [_without_key(row) for row in rows]
        return address

    def _empty(self, address: Address) -> bool:
        """Bring a database back to what it was; False if a test changed its tables."""
        with _opened(address.url) as database, database.engine.begin() as connection:
            if not migrate.is_current(database) or migrate.differences(database):
                return False
            _truncate(connection)
            for table, rows in self._seeds.items():
                connection.execute(insert(table), rows)
        return True


def _without_key(row: dict[str, Any]) -> dict[str, Any]:
    """Leave the key to the database, which would give it out again otherwise."""
    return {name: value for name, value in row.items() if name != "id"}


def _truncate(connection: Connection) -> None:
    names = [f"{connection.dialect.identifier_preparer.quote(table.name)}" for table in _TABLES]
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"TRUNCATE {', '.join(names)} RESTART IDENTITY CASCADE"))
        return
    # A TRUNCATE takes MariaDB some 30 ms, whether there is anything or not.
    used = " UNION ALL ".join(f"(SELECT '{name}' FROM {name} LIMIT 1)" for name in names)
    connection.execute(text("SET foreign_key_checks=0"))
    for name in connection.execute(text(used)).scalars().all():
        connection.execute(text(f"TRUNCATE {name}"))
    connection.execute(text("SET foreign_key_checks=1"))


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    with closing(Opened(url)) as opened:
        yield opened


class Opened(Database):
    """A database by its URL alone."""

    def __init__(self, url: str) -> None:
        super().__init__(Core(config=Config({"Core": {"database_url": url}})))

    def close(self) -> None:
        self.dispose()
