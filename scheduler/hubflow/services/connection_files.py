"""Connections of a file: all in, or all out in clear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from hubflow.connection_uri import ConnectionFields
from hubflow.db.queries import connections as queries
from hubflow.errors import BadRequest, SecretUnreadable
from hubflow.masking import MASK
from hubflow.services.access import Actor, Permission
from hubflow.services.changes import checked_name
from hubflow.services.connections import decrypted, insert
from hubflow.services.unit import Backend, changing


class Exported(NamedTuple):
    """Connections by id, several of one id in the order of their creation, in clear."""

    connections: dict[str, list[ConnectionFields]]
    unreadable: list[str]


class Imported(NamedTuple):
    """Ids that were added, replaced, or left as they are."""

    added: list[str]
    replaced: list[str]
    skipped: list[str]


def export(backend: Backend, actor: Actor) -> Exported:
    """Return every connection that can be decrypted."""
    with changing(backend, actor, Permission.CONNECTIONS_EDIT, "export_connections") as unit:
        rows = queries.list_all(unit.session)
        unit.note(extra={"connection_ids": sorted({row.conn_id for row in rows})})
    exported = Exported({}, [])
    for row in rows:
        try:
            exported.connections.setdefault(row.conn_id, []).append(decrypted(backend, row))
        except SecretUnreadable:
            exported.unreadable.append(row.conn_id)
    return exported


def import_(
    backend: Backend,
    actor: Actor,
    given: Mapping[str, Sequence[ConnectionFields]],
    *,
    overwrite: bool = False,
) -> Imported:
    """Add connections; those whose id exists are replaced if ``overwrite``, else left alone.

    Raises BadRequest; then nothing is changed.
    """
    done = Imported([], [], [])
    with changing(backend, actor, Permission.CONNECTIONS_EDIT, "import_connections") as unit:
        for conn_id, connections in given.items():
            checked_name("a connection's id", conn_id)
            former = queries.list_named(unit.session, conn_id)
            if former and not overwrite:
                done.skipped.append(conn_id)
                continue
            for row in former:
                unit.session.delete(row)
            for fields in connections:
                if MASK in (fields.password, fields.extra):
                    raise BadRequest(f"connection {conn_id!r}: {MASK} stands for no value")
                insert(unit, backend, conn_id, msgspec.structs.asdict(fields))
            (done.replaced if former else done.added).append(conn_id)
        unit.note(extra=done._asdict())
    return done
