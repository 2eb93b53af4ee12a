"""BaseHook: where hooks find their connections (SEMANTICS 5.3)."""

from __future__ import annotations

import logging
from typing import Any

from hubflow.sdk.connection import Connection, find_connections


class BaseHook:
    """Base of the classes that talk to outside systems.

    A subclass names in `conn_name_attr` the keyword by which it takes the id of its connection,
    and registers itself for a type with `sdk.hook_types.register`.
    """

    conn_name_attr = "conn_id"
    default_conn_name = ""
    conn_type = ""
    hook_name = ""

    def __init__(self, source: object = None, **ignored: Any) -> None:
        """Take ``source``, which hooks of Airflow 1.10 hand on; it changes nothing."""

    @property
    def log(self) -> logging.Logger:
        """The logger of this hook, which writes to the try's log."""
        return logging.getLogger(f"{type(self).__module__}.{type(self).__qualname__}")

    @classmethod
    def get_connections(cls, conn_id: str) -> list[Connection]:
        """Return every connection of this id. Raises HubflowException if there is none."""
        return find_connections(conn_id)

    @classmethod
    def get_connection(cls, conn_id: str) -> Connection:
        """Return the connection, one at random if several share the id.

        Raises HubflowException if there is none.
        """
        return Connection.get(conn_id)

    @classmethod
    def get_hook(cls, conn_id: str, hook_params: dict[str, Any] | None = None) -> Any:
        """Return a hook of the class for the connection's type.

        Raises HubflowException if no class serves it.
        """
        return cls.get_connection(conn_id).get_hook(**(hook_params or {}))

    def get_conn(self) -> Any:
        """Return the client of the library that the hook wraps."""
        raise NotImplementedError(f"{type(self).__name__} has no get_conn")
