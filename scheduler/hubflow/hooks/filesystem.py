"""FSHook: the folder that a connection names."""

from __future__ import annotations

from typing import Any

from hubflow.hooks.base import BaseHook


class FSHook(BaseHook):
    """Knows the `path` in the extra of a connection, by default `fs_default`."""

    def __init__(self, conn_id: str = "fs_default", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.conn_id = conn_id

    def get_path(self) -> str:
        """Return the folder; empty if the connection names none."""
        return str(self.get_connection(self.conn_id).extra_dejson.get("path", ""))
