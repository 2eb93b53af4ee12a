"""Roles and groups: who may open the service, who may change things."""

from __future__ import annotations

from typing import Any

from jupyterhub.roles import get_default_roles
from traitlets.config import Config

from hubflow_hub.merging import fill, present

# "user" opens the service to people and their tokens; "server" to their Jupyter servers, whose
# tokens never hold more than their owner.
OPENED_ROLES = ("user", "server")
GROUPS = ("hubflow-admins", "hubflow-developers")


def add_access(c: Config, scope: str) -> None:
    """Give ``scope`` to the roles of users and servers.

    Loading a role replaces its scopes, so the Hub's defaults are repeated; scopes that the
    admin gave to these roles stay.
    """
    roles: list[dict[str, Any]] = present(c.JupyterHub, "load_roles", [])
    defaults = {role["name"]: role["scopes"] for role in get_default_roles()}
    c.JupyterHub.load_roles = [_with_scope(role, scope, defaults) for role in roles] + [
        {"name": name, "scopes": [*defaults[name], scope]}
        for name in OPENED_ROLES
        if name not in {role.get("name") for role in roles}
    ]


def _with_scope(role: dict[str, Any], scope: str, defaults: dict[str, list[str]]) -> dict[str, Any]:
    name = role.get("name")
    if name not in OPENED_ROLES:
        return role
    scopes = list(role.get("scopes", defaults[name]))
    return {**role, "scopes": scopes if scope in scopes else [*scopes, scope]}


def add_groups(c: Config) -> None:
    """Create the groups whose members may change things, unless the authenticator owns groups."""
    managed = any(
        section.get("manage_groups") is True
        for section in c.values()
        if isinstance(section, Config)
    )
    if not managed:
        fill(c.JupyterHub, "load_groups", {name: {"users": []} for name in GROUPS})
