"""The databases that hubflow knows: how each is reached through its driver (SEMANTICS 6.5)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import Any, ClassVar

from hubflow.hooks import drivers
from hubflow.hooks.sql import DbApiHook
from hubflow.sdk.connection import Connection
from hubflow.sdk.exceptions import HubflowException


class SqliteHook(DbApiHook):
    """SQLite; the host of the connection is the path of the file."""

    conn_name_attr = "sqlite_conn_id"
    default_conn_name = "sqlite_default"
    conn_type = "sqlite"
    placeholder = "?"
    supports_autocommit = True

    def connect(self, connection: Connection) -> sqlite3.Connection:
        return sqlite3.connect(connection.host or ":memory:")

    def set_autocommit(self, conn: sqlite3.Connection, autocommit: bool) -> None:
        conn.isolation_level = None if autocommit else "DEFERRED"

    def get_uri(self) -> str:
        return f"sqlite:///{self.get_connection(self.conn_id).host or ''}"


class PostgresHook(DbApiHook):
    """PostgreSQL, by psycopg 3 or psycopg2, whichever is installed."""

    conn_name_attr = "postgres_conn_id"
    default_conn_name = "postgres_default"
    conn_type = "postgres"
    supports_autocommit = True
    dialect = "postgresql"

    def connect(self, connection: Connection) -> Any:
        driver = drivers.load("PostgresHook", "psycopg", "psycopg2", install="hubflow[postgres]")
        options = {
            "host": connection.host,
            "user": connection.login,
            "password": connection.password,
            "dbname": self.schema or connection.schema,
            "port": connection.port,
            **{k: v for k, v in connection.extra_dejson.items() if k not in _POSTGRES_ASIDE},
        }
        return driver.connect(**{k: v for k, v in options.items() if v not in (None, "")})

    def copy_expert(self, sql: str, filename: str) -> None:
        """Run a COPY … FROM STDIN or COPY … TO STDOUT on a file."""
        reads = " from stdin" in " ".join(sql.lower().split())
        with (
            open(filename, "rb" if reads else "wb") as file,
            closing(self.get_conn()) as conn,
            closing(conn.cursor()) as cursor,
        ):
            if not hasattr(cursor, "copy"):
                cursor.copy_expert(sql, file)
            elif reads:
                with cursor.copy(sql) as copy:
                    while data := file.read(1 << 16):
                        copy.write(data)
            else:
                with cursor.copy(sql) as copy:
                    for data in copy:
                        file.write(data)
            conn.commit()

    def bulk_load(self, table: str, tmp_file: str) -> None:
        self.copy_expert(f"COPY {table} FROM STDIN", tmp_file)

    def bulk_dump(self, table: str, tmp_file: str) -> None:
        self.copy_expert(f"COPY {table} TO STDOUT", tmp_file)

    def _insert_statement(
        self,
        table: str,
        values: Sequence[Any],
        target_fields: Sequence[str] | None,
        replace: bool,
        **kwargs: Any,
    ) -> str:
        sql = super()._insert_statement(table, values, target_fields, False)
        if not replace:
            return sql
        keys = kwargs.get("replace_index")
        if not keys or not target_fields:
            raise HubflowException(
                "PostgresHook.insert_rows: replace needs target_fields and replace_index, the "
                "columns of a unique index"
            )
        keys = [keys] if isinstance(keys, str) else list(keys)
        others = [name for name in target_fields if name not in keys]
        updates = ", ".join(f"{name} = excluded.{name}" for name in others)
        action = f"UPDATE SET {updates}" if updates else "NOTHING"
        return f"{sql} ON CONFLICT ({', '.join(keys)}) DO {action}"

    def _serialize_cell(self, cell: Any, conn: Any) -> Any:
        return json.dumps(cell) if isinstance(cell, dict) else cell


class MySqlHook(DbApiHook):
    """MySQL and MariaDB, by PyMySQL or mysqlclient."""

    conn_name_attr = "mysql_conn_id"
    default_conn_name = "mysql_default"
    conn_type = "mysql"
    supports_autocommit = True
    dialect = "mysql+pymysql"

    def connect(self, connection: Connection) -> Any:
        driver = drivers.load("MySqlHook", "pymysql", "MySQLdb", install="hubflow[mysql]")
        extra = connection.extra_dejson
        options = {
            "host": connection.host or "localhost",
            "user": connection.login or "",
            "password": connection.password or "",
            "database": self.schema or connection.schema or None,
            "port": connection.port or 3306,
            "charset": extra.get("charset", "utf8mb4"),
            "local_infile": bool(extra.get("local_infile", False)),
            "unix_socket": extra.get("unix_socket"),
            "ssl": extra.get("ssl"),
        }
        return driver.connect(**{k: v for k, v in options.items() if v is not None})

    def set_autocommit(self, conn: Any, autocommit: bool) -> None:
        conn.autocommit(autocommit)

    def bulk_load(self, table: str, tmp_file: str) -> None:
        self.run(f"LOAD DATA LOCAL INFILE %s INTO TABLE {table}", parameters=(tmp_file,))

    def bulk_dump(self, table: str, tmp_file: str) -> None:
        self.run(f"SELECT * INTO OUTFILE %s FROM {table}", parameters=(tmp_file,))


class MsSqlHook(DbApiHook):
    """Microsoft SQL Server, by pymssql."""

    conn_name_attr = "mssql_conn_id"
    default_conn_name = "mssql_default"
    conn_type = "mssql"
    supports_autocommit = True
    dialect = "mssql+pymssql"

    def connect(self, connection: Connection) -> Any:
        driver = drivers.load("MsSqlHook", "pymssql", install="pymssql")
        return driver.connect(
            server=connection.host,
            user=connection.login,
            password=connection.password,
            database=self.schema or connection.schema,
            port=str(connection.port or 1433),
        )

    def set_autocommit(self, conn: Any, autocommit: bool) -> None:
        conn.autocommit(autocommit)


class OracleHook(DbApiHook):
    """Oracle, by oracledb."""

    conn_name_attr = "oracle_conn_id"
    default_conn_name = "oracle_default"
    conn_type = "oracle"
    supports_autocommit = True
    placeholder = ":1"
    dialect = "oracle+oracledb"

    def connect(self, connection: Connection) -> Any:
        driver = drivers.load("OracleHook", "oracledb", "cx_Oracle", install="oracledb")
        service = connection.extra_dejson.get("service_name") or self.schema or connection.schema
        address = f"{connection.host}:{connection.port or 1521}/{service}"
        return driver.connect(user=connection.login, password=connection.password, dsn=address)

    def _insert_statement(
        self,
        table: str,
        values: Sequence[Any],
        target_fields: Sequence[str] | None,
        replace: bool,
        **kwargs: Any,
    ) -> str:
        fields = f" ({', '.join(target_fields)})" if target_fields else ""
        marks = ", ".join(f":{number}" for number in range(1, len(values) + 1))
        return f"INSERT INTO {table}{fields} VALUES ({marks})"


class JdbcHook(DbApiHook):
    """Any database with a JDBC driver, by JayDeBeApi. The host is the JDBC address."""

    conn_name_attr = "jdbc_conn_id"
    default_conn_name = "jdbc_default"
    conn_type = "jdbc"
    supports_autocommit = True
    _EXTRAS: ClassVar[tuple[str, str]] = ("extra__jdbc__drv_clsname", "extra__jdbc__drv_path")

    def connect(self, connection: Connection) -> Any:
        driver = drivers.load("JdbcHook", "jaydebeapi", install="JayDeBeApi")
        extra = connection.extra_dejson
        kind = extra.get(self._EXTRAS[0]) or extra.get("driver_class")
        jars = str(extra.get(self._EXTRAS[1]) or extra.get("driver_path") or "")
        account = [str(connection.login), str(connection.password)]
        return driver.connect(
            kind, str(connection.host), account, jars.split(",") if jars else None
        )

    def set_autocommit(self, conn: Any, autocommit: bool) -> None:
        conn.jconn.setAutoCommit(autocommit)


_POSTGRES_ASIDE = frozenset(
    {"iam", "redshift", "cursor", "client_encoding", "enable_log_db_messages"}
)

HOOKS: dict[str, type[DbApiHook]] = {
    kind.conn_type: kind
    for kind in (SqliteHook, PostgresHook, MySqlHook, MsSqlHook, OracleHook, JdbcHook)
}


def hook_for(conn_id: str, **options: Any) -> DbApiHook:
    """Return the hook for a connection by its type; raises HubflowException if there is none."""
    hook = DbApiHook.get_hook(conn_id, options)
    if not isinstance(hook, DbApiHook):
        raise HubflowException(
            f"the connection {conn_id!r} is for {type(hook).__name__}, which knows no SQL; "
            f"hooks that do are for {', '.join(sorted(HOOKS))}"
        )
    return hook
