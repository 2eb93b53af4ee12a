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


class MariaDB:
    """A running server. `create` makes a database in it."""

    def __init__(self) -> None:
        programs = {
            "install": find_program("mariadb-install-db", "mariadb-server"),
            "mariadbd": find_program("mariadbd", "mariadb-server"),
        }
        (port,) = free_ports(1)
        self._daemon = Daemon("mariadb")
        path = str(self._daemon.folder / "socket")
        self.address = Address(SCHEME, port, path, USER, PASSWORD, "mysql")
        try:
            self._start(**programs)
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

    def _start(self, install: str, mariadbd: str) -> None:
        daemon, data = self._daemon, f"--datadir={self._daemon.folder / 'data'}"
        daemon.prepare(
            *(install, "--no-defaults", data, "--skip-test-db", "--skip-name-resolve"),
            "--auth-root-authentication-method=normal",
        )
        settings = {**SETTINGS, "port": str(self.address.port), "socket": self.address.socket}
        options = [f"--{key}={value}" for key, value in settings.items()]
        daemon.start(mariadbd, "--no-defaults", data, *options, is_ready=self._answers)
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
