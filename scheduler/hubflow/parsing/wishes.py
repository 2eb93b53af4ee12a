"""Which DAG files somebody wants read again, although nothing about them has changed."""

from __future__ import annotations

from hubflow.db.engine import Database
from hubflow.db.queries import event_store


class Wishes:
    """Follows the events of kind "parse"; what was asked before the first look is done anyway."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: int | None = None

    def take(self) -> list[str]:
        """Return the files that were asked for since the last call."""
        with self._database.read() as session:
            last = event_store.last_id(session)
            asked = event_store.parse_asked(session, self._seen) if self._seen is not None else []
        self._seen = last
        return asked
