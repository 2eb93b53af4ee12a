"""Connections by name: from a secrets backend, the environment, or the database (SEMANTICS 5.3)."""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Mapping
from typing import Any

from hubflow import connection_uri
from hubflow.connection_uri import ConnectionFields, ConnectionInvalid
from hubflow.masking import named_secrets
from hubflow.questions import GetConnections
from hubflow.sdk import backend_lookup, environment, hook_types, secrets
from hubflow.sdk.exceptions import ConnectionMissing, HubflowException
from hubflow.sdk.runtime import current_runtime

log = logging.getLogger("hubflow.task")
_UNSET: Any = object()
_HIDDEN = "XXXXXXXX"


class Connection:
    """Where an outside system is and how to log in there; fields, or a ``uri``.

    `extra` is text, usually a JSON object; a dict is written as one.
    """

    def __init__(
        self,
        conn_id: str | None = None,
        conn_type: str | None = None,
        host: str | None = None,
        login: str | None = None,
        password: str | None = None,
        schema: str | None = None,
        port: int | None = None,
        extra: str | Mapping[str, Any] | None = None,
        uri: str | None = None,
        description: str | None = None,
    ) -> None:
        self.id: int | None = None
        self.conn_id = conn_id
        self.description = description
        self.is_encrypted = self.is_extra_encrypted = False
        if uri:
            self.parse_from_uri(uri)
            return
        self.conn_type = None if conn_type is None else connection_uri.normal_type(conn_type)
        self.host, self.schema = host, schema
        self.login, self.password = login, password
        self.port = port
        self.set_extra(extra)

    @classmethod
    def of(cls, conn_id: str | None, fields: ConnectionFields) -> Connection:
        """Return a connection with these fields."""
        made = cls(conn_id, description=fields.description)
        made._take(fields)
        return made

    @classmethod
    def from_json(cls, value: str, conn_id: str | None = None) -> Connection:
        """Read a JSON object of fields. Raises ConnectionInvalid, which shows nothing of it."""
        if not value.lstrip().startswith("{"):
            raise ConnectionInvalid("the JSON of a connection is no object")
        return cls.of(conn_id, connection_uri.read(value))

    @classmethod
    def get(cls, conn_id: str) -> Connection:
        """Return the connection, one at random if several share the id.

        Raises ConnectionMissing (`AirflowNotFoundException`).
        """
        # Not the shared generator: a DAG file that seeds it would always draw the same.
        drawn = random.SystemRandom().choice(find_connections(conn_id))
        if drawn.host:
            log.info("Using connection to: %s", drawn.log_info())
        return drawn

    @classmethod
    def get_connection_from_secrets(cls, conn_id: str) -> Connection:
        """Return the connection, by the name that this has in Airflow 2."""
        return cls.get(conn_id)

    def parse_from_uri(self, uri: str) -> None:
        """Take the fields from a URI. Raises ConnectionInvalid, which shows nothing of it."""
        self._take(connection_uri.parse(uri))

    def get_uri(self) -> str:
        """Return the connection as a URI, every part percent-encoded."""
        return connection_uri.compose(
            ConnectionFields(
                conn_type=self.conn_type or "",
                host=self.host,
                schema=self.schema,
                login=self.login,
                password=self.password,
                port=self.port,
                extra=self.extra,
            )
        )

    def as_json(self) -> str:
        """Return the fields that are set as a JSON object."""
        fields = {name: getattr(self, name) for name in connection_uri.NAMES}
        return json.dumps({name: value for name, value in fields.items() if value is not None})

    def get_password(self) -> str | None:
        """Return the password."""
        return self.password

    def set_password(self, value: str | None) -> None:
        self.password = value

    def get_extra(self) -> str | None:
        """Return the extra as text."""
        return self.extra

    def set_extra(self, value: str | Mapping[str, Any] | None) -> None:
        is_text = value is None or isinstance(value, str)
        self.extra: str | None = value if is_text else json.dumps(value)  # type: ignore[assignment]

    @property
    def extra_dejson(self) -> dict[str, Any]:
        """The extra as a dict; empty, with a line in the log, if it is no JSON object."""
        found = connection_uri.extra_object(self.extra)
        if found is None:
            log.error("The extra of the connection %s is no JSON object", self.conn_id)
        return found or {}

    def get_extra_dejson(self) -> dict[str, Any]:
        """Return `extra_dejson`."""
        return self.extra_dejson

    def get_hook(self, **kwargs: Any) -> Any:
        """Return a hook of the class for this type; raises HubflowException for an unknown one."""
        return hook_types.make(self.conn_type or "", self.conn_id or "", kwargs)

    def test_connection(self) -> tuple[bool, str]:
        """Let the hook of this type try to log in; return whether it could, and what it said."""
        try:
            hook = self.get_hook()
            if not hasattr(hook, "test_connection"):
                return False, f"{type(hook).__name__} cannot test connections"
            status, message = hook.test_connection()
        except Exception as exc:
            return False, secrets.masked(str(exc))
        return bool(status), secrets.masked(str(message))

    def log_info(self) -> str:
        """Return the fields as a log may show them."""
        password = _HIDDEN if self.password else None
        extra = _HIDDEN if self.extra_dejson else None
        return (
            f"id: {self.conn_id}. Host: {self.host}, Port: {self.port}, Schema: {self.schema}, "
            f"Login: {self.login}, Password: {password}, extra: {extra}"
        )

    debug_info = log_info

    def __repr__(self) -> str:
        return self.conn_id or ""

    def _take(self, fields: ConnectionFields) -> None:
        self.conn_type = fields.conn_type
        self.host, self.schema = fields.host, fields.schema
        self.login, self.password = fields.login, fields.password
        self.port, self.extra = fields.port, fields.extra
        self.description = fields.description or self.description


class ConnectionAccessor:
    """`conn.my_id.host` in templates."""

    def __getattr__(self, name: str) -> Connection:
        if name.startswith("__"):
            raise AttributeError(name)
        return Connection.get(name)

    def __getitem__(self, name: str) -> Connection:
        return Connection.get(name)

    def get(self, conn_id: str, default_conn: Any = None) -> Any:
        """Return the connection, or the default if there is none."""
        try:
            return Connection.get(conn_id)
        except ConnectionMissing:
            return default_conn

    def __repr__(self) -> str:
        return "<Connections>"


def find_connections(conn_id: str) -> list[Connection]:
    """Return every connection of this id: exactly one if the environment holds it.

    Raises ConnectionMissing.
    """

    def read(found: str | Connection) -> Connection:
        if isinstance(found, Connection):
            return found
        return Connection.of(conn_id, connection_uri.read(found))

    if found := backend_lookup.find_connections(conn_id, read):
        pass
    elif given := environment.find_connection(conn_id):
        found = [_from_environment(conn_id, given)]
    else:
        rows = current_runtime().ask(GetConnections(conn_id=conn_id))
        found = [Connection(**row) for row in rows]
    if not found:
        raise ConnectionMissing(conn_id)
    for connection in found:
        secrets.hide(connection.password)
        for secret in named_secrets(connection_uri.extra_object(connection.extra)):
            secrets.hide(secret)
    return found


def _from_environment(conn_id: str, given: environment.Given) -> Connection:
    try:
        return Connection.of(conn_id, connection_uri.read(given.value))
    except ConnectionInvalid as exc:
        raise HubflowException(f"the environment variable {given.name}: {exc}") from None
