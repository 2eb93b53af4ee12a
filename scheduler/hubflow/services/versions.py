"""Decoded DAG versions, under what they mean: a version with the same hash never differs.

The primary key alone is not enough: a database may give it to another version once this one is
deleted, and whoever deletes it is often another process.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from threading import Lock

import msgspec
from sqlalchemy.orm import Session

from hubflow.db.queries import dag_versions
from hubflow.serialization.model import SerializedDag, SerializedTask

MOST = 200

TaskNames = Mapping[tuple[int | None, str], str]
"""Of tasks whose authors gave them another name than the id: version and task id -> name."""


class VersionCache:
    """The `MOST` last used versions; safe to use from several threads."""

    def __init__(self) -> None:
        self._dags: OrderedDict[tuple[int, str], SerializedDag] = OrderedDict()
        self._lock = Lock()

    def get_many(self, session: Session, ids: Iterable[int | None]) -> dict[int, SerializedDag]:
        """Return the versions that exist among ``ids``, at the cost of two SELECTs at most."""
        hashes = dag_versions.hashes_of(session, {id for id in ids if id is not None})
        with self._lock:
            found = {
                id: self._dags[id, hash] for id, hash in hashes.items() if (id, hash) in self._dags
            }
        for id, data in dag_versions.data_of(session, hashes.keys() - found.keys()):
            found[id] = msgspec.json.decode(data, type=SerializedDag)
        self._remember({(id, hashes[id]): dag for id, dag in found.items()})
        return found

    def find(self, session: Session, id: int | None) -> SerializedDag | None:
        """Return one version, or None if there is none."""
        return None if id is None else self.get_many(session, [id]).get(id)

    def find_task(self, session: Session, id: int | None, task_id: str) -> SerializedTask | None:
        """Return a task as this version defines it."""
        dag = self.find(session, id)
        return None if dag is None else dag.find_task(task_id)

    def task_names(self, session: Session, ids: Iterable[int | None]) -> TaskNames:
        """Return what people read as the names of the tasks of these versions."""
        return {
            (id, task.task_id): task.display_name
            for id, dag in self.get_many(session, ids).items()
            for task in dag.tasks
            if task.display_name is not None
        }

    def _remember(self, dags: dict[tuple[int, str], SerializedDag]) -> None:
        with self._lock:
            for version, dag in dags.items():
                self._dags[version] = dag
                self._dags.move_to_end(version)
            while len(self._dags) > MOST:
                self._dags.popitem(last=False)
