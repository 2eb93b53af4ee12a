"""FileSensor: wait for a file or for something in a folder."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable, MutableMapping
from typing import Any, ClassVar

from hubflow.operators.triggers import FileTrigger, find_file
from hubflow.sdk.sensor import BaseSensorOperator
from hubflow.sdk.triggers import BaseTrigger


class FileSensor(BaseSensorOperator):
    """Wait until ``filepath`` is a file, or a folder with a file anywhere below it.

    Parameters
    ----------
    filepath : a path or a glob pattern; a relative one lies below the `path` in the extra of
        the connection ``fs_conn_id``.
    recursive : let `**` in the pattern go through folders.
    """

    template_fields: ClassVar[Iterable[str]] = ("filepath",)
    ui_color = "#91818a"

    def __init__(
        self,
        *,
        filepath: str,
        fs_conn_id: str = "fs_default",
        recursive: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filepath = filepath
        self.fs_conn_id = fs_conn_id
        self.recursive = recursive

    @property
    def path(self) -> str:
        """Where to look."""
        if os.path.isabs(self.filepath):
            return self.filepath
        return os.path.join(self.base_path(), self.filepath)

    def base_path(self) -> str:
        """Return the folder that the connection names."""
        # Late: only a task that needs a connection has to have any.
        hooks = importlib.import_module("hubflow.hooks.base")
        connection = hooks.BaseHook.get_connection(self.fs_conn_id)
        return str(connection.extra_dejson.get("path", "/"))

    def poke(self, context: MutableMapping[str, Any]) -> bool:
        path = self.path
        self.log.info("Poking for file %s", path)
        found = find_file(path, recursive=self.recursive)
        if found is not None:
            self.log.info("Found file %s", found)
        return found is not None

    def make_trigger(self, context: MutableMapping[str, Any]) -> BaseTrigger:
        return FileTrigger(self.path, self.recursive, self.poke_interval)
