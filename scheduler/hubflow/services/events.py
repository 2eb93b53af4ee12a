"""The event stream in pages: for scripts, and for the one reader that feeds all WebSockets."""

from __future__ import annotations

from collections.abc import Sequence

from hubflow.db import orm
from hubflow.db.queries import events as queries
from hubflow.db.queries.events import Bounds
from hubflow.services.access import Actor, Permission
from hubflow.services.dto import EventDto, EventsDto
from hubflow.services.unit import Backend, reading

# Kind of event -> the permission without which nobody hears of it.
_NEEDED = {
    "variable": Permission.VARIABLES_READ,
    "connection": Permission.CONNECTIONS_READ,
    "pool": Permission.POOLS_READ,
}


def list_page(backend: Backend, actor: Actor, after: int, limit: int) -> EventsDto:
    """Return the events that follow the one with id ``after``, without those hidden from the
    caller."""
    with reading(backend, actor, Permission.DAGS_READ) as session:
        rows = queries.list_after(session, after, limit)
        last = queries.bounds(session).last
    hidden = hidden_kinds(actor)
    shown = [event for event in _shaped(rows) if event.kind not in hidden]
    return EventsDto(events=shown, last_id=last)


def hidden_kinds(actor: Actor) -> frozenset[str]:
    """Return the kinds of events that name things which the caller may not see."""
    return frozenset(kind for kind, needed in _NEEDED.items() if needed not in actor.permissions)


def bounds(backend: Backend) -> Bounds:
    """Return the ids of the oldest and the newest event."""
    with backend.database.read() as session:
        return queries.bounds(session)


def read_after(backend: Backend, after: int, limit: int) -> list[EventDto]:
    """Return the events that follow ``after``, for whoever hands them on to checked callers."""
    with backend.database.read() as session:
        return _shaped(queries.list_after(session, after, limit))


def _shaped(rows: Sequence[orm.Event]) -> list[EventDto]:
    return [
        EventDto(id=row.id, kind=row.kind, at=row.at, dag_id=row.dag_id, data=row.data)
        for row in rows
    ]
