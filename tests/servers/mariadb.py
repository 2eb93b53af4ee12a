"""A real MariaDB server for tests."""

from __future__ import annotations

import contextlib
import socket
from contextlib import closing
from dataclasses import replace
from typing import Any

import pymysql

from integration.hub.hub import free_ports
from servers.daemon import Address, Daemon, find_program, unique_name

SCHEME = "mysql+pymysql"
USER, PASSWORD = "hubflow", "se/cr@t"
# Nothing has to outlive the machine.
SETTINGS = {
    "bind-address": "127.0.0.1",
    "character-set-server": "utf8mb4",
    "innodb-buffer-pool-size": "64M",
    "innodb-flush-log-at-trx-commit": "0",
    "innodb-flush-method": "nosync",
    "innodb-fast-shutdown": "2",
    "innodb-log-file-size": "32M",
    "local-infile": "1",
    "max-connections": "200",
}


KEEPS_COMMITS = {"innodb-flush-log-at-trx-commit": "2"}


class MariaDB:
    """A running server. `create` makes a database in it.

    One that ``survives_kills`` has, after one, all that was committed.
    """

    def __init__(self, *, survives_kills: bool = False) -> None:
        self._settings = SETTINGS | (KEEPS_COMMITS if survives_kills else {})
        programs = {
            "install": find_program("mariadb-install-db", "mariadb-server"),
            "mariadbd": find_program("mariadbd", "mariadb-server"),
        }
        (port,) = free_ports(1)
        self._daemon = Daemon("mariadb")
        path = str(self._daemon.folder / "socket")
        self.address = Address(SCHEME, port, path, USER, PASSWORD, "mysql")
        try:
            self._mariadbd = programs["mariadbd"]
            self._prepare(programs["install"])
        except BaseException:
            self._daemon.close()
            raise

    def create(self) -> Address:
        """Make an empty database."""
        name = unique_name()
        self.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        return replace(self.address, database=name)

    def drop(self, address: Address) -> None:
        self.execute(f"DROP DATABASE {address.database}")

    def disconnect(self, address: Address) -> None:
        """End what is still connected to a database."""
        with closing(self._connect()) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM information_schema.processlist WHERE db = %s", [address.database]
            )
            for (key,) in cursor.fetchall():
                with contextlib.suppress(pymysql.err.OperationalError):  # gone by itself
                    cursor.execute(f"KILL {key}")

    def execute(self, *statements: str) -> None:
        with closing(self._connect()) as connection, connection.cursor() as cursor:
            for sql in statements:
                cursor.execute(sql)

    def close(self) -> None:
        self._daemon.close()

    def kill(self) -> None:
        """End it at once, nothing said; `start` starts it again."""
        self._daemon.kill()

    def start(self) -> None:
        """Start it, or start it again."""
        place = {"port": str(self.address.port), "socket": self.address.socket}
        options = [f"--{key}={value}" for key, value in (self._settings | place).items()]
        words = [self._mariadbd, "--no-defaults", self._data, *options]
        self._daemon.start(*words, is_ready=self._answers)

    @property
    def _data(self) -> str:
        return f"--datadir={self._daemon.folder / 'data'}"

    def _prepare(self, install: str) -> None:
        self._daemon.prepare(
            *(install, "--no-defaults", self._data, "--skip-test-db", "--skip-name-resolve"),
            "--auth-root-authentication-method=normal",
        )
        self.start()
        self.execute(
            f"CREATE USER {USER}@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'",
            f"CREATE USER {USER}@localhost IDENTIFIED BY '{PASSWORD}'",
            f"GRANT ALL ON *.* TO {USER}@'127.0.0.1', {USER}@localhost",
        )

    def _answers(self) -> bool:
        # Not by PyMySQL, which leaves open the socket of a connection that fails.
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(self.address.socket) == 0

    def _connect(self) -> pymysql.Connection[Any]:
        return pymysql.connect(unix_socket=self.address.socket, user="root", autocommit=True)
