"""Orphans of tasks: as a subreaper the worker inherits them, so it has to reap them.

No SIGCHLD handler: each end of a try arms one look at our children a little later, when what
was killed with its group has died.
"""

from __future__ import annotations

import asyncio
import contextlib
import os

from hubflow.worker.processes import Identity, zombie_children

DELAY_S = 1.0


class OrphanReaper:
    """Reaps zombies among our children that nobody else waits for.

    Whoever started a child reaps it as soon as it is dead; so a zombie that two looks see, a
    second apart, is an orphan.
    """

    def __init__(self) -> None:
        self._seen: set[Identity] = set()
        self._timer: asyncio.TimerHandle | None = None

    def look_soon(self) -> None:
        """Look for orphans in a second."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(DELAY_S, self._look)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        self._timer = None
        zombies = zombie_children()
        for orphan in zombies & self._seen:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(orphan.pid, os.WNOHANG)
        self._seen = zombies - self._seen
        if self._seen:
            self.look_soon()
