"""List, show, add, change and remove connections (SEMANTICS 5.3).

Several may share an id; a row id tells them apart. Passwords and extras are encrypted at rest,
and no password comes back.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec

from hubflow.connection_uri import (
    ConnectionFields,
    extra_object,
    normal_type,
    port_of,
)
from hubflow.db import orm
from hubflow.db.crypto import KeyLost
from hubflow.db.queries import connections as queries
from hubflow.errors import (
    BadRequest,
    ConnectionAmbiguous,
    ConnectionExists,
    ConnectionNotFound,
    SecretUnreadable,
)
from hubflow.events import ConnectionChanged
from hubflow.masking import MASK, redact, restore
from hubflow.services.access import Actor, Permission
from hubflow.services.changes import checked_name, checked_order, given_fields
from hubflow.services.dto import (
    ConnectionDetailDto,
    ConnectionDto,
    ConnectionsDto,
    PatchConnection,
    PostConnection,
)
from hubflow.services.unit import Backend, Unit, changing, reading

_PLAIN = ("description", "host", "login", "schema")
_LONGEST = 500


def list_page(
    backend: Backend,
    actor: Actor,
    *,
    pattern: str = "",
    order_by: str = "connection_id",
    limit: int = 100,
    offset: int = 0,
) -> ConnectionsDto:
    """Return a page of connections: each row, also those that share an id."""
    checked_order(order_by, queries.ORDERS)
    with reading(backend, actor, Permission.CONNECTIONS_READ) as session:
        rows, total = queries.list_page(
            session, pattern=pattern, order_by=order_by, limit=limit, offset=offset
        )
    found = [ConnectionDto(**_facts(backend, row)) for row in rows]
    return ConnectionsDto(connections=found, total_entries=total)


def get(
    backend: Backend, actor: Actor, conn_id: str, row: int | None = None
) -> ConnectionDetailDto:
    """Return the first connection of this id, or that of a row.

    Raises ConnectionNotFound, SecretUnreadable.
    """
    with reading(backend, actor, Permission.CONNECTIONS_READ) as session:
        rows = queries.list_named(session, conn_id)
    found = _chosen(rows, conn_id, row)[0]
    decrypted(backend, found)
    return _detail(backend, found, len(rows))


def add(
    backend: Backend, actor: Actor, body: PostConnection, *, duplicate: bool = False
) -> ConnectionDetailDto:
    """Add a connection, also beside others of its id if ``duplicate``.

    Raises ConnectionExists, BadRequest.
    """
    checked_name("connection_id", body.connection_id)
    if MASK in (body.password, body.extra):
        raise BadRequest(f"{MASK} only stands for a value that is hidden; write the value itself")
    with changing(backend, actor, Permission.CONNECTIONS_EDIT, "add_connection") as unit:
        if queries.list_named(unit.session, body.connection_id) and not duplicate:
            raise ConnectionExists(body.connection_id)
        values = msgspec.structs.asdict(body)
        row = insert(unit, backend, values.pop("connection_id"), values)
        unit.note(extra={"connection_id": row.conn_id, "row": row.id})
        count = len(queries.list_named(unit.session, row.conn_id))
    return _detail(backend, row, count)


def patch(
    backend: Backend,
    actor: Actor,
    conn_id: str,
    body: PatchConnection,
    update_mask: Sequence[str] = (),
    row: int | None = None,
) -> ConnectionDetailDto:
    """Change what is given. Raises ConnectionNotFound, ConnectionAmbiguous, BadRequest."""
    given = given_fields(body, update_mask, identity="connection_id", name=conn_id)
    with changing(backend, actor, Permission.CONNECTIONS_EDIT, "edit_connection") as unit:
        rows = queries.list_named(unit.session, conn_id)
        (found,) = _one(rows, conn_id, row)
        _change(backend, found, given)
        unit.emit("connection", None, _changed(conn_id, "changed"))
        unit.note(extra={"connection_id": conn_id, "row": found.id, "fields": sorted(given)})
    return _detail(backend, found, len(rows))


def delete(
    backend: Backend, actor: Actor, conn_id: str, *, row: int | None = None, every: bool = False
) -> int:
    """Remove a connection, or ``every`` one of its id; return how many.

    Raises ConnectionNotFound, and ConnectionAmbiguous if several match and neither is said.
    """
    with changing(backend, actor, Permission.CONNECTIONS_EDIT, "delete_connection") as unit:
        rows = queries.list_named(unit.session, conn_id)
        chosen = _chosen(rows, conn_id, row) if every else _one(rows, conn_id, row)
        for found in chosen:
            unit.session.delete(found)
        unit.emit("connection", None, _changed(conn_id, "removed"))
        unit.note(extra={"connection_id": conn_id, "rows": [found.id for found in chosen]})
    return len(chosen)


def fields_of(
    backend: Backend, actor: Actor, conn_id: str, row: int | None = None
) -> list[ConnectionFields]:
    """Return the connections of an id as tasks see them, in clear.

    Raises ConnectionNotFound, SecretUnreadable.
    """
    with reading(backend, actor, Permission.CONNECTIONS_EDIT) as session:
        rows = _chosen(queries.list_named(session, conn_id), conn_id, row)
    return [decrypted(backend, found) for found in rows]


def insert(unit: Unit, backend: Backend, conn_id: str, values: dict[str, Any]) -> orm.Connection:
    """Add a row in an open transaction. Raises BadRequest."""
    row = orm.Connection(conn_id=conn_id, conn_type="")
    unit.session.add(row)
    _change(backend, row, values)
    unit.session.flush()
    unit.emit("connection", None, _changed(conn_id, "added"))
    return row


def decrypted(backend: Backend, row: orm.Connection) -> ConnectionFields:
    """Return a row in clear; raises SecretUnreadable naming the connection."""
    return ConnectionFields(
        conn_type=row.conn_type,
        description=row.description,
        host=row.host,
        schema=row.schema,
        login=row.login,
        password=_clear(backend, row, row.password, row.is_encrypted),
        port=row.port,
        extra=_clear(backend, row, row.extra, row.is_extra_encrypted),
    )


def shown_extra(extra: str | None) -> str | None:
    """Return an extra as people may see it."""
    if not extra:
        return extra
    found = extra_object(extra)
    return MASK if found is None else json.dumps(redact(found))


def _change(backend: Backend, row: orm.Connection, given: dict[str, Any]) -> None:
    for name in _PLAIN:
        if name in given:
            setattr(row, name, _checked_text(name, given[name]))
    if "conn_type" in given:
        row.conn_type = normal_type(checked_name("conn_type", given["conn_type"]))
    if "port" in given:
        row.port = None if given["port"] is None else port_of(given["port"])
    if given.get("password", MASK) != MASK:
        password = given["password"]
        row.is_encrypted = password is not None
        row.password = None if password is None else backend.keyring.encrypt(password)
    if given.get("extra", MASK) != MASK:
        extra = _with_hidden(backend, row, given["extra"])
        row.is_extra_encrypted = extra is not None
        row.extra = None if extra is None else backend.keyring.encrypt(extra)


def _with_hidden(backend: Backend, row: orm.Connection, extra: str | None) -> str | None:
    """Put what is stored where the new extra has asterisks."""
    if extra is None or MASK not in extra or (found := extra_object(extra)) is None:
        return extra
    stored = extra_object(_clear(backend, row, row.extra, row.is_extra_encrypted)) or {}
    return json.dumps(restore(found, stored, "extra"))


def _checked_text(name: str, value: str | None) -> str | None:
    if value is not None and name in ("host", "schema") and len(value) > _LONGEST:
        raise BadRequest(f"{name} is longer than {_LONGEST} characters")
    return value


def _clear(backend: Backend, row: orm.Connection, text: str | None, secret: bool) -> str | None:
    if text is None or not secret:
        return text
    try:
        return backend.keyring.decrypt(text)
    except KeyLost as exc:
        raise SecretUnreadable("connection", row.conn_id) from exc


def _chosen(
    rows: Sequence[orm.Connection], conn_id: str, row: int | None
) -> Sequence[orm.Connection]:
    """Return the rows of an id, or the one that is meant; raises ConnectionNotFound."""
    chosen = [found for found in rows if row in (None, found.id)]
    if not chosen:
        raise ConnectionNotFound(conn_id)
    return chosen


def _one(rows: Sequence[orm.Connection], conn_id: str, row: int | None) -> Sequence[orm.Connection]:
    chosen = _chosen(rows, conn_id, row)
    if len(chosen) > 1:
        raise ConnectionAmbiguous(conn_id, [found.id for found in chosen])
    return chosen


def _changed(conn_id: str, change: str) -> ConnectionChanged:
    return ConnectionChanged(connection_id=conn_id, change=change)


def _facts(backend: Backend, row: orm.Connection) -> dict[str, Any]:
    is_readable = True
    try:
        decrypted(backend, row)
    except SecretUnreadable:
        is_readable = False
    return {
        "id": row.id,
        "connection_id": row.conn_id,
        "conn_type": row.conn_type,
        "description": row.description,
        "host": row.host,
        "login": row.login,
        "schema": row.schema,
        "port": row.port,
        "has_password": bool(row.password),
        "is_encrypted": row.is_encrypted,
        "is_extra_encrypted": row.is_extra_encrypted,
        "is_readable": is_readable,
    }


def _detail(backend: Backend, row: orm.Connection, count: int) -> ConnectionDetailDto:
    facts = _facts(backend, row)
    extra = shown_extra(decrypted(backend, row).extra) if facts["is_readable"] else None
    return ConnectionDetailDto(**facts, extra=extra, count=count)
