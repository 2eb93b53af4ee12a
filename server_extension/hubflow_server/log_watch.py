"""Wakes those who follow log files. One file watcher serves the whole service, and it rests
while nobody follows a log.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from watchfiles import awatch

GROUP_MS = 50
STEP_MS = 20


class LogWatch:
    """`touched` events for folders of logs."""

    def __init__(self) -> None:
        self._followers: dict[asyncio.Event, Path] = {}
        self._folders: Counter[Path] = Counter()
        self._watched: set[Path] = set()
        self._changed = asyncio.Event()

    @contextlib.contextmanager
    def following(self, folder: Path) -> Iterator[asyncio.Event]:
        """Yield an event that is set whenever a file in ``folder`` changes.

        A folder that does not exist yet is watched once `retry` is called after it appeared.
        """
        touched = asyncio.Event()
        self._followers[touched] = folder
        self._folders[folder] += 1
        if self._folders[folder] == 1:
            self._changed.set()
        try:
            yield touched
        finally:
            del self._followers[touched]
            self._folders[folder] -= 1
            if not self._folders[folder]:
                del self._folders[folder]
                self._changed.set()

    def retry(self) -> None:
        """Begin to watch folders that did not exist before."""
        if any(folder.is_dir() for folder in self._folders.keys() - self._watched):
            self._changed.set()

    async def run(self) -> None:
        """Watch until cancelled; starts over whenever the set of folders changes."""
        while True:
            self._changed.clear()
            folders = self._watched = {folder for folder in self._folders if folder.is_dir()}
            # What was written between two watchers would be missed: everybody looks once.
            self._touch(folders)
            if not folders:
                await self._changed.wait()
                continue
            with contextlib.suppress(OSError):  # a folder vanished
                await self._watch(folders)

    async def _watch(self, folders: set[Path]) -> None:
        changes = awatch(
            *folders,
            stop_event=self._changed,
            debounce=GROUP_MS,
            step=STEP_MS,
            recursive=False,
        )
        async for batch in changes:
            self._touch({Path(path).parent for _, path in batch})

    def _touch(self, folders: set[Path]) -> None:
        for touched, folder in self._followers.items():
            if folder in folders:
                touched.set()
