"""DbApiHook: databases through Python's DB-API, one small class for each kind (SEMANTICS 6.5)."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from itertools import islice
from typing import Any, ClassVar

from hubflow.hooks import drivers
from hubflow.hooks.base import BaseHook
from hubflow.hooks.sql_text import statements
from hubflow.sdk.connection import Connection
from hubflow.sdk.exceptions import HubflowException

Parameters = Sequence[Any] | Mapping[str, Any] | None
Handler = Callable[[Any], Any]


def fetch_all_handler(cursor: Any) -> list[Any] | None:
    """Return all rows of a statement that has some."""
    return list(cursor.fetchall()) if cursor.description is not None else None


def fetch_one_handler(cursor: Any) -> Any:
    """Return the first row of a statement that has some."""
    return cursor.fetchone() if cursor.description is not None else None


class DbApiHook(BaseHook):
    """Runs SQL on the database of a connection. Subclasses say how to connect.

    Parameters
    ----------
    conn_id : the first argument, or by the name in `conn_name_attr`.
    schema : database to use instead of the connection's.
    """

    default_conn_name = "default_conn_id"
    placeholder: ClassVar[str] = "%s"
    supports_autocommit: ClassVar[bool] = False
    dialect: ClassVar[str] = ""
    """What SQLAlchemy calls the database and its driver."""

    def __init__(self, *args: Any, schema: str | None = None, **kwargs: Any) -> None:
        super().__init__()
        name = self.conn_name_attr
        given = args[0] if args else kwargs.get(name) or kwargs.get("conn_id")
        self.conn_id: str = given or self.default_conn_name
        setattr(self, name, self.conn_id)
        self.schema = schema or kwargs.get("database")

    # ---- what subclasses say -------------------------------------------------------------------

    def connect(self, connection: Connection) -> Any:
        """Return an open DB-API connection."""
        raise NotImplementedError(f"{type(self).__name__} has no connect()")

    def set_autocommit(self, conn: Any, autocommit: bool) -> None:
        if not self.supports_autocommit and autocommit:
            self.log.warning("%s has no autocommit; committing at the end", type(self).__name__)
            return
        conn.autocommit = autocommit

    # ---- connecting ----------------------------------------------------------------------------

    def get_conn(self) -> Any:
        return self.connect(self.get_connection(self.conn_id))

    def get_cursor(self) -> Any:
        return self.get_conn().cursor()

    def get_uri(self) -> str:
        """Return the address for SQLAlchemy; it holds the password."""
        found = self.get_connection(self.conn_id)
        url = importlib.import_module("sqlalchemy").URL.create(
            self.dialect or str(found.conn_type),
            username=found.login or None,
            password=found.password or None,
            host=found.host or None,
            port=found.port,
            database=self.schema or found.schema or None,
        )
        return str(url.render_as_string(hide_password=False))

    def get_sqlalchemy_engine(self, engine_kwargs: Mapping[str, Any] | None = None) -> Any:
        create_engine = importlib.import_module("sqlalchemy").create_engine
        return create_engine(self.get_uri(), **(engine_kwargs or {}))

    def test_connection(self) -> tuple[bool, str]:
        """Return whether the database answers, and what to tell people."""
        try:
            self.get_first("select 1")
        except Exception as exc:
            return False, str(exc)
        return True, "Connection successfully tested"

    # ---- reading -------------------------------------------------------------------------------

    def get_records(self, sql: str | Sequence[str], parameters: Parameters = None) -> Any:
        """Return all rows."""
        return self.run(sql, parameters=parameters, handler=fetch_all_handler)

    def get_first(self, sql: str | Sequence[str], parameters: Parameters = None) -> Any:
        """Return the first row, or None."""
        return self.run(sql, parameters=parameters, handler=fetch_one_handler)

    def get_pandas_df(self, sql: str, parameters: Parameters = None, **kwargs: Any) -> Any:
        """Return all rows as a pandas DataFrame."""
        pandas = drivers.load("get_pandas_df", "pandas", install="pandas")
        with closing(self.get_conn()) as conn, closing(conn.cursor()) as cursor:
            self._execute(cursor, sql, parameters)
            names = [column[0] for column in cursor.description]
            return pandas.DataFrame.from_records(cursor.fetchall(), columns=names, **kwargs)

    get_df = get_pandas_df

    # ---- writing -------------------------------------------------------------------------------

    def run(
        self,
        sql: str | Iterable[str],
        autocommit: bool = False,
        parameters: Parameters = None,
        handler: Handler | None = None,
        split_statements: bool = False,
        return_last: bool = True,
    ) -> Any:
        """Run one statement or several in a transaction.

        ``handler`` gets the cursor after each; the result is what it returned last, or a list of
        all for several statements with ``return_last`` False.
        """
        is_one = isinstance(sql, str) and not split_statements
        texts = self._texts(sql, split_statements)
        results = []
        with closing(self.get_conn()) as conn:
            self._begin(conn, autocommit)
            with closing(conn.cursor()) as cursor:
                for text in texts:
                    self._execute(cursor, text, parameters)
                    if handler is not None:
                        results.append(handler(cursor))
            if not (self.supports_autocommit and autocommit):
                conn.commit()
        if handler is None:
            return None
        return results[-1] if is_one or return_last else results

    def insert_rows(
        self,
        table: str,
        rows: Iterable[Sequence[Any]],
        target_fields: Sequence[str] | None = None,
        commit_every: int = 1000,
        replace: bool = False,
        **kwargs: Any,
    ) -> None:
        """Insert rows, committing after every ``commit_every`` of them (0: once at the end)."""
        iterator = iter(rows)
        with closing(self.get_conn()) as conn:
            self._begin(conn, False)
            with closing(conn.cursor()) as cursor:
                count = 0
                while part := list(islice(iterator, commit_every or None)):
                    for row in part:
                        values = tuple(self._serialize_cell(cell, conn) for cell in row)
                        sql = self._insert_statement(
                            table, values, target_fields, replace, **kwargs
                        )
                        cursor.execute(sql, values)
                    conn.commit()
                    count += len(part)
        self.log.info("Done loading. Loaded a total of %s rows into %s", count, table)

    def bulk_load(self, table: str, tmp_file: str) -> None:
        """Load a tab-delimited file into a table."""
        raise self._cannot("bulk_load")

    def bulk_dump(self, table: str, tmp_file: str) -> None:
        """Write a table to a tab-delimited file."""
        raise self._cannot("bulk_dump")

    def _insert_statement(
        self,
        table: str,
        values: Sequence[Any],
        target_fields: Sequence[str] | None,
        replace: bool,
        **kwargs: Any,
    ) -> str:
        verb = "REPLACE INTO" if replace else "INSERT INTO"
        fields = f" ({', '.join(target_fields)})" if target_fields else ""
        marks = ",".join([self.placeholder] * len(values))
        return f"{verb} {table}{fields} VALUES ({marks})"

    def _serialize_cell(self, cell: Any, conn: Any) -> Any:
        """Return a value as the driver takes it."""
        return cell

    def _begin(self, conn: Any, autocommit: bool) -> None:
        if self.supports_autocommit or autocommit:
            self.set_autocommit(conn, autocommit)

    def _execute(self, cursor: Any, sql: str, parameters: Parameters) -> None:
        self.log.info("Running statement: %s", sql)
        if parameters:
            cursor.execute(sql, parameters)
        else:
            cursor.execute(sql)
        with suppress(AttributeError):
            if cursor.rowcount >= 0:
                self.log.info("Rows affected: %s", cursor.rowcount)

    def _texts(self, sql: str | Iterable[str], split: bool) -> list[str]:
        given = [sql] if isinstance(sql, str) else list(sql)
        texts = [part for text in given for part in statements(text)] if split else given
        if not texts:
            raise HubflowException(f"{type(self).__name__}.run: there is no statement to run")
        return texts

    def _cannot(self, what: str) -> HubflowException:
        return HubflowException(f"{type(self).__name__} has no {what}; use insert_rows or SQL")
