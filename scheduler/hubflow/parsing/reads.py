"""Which DAG files read which variables and connections while they were imported.

A file is imported again when one of these has changed since: its DAGs may be others now.
"""

from __future__ import annotations

from collections.abc import Iterable

from hubflow.db.engine import Database
from hubflow.db.queries import event_store
from hubflow.db.queries.dag_store import KnownFile, Reads
from hubflow.questions import GetConnections, GetVariable, Question, SetVariable


def names_read(questions: Iterable[Question]) -> frozenset[str]:
    """Return what a file read, as `variable:KEY` and `connection:ID`.

    What it sets itself does not count: it would be imported for ever.
    """
    read: set[str] = set()
    own: set[str] = set()
    for question in questions:
        match question:
            case GetVariable(key=key):
                read.add(f"variable:{key}")
            case SetVariable(key=key):
                own.add(f"variable:{key}")
            case GetConnections(conn_id=conn_id):
                read.add(f"connection:{conn_id}")
    return frozenset(read - own)


class ReadBook:
    """Keeps what each file read, and up to which event that is known to be what it reads now."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reads: dict[str, Reads] = {}

    def remember(self, known: Iterable[KnownFile]) -> None:
        """Take what is stored of files that are not imported again."""
        self._reads = {file.path: file.reads for file in known if file.reads is not None}

    def mark(self) -> int:
        """Return the newest event id: what a file reads from now on is no older."""
        with self._database.read() as session:
            return event_store.last_id(session)

    def note(self, path: str, reads: Reads | None) -> None:
        """Take what an import read; None if nothing."""
        self._reads.pop(path, None)
        if reads is not None:
            self._reads[path] = reads

    def stale(self) -> list[str]:
        """Return the files that read something that has changed, each once for each change."""
        if not self._reads:
            return []
        oldest = min(reads.since for reads in self._reads.values())
        with self._database.read() as session:
            first, last = event_store.bounds(session)
            changes = event_store.changed_names(session, oldest) if last > oldest else []
        found = [
            path
            for path, reads in self._reads.items()
            if reads.since + 1 < first
            or any(id > reads.since and name in reads.names for id, name in changes)
        ]
        self._reads = {
            path: reads._replace(since=max(reads.since, last))
            for path, reads in self._reads.items()
        }
        return sorted(found)
