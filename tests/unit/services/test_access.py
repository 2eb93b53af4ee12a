"""Who may do what."""

from __future__ import annotations

import pytest

from hubflow.errors import PermissionDenied
from hubflow.services.access import ALL, READING, Actor, Permission, permissions_of, require

WRITERS = ("hubflow-admins", "hubflow-developers")


@pytest.mark.parametrize(
    ("groups", "permissions"),
    [
        ([], READING),
        (["staff"], READING),
        (["admin"], READING),
        (["hubflow-developers"], ALL),
        (["staff", "hubflow-admins"], ALL),
    ],
)
def test_permissions_come_from_groups(
    groups: list[str], permissions: frozenset[Permission]
) -> None:
    assert permissions_of(groups, WRITERS) == permissions


@pytest.mark.parametrize("permission", list(Permission))
def test_require_names_what_is_missing(permission: Permission) -> None:
    require(Actor("ada", ALL), permission)
    if permission in READING:
        require(Actor("bob", READING), permission)
    else:
        with pytest.raises(PermissionDenied, match=permission.value):
            require(Actor("bob", READING), permission)
