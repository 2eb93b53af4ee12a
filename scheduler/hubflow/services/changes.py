"""What lists and PATCHes of every noun have in common."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import msgspec

from hubflow.errors import BadRequest

MAX_NAME = 250
MAX_NOTE = 1_000


def checked_order(order_by: str, orders: Collection[str]) -> str:
    """Return ``order_by``, which may start with ``-``; raises BadRequest listing what it may be."""
    if order_by.removeprefix("-") not in orders:
        raise BadRequest(f"order_by cannot be {order_by!r}; it is one of {', '.join(orders)}")
    return order_by


def given_fields(
    body: msgspec.Struct, update_mask: Sequence[str] = (), *, identity: str, name: str
) -> dict[str, Any]:
    """Return the fields of a PATCH that are to change; all that are given, without a mask.

    ``identity`` is the field that the URL holds, too; there it is ``name``. Raises BadRequest for
    a masked field that is unknown or not given, and for a body that is about something else.
    """
    fields = {field: getattr(body, field) for field in body.__struct_fields__}
    given = {field: value for field, value in fields.items() if value is not msgspec.UNSET}
    for field in update_mask:
        if field not in given:
            raise BadRequest(f"update_mask names {field!r}, which the body does not hold")
    if update_mask:
        given = {field: value for field, value in given.items() if field in update_mask}
    if given.pop(identity, name) != name:
        raise BadRequest(f"{identity} is {name!r} in the URL and something else in the body")
    return given


def checked_text(field: str, text: str | None, longest: int = MAX_NOTE) -> str | None:
    """Return a text that lists show, None for an empty one; raises BadRequest for a long one."""
    if text is not None and len(text) > longest:
        raise BadRequest(f"{field} has {len(text):,} characters and may have {longest:,}")
    return text or None


def checked_name(field: str, name: str, longest: int = MAX_NAME) -> str:
    """Return a name that people give to things; raises BadRequest."""
    if not name.strip() or len(name) > longest or not name.isprintable():
        raise BadRequest(f"{field} must be printable text of 1 to {longest} characters")
    if name in {".", ".."}:
        raise BadRequest(f"{field} {name!r} cannot stand in a URL; choose another")
    return name
