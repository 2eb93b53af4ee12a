"""Who calls, and what they may do. Every service checks again what the route has checked."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from hubflow.errors import PermissionDenied


class Permission(StrEnum):
    """What a caller may be allowed to do; the names are part of the API."""

    DAGS_READ = "dags.read"
    DAGS_EDIT = "dags.edit"
    RUNS_TRIGGER = "runs.trigger"
    RUNS_EDIT = "runs.edit"
    FILES_EDIT = "files.edit"
    NOTEBOOKS_SCHEDULE = "notebooks.schedule"
    AUDIT_READ = "audit.read"
    ALERTS_EDIT = "alerts.edit"
    VARIABLES_READ = "variables.read"
    VARIABLES_EDIT = "variables.edit"
    CONNECTIONS_READ = "connections.read"
    CONNECTIONS_EDIT = "connections.edit"
    POOLS_READ = "pools.read"
    POOLS_EDIT = "pools.edit"
    CONFIG_READ = "config.read"
    KEYS_ROTATE = "keys.rotate"


READING = frozenset({Permission.DAGS_READ, Permission.AUDIT_READ, Permission.POOLS_READ})
ALL = frozenset(Permission)


class Actor(NamedTuple):
    """The person or program behind a request."""

    name: str
    permissions: frozenset[Permission]
    display_name: str = ""
    groups: frozenset[str] = frozenset()
    source_ip: str | None = None


def permissions_of(groups: Iterable[str], writers: Iterable[str]) -> frozenset[Permission]:
    """Return everything for members of a writing group, the reading permissions for others."""
    return ALL if set(groups) & set(writers) else READING


def require(actor: Actor, permission: Permission) -> None:
    """Raise PermissionDenied unless ``actor`` has ``permission``."""
    if permission not in actor.permissions:
        raise PermissionDenied(permission.value, actor.name)
