"""A real PostgreSQL server for tests."""

from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path

import psycopg

from integration.hub.hub import free_ports
from servers.daemon import Address, Daemon, find_program, unique_name

SCHEME = "postgresql+psycopg"
USER, PASSWORD = "hubflow", "se/cr@t"
# Nothing has to outlive the machine.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
}


KEEPS_COMMITS = {"synchronous_commit": "on", "full_page_writes": "on"}


class Postgres:
    """A running server. `create` makes a database in it.

    One that ``survives_kills`` has, after one, all that was committed.
    """

    def __init__(self, *, survives_kills: bool = False) -> None:
        self._settings = SETTINGS | (KEEPS_COMMITS if survives_kills else {})
        folders = list(Path("/usr/lib/postgresql").glob("*/bin"))
        programs = {
            name: find_program(name, "postgresql", folders) for name in ("initdb", "postgres")
        }
        (port,) = free_ports(1)
        self._daemon = Daemon("postgres", stop_signal=signal.SIGQUIT)
        socket = str(self._daemon.folder)
        self.address = Address(SCHEME, port, socket, USER, PASSWORD, "postgres")
        self._program = programs["postgres"]
        try:
            self._prepare(programs["initdb"])
            self.start()
        except BaseException:
            self._daemon.close()
            raise

    def create(self, template: str = "template1") -> Address:
        """Make a database as a copy of ``template``, which nobody may be connected to."""
        name = unique_name()
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return replace(self.address, database=name)

    def drop(self, address: Address) -> None:
        """Remove a database, whoever is still connected to it."""
        self.execute(f"DROP DATABASE {address.database} WITH (FORCE)")

    def disconnect(self, address: Address) -> None:
        """End what is still connected to a database."""
        self.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE datname = '{address.database}'"
        )

    def execute(self, sql: str) -> None:
        with self._connect() as connection:
            connection.execute(sql)

    def close(self) -> None:
        self._daemon.close()

    def start(self) -> None:
        """Start it, or start it again."""
        settings = {
            **self._settings,
            "port": str(self.address.port),
            "unix_socket_directories": self.address.socket,
        }
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        data = str(self._daemon.folder / "data")
        self._daemon.start(self._program, "-D", data, *options, is_ready=self._answers)

    def stop(self) -> None:
        """Stop it as for maintenance: who is connected is sent away, what was committed stays."""
        self._daemon.stop(signal.SIGINT)

    def kill(self) -> None:
        """End it at once, nothing said; `start` starts it again."""
        self._daemon.kill()

    def _prepare(self, initdb: str) -> None:
        daemon, data = self._daemon, str(self._daemon.folder / "data")
        password_file = daemon.folder / "password"
        password_file.write_text(PASSWORD)
        daemon.prepare(
            *(initdb, "--pgdata", data, "--username", USER, "--pwfile", str(password_file)),
            *("--no-sync", "--no-instructions", "--encoding", "UTF8", "--locale", "C.UTF-8"),
            *("--auth-local", "trust", "--auth-host", "scram-sha-256"),
        )

    def _answers(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _connect(self) -> psycopg.Connection:
        at = self.address
        return psycopg.connect(
            host=at.socket, port=at.port, user=at.user, dbname=at.database, autocommit=True
        )
