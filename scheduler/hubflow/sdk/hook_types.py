"""Which class of hook serves a type of connection."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from hubflow.sdk.exceptions import HubflowException

# conn_type -> "module:Class", imported when it is asked for: drivers are heavy and optional.
_hooks: dict[str, str | type] = {
    "http": "hubflow.hooks.http:HttpHook",
    "jdbc": "hubflow.hooks.databases:JdbcHook",
    "mssql": "hubflow.hooks.databases:MsSqlHook",
    "mysql": "hubflow.hooks.databases:MySqlHook",
    "oracle": "hubflow.hooks.databases:OracleHook",
    "postgres": "hubflow.hooks.databases:PostgresHook",
    "sftp": "hubflow.hooks.ssh:SFTPHook",
    "slack": "hubflow.hooks.slack:SlackHook",
    "slackwebhook": "hubflow.hooks.slack:SlackWebhookHook",
    "sqlite": "hubflow.hooks.databases:SqliteHook",
    "ssh": "hubflow.hooks.ssh:SSHHook",
}


def register(conn_type: str, hook: str | type) -> None:
    """Let ``hook``, a class or "module:Class", serve connections of this type.

    The class takes the connection's id by the keyword that its `conn_name_attr` names.
    """
    _hooks[conn_type] = hook


def find(conn_type: str) -> type | None:
    """Return the class for a type, or None."""
    hook = _hooks.get(conn_type)
    if isinstance(hook, str):
        module, _, name = hook.partition(":")
        hook = getattr(importlib.import_module(module), name)
    return hook


def make(conn_type: str, conn_id: str, options: Mapping[str, Any]) -> Any:
    """Return a hook for a connection; raises HubflowException if no class serves its type."""
    if (hook := find(conn_type)) is None:
        raise HubflowException(f"Unknown hook type {conn_type}")
    keyword = getattr(hook, "conn_name_attr", "conn_id")
    return hook(**{keyword: conn_id, **options})
