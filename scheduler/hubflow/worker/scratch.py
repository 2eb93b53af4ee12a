"""Empty folders for commands to run in."""

from __future__ import annotations

import asyncio
import os
import shutil
from functools import partial
from pathlib import Path


class Scratch:
    """Lends out empty folders, and lends one again if it comes back empty: making one costs."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._free: list[str] = []
        self._count = 0

    def clear(self) -> None:
        """Throw away what an earlier worker left."""
        shutil.rmtree(self._root, ignore_errors=True)
        self._root.mkdir(mode=0o700)

    def take(self) -> str:
        if self._free:
            return self._free.pop()
        self._count += 1
        folder = str(self._root / str(self._count))
        os.mkdir(folder, 0o700)
        return folder

    def give_back(self, folder: str) -> None:
        """Take a folder back; what a command left in it is removed in the background."""
        with os.scandir(folder) as entries:
            is_empty = next(entries, None) is None
        if is_empty:
            self._free.append(folder)
        else:
            remove = partial(shutil.rmtree, folder, ignore_errors=True)
            asyncio.get_running_loop().run_in_executor(None, remove)
