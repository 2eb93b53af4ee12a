"""List, show, set, import and export variables (SEMANTICS 5.2).

Values are encrypted at rest. Those with a sensitive key are hidden from everybody but tasks and
whoever exports.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy.orm import Session

from hubflow.clock import utcnow
from hubflow.db import orm
from hubflow.db.crypto import KeyLost
from hubflow.db.queries import event_store
from hubflow.db.queries import variables as queries
from hubflow.errors import BadRequest, SecretUnreadable, VariableNotFound
from hubflow.events import VariableChanged
from hubflow.masking import MASK, is_sensitive
from hubflow.services.access import Actor, Permission
from hubflow.services.changes import checked_name, checked_order, given_fields
from hubflow.services.dto import PatchVariable, PostVariable, VariableDto, VariablesDto
from hubflow.services.unit import Backend, changing, reading


class Exported(NamedTuple):
    """`values` as a file holds them: decoded JSON, else the text. `unreadable` are keys."""

    values: dict[str, Any]
    unreadable: list[str]


def list_page(
    backend: Backend,
    actor: Actor,
    *,
    pattern: str = "",
    order_by: str = "key",
    limit: int = 100,
    offset: int = 0,
) -> VariablesDto:
    """Return a page of variables; those that no key decrypts are among them, without a value."""
    checked_order(order_by, queries.ORDERS)
    with reading(backend, actor, Permission.VARIABLES_READ) as session:
        rows, total = queries.list_page(
            session, pattern=pattern, order_by=order_by, limit=limit, offset=offset
        )
        found = [_shape(backend, row) for row in rows]
    return VariablesDto(variables=found, total_entries=total)


def get(backend: Backend, actor: Actor, key: str) -> VariableDto:
    """Return one variable. Raises VariableNotFound, SecretUnreadable."""
    with reading(backend, actor, Permission.VARIABLES_READ) as session:
        row = queries.get(session, key)
    decrypted(backend, row)
    return _shape(backend, row)


def reveal(backend: Backend, actor: Actor, key: str) -> str:
    """Return the value as tasks see it. Raises VariableNotFound, SecretUnreadable."""
    with reading(backend, actor, Permission.VARIABLES_EDIT) as session:
        return decrypted(backend, queries.get(session, key))


def put(backend: Backend, actor: Actor, body: PostVariable) -> VariableDto:
    """Set a variable, whether it exists or not. Raises BadRequest for the mask as a value."""
    with changing(backend, actor, Permission.VARIABLES_EDIT, "set_variable") as unit:
        row = store(unit.session, backend, body.key, body.value, body.description)
        unit.note(extra={"key": body.key})
    return _shape(backend, row)


def patch(
    backend: Backend, actor: Actor, key: str, body: PatchVariable, update_mask: Sequence[str] = ()
) -> VariableDto:
    """Change what is given. Raises VariableNotFound, BadRequest."""
    given = given_fields(body, update_mask, identity="key", name=key)
    with changing(backend, actor, Permission.VARIABLES_EDIT, "set_variable") as unit:
        row = queries.get(unit.session, key)
        unit.note(extra={"key": key, "fields": sorted(given)})
        if "description" in given:
            row.description = given["description"]
        value = given.get("value")
        if value is not None and not (value == MASK and is_sensitive(key)):
            store(unit.session, backend, key, value)
    return _shape(backend, row)


def delete(backend: Backend, actor: Actor, key: str) -> None:
    """Remove a variable. Raises VariableNotFound."""
    with changing(backend, actor, Permission.VARIABLES_EDIT, "delete_variable") as unit:
        if not remove(unit.session, key):
            raise VariableNotFound(key)
        unit.note(extra={"key": key})


def export(backend: Backend, actor: Actor, keys: Sequence[str] | None = None) -> Exported:
    """Return values in clear, of these keys or of all. Raises VariableNotFound."""
    with changing(backend, actor, Permission.VARIABLES_EDIT, "varexport") as unit:
        if keys is None:
            rows = queries.list_all(unit.session)
        else:
            rows = [queries.get(unit.session, key) for key in sorted(keys)]
        unit.note(extra={"keys": [row.key for row in rows]})
    exported = Exported({}, [])
    for row in rows:
        try:
            exported.values[row.key] = _decoded(decrypted(backend, row))
        except SecretUnreadable:
            exported.unreadable.append(row.key)
    return exported


def import_(backend: Backend, actor: Actor, values: Mapping[str, Any]) -> int:
    """Set all of these: text as it is, anything else as JSON. Returns how many."""
    with changing(backend, actor, Permission.VARIABLES_EDIT, "varimport") as unit:
        for key, value in values.items():
            text = value if isinstance(value, str) else json.dumps(value, indent=2)
            store(unit.session, backend, key, text)
        unit.note(extra={"keys": sorted(values)})
    return len(values)


def store(
    session: Session, backend: Backend, key: str, value: str, description: str | None = None
) -> orm.Variable:
    """Set a variable in an open transaction; a description of None leaves the one that is there.

    Raises BadRequest for the mask as the value of a hidden variable.
    """
    checked_name("key", key)
    if value == MASK and is_sensitive(key):
        raise BadRequest(
            f"the value of {key!r} is {MASK}, which only stands for the value that is hidden; "
            "write the value itself, or leave it out"
        )
    row = queries.find(session, key)
    change = "added" if row is None else "changed"
    if row is None:
        row = orm.Variable(key=key, description=description)
        session.add(row)
    elif description is not None:
        row.description = description
    if change == "added" or not _is(backend, row, value):
        row.value, row.is_encrypted = backend.keyring.encrypt(value), True
        # Only for news: DAG files that read it are imported again.
        _tell(session, key, change)
    return row


def remove(session: Session, key: str) -> bool:
    """Remove a variable in an open transaction; return whether there was one."""
    row = queries.find(session, key)
    if row is not None:
        session.delete(row)
        _tell(session, key, "removed")
    return row is not None


def decrypted(backend: Backend, row: orm.Variable) -> str:
    """Return the value in clear; raises SecretUnreadable naming the variable."""
    if not row.is_encrypted:
        return row.value
    try:
        return backend.keyring.decrypt(row.value)
    except KeyLost as exc:
        raise SecretUnreadable("variable", row.key) from exc


def _tell(session: Session, key: str, change: str) -> None:
    data = msgspec.to_builtins(VariableChanged(key=key, change=change))
    event_store.append(session, "variable", None, data, utcnow())


def _is(backend: Backend, row: orm.Variable, value: str) -> bool:
    try:
        return row.is_encrypted and decrypted(backend, row) == value
    except SecretUnreadable:
        return False


def _shape(backend: Backend, row: orm.Variable) -> VariableDto:
    value: str | None = None
    is_readable = True
    try:
        value = decrypted(backend, row)
    except SecretUnreadable:
        is_readable = False
    if is_readable and backend.settings.hide_sensitive_variables and is_sensitive(row.key):
        value = MASK
    return VariableDto(
        key=row.key,
        value=value,
        description=row.description,
        is_encrypted=row.is_encrypted,
        is_readable=is_readable,
    )


def _decoded(text: str) -> Any:
    """Return JSON where an import makes the same text of it: `1.10` is not the number 1.1."""
    try:
        found = json.loads(text)
    except ValueError:
        return text
    is_same = isinstance(found, dict | list) or json.dumps(found) == text
    return found if is_same and not isinstance(found, str) else text
