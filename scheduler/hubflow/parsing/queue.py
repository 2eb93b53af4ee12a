"""Which files wait to be read: each at most once, and never twice at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable


class PathQueue:
    """A queue of paths. A path that is put in while it is being worked on comes again later."""

    def __init__(self) -> None:
        self._waiting: dict[str, bool] = {}
        self._busy: set[str] = set()
        self._changed = asyncio.Condition()

    async def put(self, paths: Iterable[str], *, force: bool = False) -> None:
        """Add paths; ``force`` asks that they are parsed even if their text is unchanged."""
        async with self._changed:
            for path in paths:
                self._waiting[path] = force or self._waiting.get(path, False)
            self._changed.notify_all()

    async def take(self) -> tuple[str, bool]:
        """Wait for a path that nobody works on; return it and whether it is forced."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._free() is not None)
            path = self._free()
            assert path is not None
            self._busy.add(path)
            return path, self._waiting.pop(path)

    async def done(self, path: str) -> None:
        """Say that the work on a path that was taken is finished."""
        async with self._changed:
            self._busy.discard(path)
            self._changed.notify_all()

    async def join(self) -> None:
        """Wait until nothing waits and nobody works."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self._waiting and not self._busy)

    def _free(self) -> str | None:
        return next((path for path in self._waiting if path not in self._busy), None)
