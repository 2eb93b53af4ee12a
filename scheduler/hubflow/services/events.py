"""The event stream in pages: for scripts, and for the one reader that feeds all WebSockets."""

from __future__ import annotations

from collections.abc import Sequence

from hubflow.db import orm
from hubflow.db.queries import events as queries
from hubflow.db.queries.events import Bounds
from hubflow.services.access import Actor, Permission
from hubflow.services.dto import EventDto, EventsDto
from hubflow.services.unit import Backend, reading


def list_page(backend: Backend, actor: Actor, after: int, limit: int) -> EventsDto:
    """Return the events that follow the one with id ``after``."""
    with reading(backend, actor, Permission.DAGS_READ) as session:
        rows = queries.list_after(session, after, limit)
        last = queries.bounds(session).last
    return EventsDto(events=_shaped(rows), last_id=last)


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
