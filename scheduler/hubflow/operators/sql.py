"""Operators that run SQL on a connection (SEMANTICS 6.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, MutableMapping, Sequence
from typing import Any, ClassVar

from hubflow.hooks.databases import HOOKS, hook_for
from hubflow.hooks.sql import DbApiHook, Parameters, fetch_all_handler
from hubflow.sdk.operator import BaseOperator


class BaseSQLOperator(BaseOperator):
    """Base: knows which hook to ask.

    Parameters
    ----------
    conn_id : the connection; operators for one kind of database also have a name of their own
        for it, such as `postgres_conn_id`.
    database : to use instead of the connection's.
    """

    conn_type: ClassVar[str | None] = None
    """The kind of database, where the class is for one; else the connection's type counts."""

    def __init__(
        self,
        *,
        conn_id: str | None = None,
        database: str | None = None,
        hook_params: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.conn_id = conn_id
        self.database = database
        self.hook_params = dict(hook_params or {})

    def get_db_hook(self) -> DbApiHook:
        options = {**self.hook_params, **({"schema": self.database} if self.database else {})}
        if self.conn_type is not None:
            return HOOKS[self.conn_type](self.conn_id, **options)
        return hook_for(self.conn_id or DbApiHook.default_conn_name, **options)

    @property
    def hook(self) -> DbApiHook:
        return self.get_db_hook()


class SQLExecuteQueryOperator(BaseSQLOperator):
    """Run SQL: a statement, a list of them, or the name of a `.sql` file.

    Parameters
    ----------
    autocommit : commit after each statement, where the database can.
    handler : gets the cursor; what it returns is the result.
    split_statements : `sql` is a script of several statements.
    return_last : the result is that of the last statement, not a list of all.
    """

    template_fields: ClassVar[Iterable[str]] = ("sql", "parameters", "conn_id")
    template_ext = (".sql",)
    ui_color = "#cdaaed"
    pushes_rows: ClassVar[bool] = True

    def __init__(
        self,
        *,
        sql: str | Sequence[str],
        autocommit: bool = False,
        parameters: Parameters = None,
        handler: Callable[[Any], Any] | None = fetch_all_handler,
        split_statements: bool | None = None,
        return_last: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.sql = sql
        self.autocommit = autocommit
        self.parameters = parameters
        self.handler = handler
        self.split_statements = split_statements
        self.return_last = return_last

    def execute(self, context: MutableMapping[str, Any]) -> Any:
        self.log.info("Executing: %s", self.sql)
        return self.get_db_hook().run(
            self.sql,
            autocommit=self.autocommit,
            parameters=self.parameters,
            handler=self.handler if self.do_xcom_push and self.pushes_rows else None,
            split_statements=bool(self.split_statements),
            return_last=self.return_last,
        )


class _OfOneKind(SQLExecuteQueryOperator):
    """An operator of Airflow 1.10: for one database, and without a result (SEMANTICS 6.5)."""

    pushes_rows: ClassVar[bool] = False


class SqliteOperator(_OfOneKind):
    """Run SQL on SQLite. It takes one statement at a time, so a script is split."""

    conn_type: ClassVar[str | None] = "sqlite"

    def __init__(self, *, sqlite_conn_id: str = "sqlite_default", **kwargs: Any) -> None:
        kwargs.setdefault("split_statements", True)
        super().__init__(conn_id=kwargs.pop("conn_id", None) or sqlite_conn_id, **kwargs)


class PostgresOperator(_OfOneKind):
    """Run SQL on PostgreSQL."""

    conn_type: ClassVar[str | None] = "postgres"

    def __init__(self, *, postgres_conn_id: str = "postgres_default", **kwargs: Any) -> None:
        super().__init__(conn_id=kwargs.pop("conn_id", None) or postgres_conn_id, **kwargs)


class MySqlOperator(_OfOneKind):
    """Run SQL on MySQL or MariaDB."""

    conn_type: ClassVar[str | None] = "mysql"

    def __init__(self, *, mysql_conn_id: str = "mysql_default", **kwargs: Any) -> None:
        kwargs.setdefault("split_statements", True)
        super().__init__(conn_id=kwargs.pop("conn_id", None) or mysql_conn_id, **kwargs)


class MsSqlOperator(_OfOneKind):
    """Run SQL on Microsoft SQL Server."""

    conn_type: ClassVar[str | None] = "mssql"

    def __init__(self, *, mssql_conn_id: str = "mssql_default", **kwargs: Any) -> None:
        super().__init__(conn_id=kwargs.pop("conn_id", None) or mssql_conn_id, **kwargs)


class OracleOperator(_OfOneKind):
    """Run SQL on Oracle."""

    conn_type: ClassVar[str | None] = "oracle"

    def __init__(self, *, oracle_conn_id: str = "oracle_default", **kwargs: Any) -> None:
        super().__init__(conn_id=kwargs.pop("conn_id", None) or oracle_conn_id, **kwargs)


class JdbcOperator(_OfOneKind):
    """Run SQL through a JDBC driver."""

    conn_type: ClassVar[str | None] = "jdbc"

    def __init__(self, *, jdbc_conn_id: str = "jdbc_default", **kwargs: Any) -> None:
        super().__init__(conn_id=kwargs.pop("conn_id", None) or jdbc_conn_id, **kwargs)


class GenericTransfer(BaseOperator):
    """Copy the rows of a query from one connection into a table of another."""

    template_fields: ClassVar[Iterable[str]] = ("sql", "destination_table", "preoperator")
    template_ext = (".sql", ".hql")
    ui_color = "#b0f07c"

    def __init__(
        self,
        *,
        sql: str,
        destination_table: str,
        source_conn_id: str,
        destination_conn_id: str,
        preoperator: str | Sequence[str] | None = None,
        insert_args: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.sql = sql
        self.destination_table = destination_table
        self.source_conn_id = source_conn_id
        self.destination_conn_id = destination_conn_id
        self.preoperator = preoperator
        self.insert_args = dict(insert_args or {})

    def execute(self, context: MutableMapping[str, Any]) -> None:
        rows = hook_for(self.source_conn_id).get_records(self.sql) or []
        destination = hook_for(self.destination_conn_id)
        if self.preoperator:
            destination.run(self.preoperator)
        self.log.info("Inserting %d rows into %s", len(rows), self.destination_table)
        destination.insert_rows(self.destination_table, rows, **self.insert_args)
