"""Renew the key that encrypts variables and connections, while everything goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.db.crypto import KeyLost, Keyring
from hubflow.db.queries import connections, variables
from hubflow.services.access import Actor, Permission, require
from hubflow.services.unit import Backend, changing, reading

BATCH = 200
Row = TypeVar("Row", orm.Variable, orm.Connection)


class Rotation(NamedTuple):
    """What a rotation did.

    encrypted : values that the first key encrypts now and did not before.
    unreadable : what no key decrypts, as `variable KEY` or `connection ID`.
    forgotten : old keys that are gone; 0 where they stand in the configuration.
    """

    encrypted: int
    unreadable: list[str]
    forgotten: int


def rotate(backend: Backend, actor: Actor) -> Rotation:
    """Encrypt everything anew, with a new key first if the key file has the keys.

    Old keys go on decrypting until all is done; killed half-way, it can be started again. Raises
    KeysUnusable.
    """
    require(actor, Permission.KEYS_ROTATE)
    keyring = backend.keyring
    if not keyring.is_configured:
        keyring.add_key()
    encrypted = _in_batches(backend, variables.list_after, _encrypt_variable)
    encrypted += _in_batches(backend, connections.list_after, _encrypt_connection)
    with changing(backend, actor, Permission.KEYS_ROTATE, "rotate_key") as unit:
        # Once more for what was written meanwhile by a process that had just read the old key:
        # that transaction is over, for we hold the lock.
        late, unreadable = _sweep(unit.session, keyring)
        unit.note(extra={"encrypted": encrypted + late, "unreadable": unreadable})
    forgotten = 0 if keyring.is_configured else keyring.forget_old_keys()
    return Rotation(encrypted + late, unreadable, forgotten)


def unreadable(backend: Backend, actor: Actor) -> list[str]:
    """Return what no key decrypts, as `variable KEY` or `connection ID`; changes nothing."""
    lost: list[str] = []
    with reading(backend, actor, Permission.KEYS_ROTATE) as session:
        for variable in variables.list_all(session):
            if variable.is_encrypted and not _opens(backend.keyring, variable.value):
                lost.append(f"variable {variable.key}")
        for row in connections.list_all(session):
            texts = [row.password] * row.is_encrypted + [row.extra] * row.is_extra_encrypted
            if not all(text is None or _opens(backend.keyring, text) for text in texts):
                lost.append(f"connection {row.conn_id}")
    return lost


def _opens(keyring: Keyring, text: str) -> bool:
    try:
        keyring.decrypt(text)
    except KeyLost:
        return False
    return True


def _in_batches(
    backend: Backend,
    list_after: Callable[[Session, int, int], Sequence[Row]],
    encrypt: Callable[[Keyring, Row], int],
) -> int:
    """Encrypt all rows of a table, a short transaction for each batch; return how many values."""
    count = after = 0
    while True:
        with backend.database.write() as session:
            rows = list_after(session, after, BATCH)
            count += sum(encrypt(backend.keyring, row) for row in rows)
        if len(rows) < BATCH:
            return count
        after = rows[-1].id


def _sweep(session: Session, keyring: Keyring) -> tuple[int, list[str]]:
    count = 0
    unreadable: list[str] = []
    for variable in variables.list_all(session):
        count += _encrypt_variable(keyring, variable)
        if not keyring.is_current(variable.value):
            unreadable.append(f"variable {variable.key}")
    for connection in connections.list_all(session):
        count += _encrypt_connection(keyring, connection)
        texts = (connection.password, connection.extra)
        if not all(text is None or keyring.is_current(text) for text in texts):
            unreadable.append(f"connection {connection.conn_id}")
    return count, unreadable


def _encrypt_variable(keyring: Keyring, row: orm.Variable) -> int:
    found = _renewed(keyring, row.value, row.is_encrypted)
    if found is None:
        return 0
    row.value, row.is_encrypted = found, True
    return 1


def _encrypt_connection(keyring: Keyring, row: orm.Connection) -> int:
    count = 0
    password = _renewed(keyring, row.password, row.is_encrypted)
    if password is not None:
        row.password, row.is_encrypted, count = password, True, count + 1
    extra = _renewed(keyring, row.extra, row.is_extra_encrypted)
    if extra is not None:
        row.extra, row.is_extra_encrypted, count = extra, True, count + 1
    return count


def _renewed(keyring: Keyring, text: str | None, is_encrypted: bool) -> str | None:
    """Return the text encrypted by the first key; None if it is so already, or unreadable."""
    if text is None or (is_encrypted and keyring.is_current(text)):
        return None
    try:
        return keyring.encrypt(keyring.decrypt(text) if is_encrypted else text)
    except KeyLost:
        return None
