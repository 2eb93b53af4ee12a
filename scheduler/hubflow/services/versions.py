"""Decoded DAG versions. A version never changes, so a cached one is always right."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock

import msgspec
from sqlalchemy.orm import Session

from hubflow.db.queries import dag_versions
from hubflow.serialization.model import SerializedDag, SerializedTask

MOST = 200


class VersionCache:
    """The `MOST` last used versions by primary key; safe to use from several threads."""

    def __init__(self) -> None:
        self._dags: OrderedDict[int, SerializedDag] = OrderedDict()
        self._lock = Lock()

    def get_many(self, session: Session, ids: Iterable[int | None]) -> dict[int, SerializedDag]:
        """Return the versions that exist among ``ids``, at the cost of one SELECT at most."""
        wanted = {id for id in ids if id is not None}
        with self._lock:
            found = {id: self._dags[id] for id in wanted & self._dags.keys()}
        for id, data in dag_versions.data_of(session, wanted - found.keys()):
            found[id] = msgspec.json.decode(data, type=SerializedDag)
        self._remember(found)
        return found

    def find(self, session: Session, id: int | None) -> SerializedDag | None:
        """Return one version, or None if there is none."""
        return None if id is None else self.get_many(session, [id]).get(id)

    def find_task(self, session: Session, id: int | None, task_id: str) -> SerializedTask | None:
        """Return a task as this version defines it."""
        dag = self.find(session, id)
        tasks = dag.tasks if dag else ()
        return next((task for task in tasks if task.task_id == task_id), None)

    def _remember(self, dags: dict[int, SerializedDag]) -> None:
        with self._lock:
            for id, dag in dags.items():
                self._dags[id] = dag
                self._dags.move_to_end(id)
            while len(self._dags) > MOST:
                self._dags.popitem(last=False)
