"""Secrets backends (SEMANTICS 5.4): the base of people's own, local files, the environment."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hubflow import connection_uri
from hubflow.connection_uri import ConnectionInvalid
from hubflow.sdk import environment
from hubflow.sdk.connection import Connection
from hubflow.sdk.exceptions import HubflowException


class BaseSecretsBackend:
    """Finds variables and connections elsewhere. A subclass overrides what it can answer.

    Return None for what is not there. The class is named by `HUBFLOW__SECRETS__BACKEND`.
    """

    def __init__(self, **kwargs: Any) -> None:
        """Take the arguments of `BACKEND_KWARGS`."""

    @staticmethod
    def build_path(path_prefix: str, secret_id: str, sep: str = "/") -> str:
        """Return the two with the separator between them."""
        return f"{path_prefix}{sep}{secret_id}"

    def get_variable(self, key: str) -> str | None:
        """Return the value of a variable."""
        return None

    def get_conn_uri(self, conn_id: str) -> str | None:
        """Return a connection as a URI."""
        return None

    def get_conn_value(self, conn_id: str) -> str | None:
        """Return a connection as a URI, or as a JSON object."""
        return self.get_conn_uri(conn_id)

    def get_connection(self, conn_id: str) -> Connection | None:
        """Return a connection."""
        value = self.get_conn_value(conn_id)
        return None if value is None else self.deserialize_connection(conn_id, value)

    def get_connections(self, conn_id: str) -> list[Connection]:
        """Return the connections that share this id; of several, one is drawn."""
        found = self.get_connection(conn_id)
        return [] if found is None else [found]

    def deserialize_connection(self, conn_id: str, value: str) -> Connection:
        """Read a URI or a JSON object."""
        return Connection.of(conn_id, connection_uri.read(value))

    def get_config(self, key: str) -> str | None:
        """Return an option; hubflow asks for none."""
        return None


class EnvironmentVariablesBackend(BaseSecretsBackend):
    """`HUBFLOW_VAR_*`, `HUBFLOW_CONN_*` and the same with AIRFLOW: looked at in any case."""

    def get_variable(self, key: str) -> str | None:
        given = environment.find_variable(key)
        return given.value if given else None

    def get_conn_value(self, conn_id: str) -> str | None:
        given = environment.find_connection(conn_id)
        return given.value if given else None


class LocalFilesystemBackend(BaseSecretsBackend):
    """Files on this machine: JSON, YAML, or lines `name=value` in one that ends with `.env`.

    Parameters
    ----------
    variables_file_path : {key: value}; a value that is no text is taken as JSON.
    connections_file_path : {conn_id: URI, or fields, or a list of these}.
    """

    def __init__(
        self,
        variables_file_path: str | None = None,
        connections_file_path: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.variables_file = variables_file_path
        self.connections_file = connections_file_path

    def get_variable(self, key: str) -> str | None:
        found = load_variables(self.variables_file).get(key) if self.variables_file else None
        return found if found is None or isinstance(found, str) else json.dumps(found)

    def get_connections(self, conn_id: str) -> list[Connection]:
        if not self.connections_file:
            return []
        given = _parsed(self.connections_file).get(conn_id)
        return [] if given is None else _connections(conn_id, given)

    def get_connection(self, conn_id: str) -> Connection | None:
        return next(iter(self.get_connections(conn_id)), None)


def load_variables(file_path: str) -> dict[str, Any]:
    """Return the variables of a file. Raises HubflowException."""
    found = _parsed(file_path)
    if several := sorted(key for key, value in found.items() if _is_repeated(file_path, value)):
        raise HubflowException(f"{file_path}: the variable {several[0]} stands there twice")
    return {key: _single(file_path, value) for key, value in found.items()}


def load_connections(file_path: str) -> dict[str, list[Connection]]:
    """Return the connections of a file by id. Raises HubflowException."""
    return {conn_id: _connections(conn_id, given) for conn_id, given in _parsed(file_path).items()}


def load_connections_dict(file_path: str) -> dict[str, Connection]:
    """Return the connections of a file, where each id has one. Raises HubflowException."""
    found = load_connections(file_path)
    if several := sorted(conn_id for conn_id, some in found.items() if len(some) > 1):
        raise HubflowException(f"{file_path}: the connection {several[0]} stands there twice")
    return {conn_id: some[0] for conn_id, some in found.items() if some}


def _connections(conn_id: str, given: Any) -> list[Connection]:
    return [_connection(conn_id, one) for one in (given if isinstance(given, list) else [given])]


def _connection(conn_id: str, given: Any) -> Connection:
    if isinstance(given, str):
        return Connection.of(conn_id, connection_uri.read(given))
    if not isinstance(given, Mapping):
        raise ConnectionInvalid(f"{conn_id} is neither text nor an object of fields")
    fields = {name: value for name, value in given.items() if name != "conn_id"}
    if "extra_dejson" in fields:
        fields["extra"] = fields.pop("extra_dejson")
    return Connection.of(conn_id, connection_uri.from_mapping(fields, conn_id))


def _parsed(file_path: str) -> dict[str, Any]:
    """Return what a file maps to what. Raises HubflowException, which shows nothing of it."""
    path = Path(file_path)
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".env":
            return _lines(text)
        found = _yaml(text) if path.suffix in (".yaml", ".yml") else json.loads(text or "{}")
    except OSError as exc:
        raise HubflowException(f"{file_path}: {exc.strerror}") from None
    except ValueError as exc:
        place = f", line {exc.lineno}" if isinstance(exc, json.JSONDecodeError) else ""
        raise HubflowException(f"{file_path}{place}: syntax error") from None
    if not isinstance(found, dict):
        raise HubflowException(f"{file_path} holds no object of names")
    return found


def _yaml(text: str) -> Any:
    # Late: a task has to have such a file to need it.
    yaml = importlib.import_module("yaml")
    try:
        return yaml.safe_load(text) or {}
    except yaml.YAMLError:
        raise ValueError from None


def _lines(text: str) -> dict[str, Any]:
    """Read lines `name=value`; a name that stands there several times has a list."""
    found: dict[str, Any] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, mark, value = line.partition("=")
        if not mark:
            raise HubflowException(f"line {number} has no `=`")
        found.setdefault(name.strip(), []).append(value.strip())
    return found


def _is_repeated(file_path: str, value: Any) -> bool:
    return file_path.endswith(".env") and len(value) > 1


def _single(file_path: str, value: Any) -> Any:
    return value[0] if file_path.endswith(".env") else value
