"""The last word of each running notebook on how far it is. In memory only: shown, never stored."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import NamedTuple

from hubflow.events import ProgressDto

MOST = 1000


class InstanceKey(NamedTuple):
    """A task instance by its names."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int = -1


class ProgressBoard:
    """Holds at most the newest `MOST` entries; safe to use from several threads."""

    def __init__(self) -> None:
        self._entries: OrderedDict[InstanceKey, ProgressDto] = OrderedDict()
        self._lock = Lock()

    def put(self, entry: ProgressDto) -> None:
        key = InstanceKey(entry.dag_id, entry.run_id, entry.task_id, entry.map_index)
        with self._lock:
            self._entries[key] = entry
            self._entries.move_to_end(key)
            if len(self._entries) > MOST:
                self._entries.popitem(last=False)

    def forget(self, key: InstanceKey) -> None:
        with self._lock:
            self._entries.pop(key, None)

    def find(self, key: InstanceKey) -> ProgressDto | None:
        with self._lock:
            return self._entries.get(key)

    def find_in_runs(self, dag_id: str, run_ids: set[str]) -> ProgressDto | None:
        """Return the newest entry of one of these runs."""
        with self._lock:
            for key in reversed(self._entries):
                if key.dag_id == dag_id and key.run_id in run_ids:
                    return self._entries[key]
        return None
