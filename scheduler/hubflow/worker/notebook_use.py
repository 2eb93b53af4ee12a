"""When a worker gets ready for notebooks: as soon as a DAG file has any.

A kernel that waits and the libraries of notebooks in a zygote take as much memory as all the rest.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable
from pathlib import Path

from watchfiles import Change, awatch

# A DAG file that hides the name still works, it only imports the libraries in its own time.
NOTEBOOK_MARK = "JupyterOperator"

log = logging.getLogger(__name__)


async def until_used(folder: Path, used: asyncio.Event) -> None:
    """Return once a file below ``folder`` names the notebook operator, or ``used`` is set."""
    watching = asyncio.create_task(_until_written(folder, used))
    try:
        await asyncio.sleep(0)  # It watches now; only then may we look at what is there.
        if await asyncio.to_thread(any_names_it, folder.rglob("*.py")):
            used.set()
        await used.wait()
    finally:
        watching.cancel()
        await asyncio.wait([watching])


async def _until_written(folder: Path, used: asyncio.Event) -> None:
    def matters(change: Change, path: str) -> bool:
        return change is not Change.deleted and path.endswith(".py")

    try:
        async for changes in awatch(folder, watch_filter=matters, stop_event=used):
            if any_names_it(Path(path) for _, path in changes):
                used.set()
    except (OSError, RuntimeError) as exc:
        log.warning("the first notebook run has to wait for its kernel: %s: %s", folder, exc)


def any_names_it(files: Iterable[Path]) -> bool:
    """Say whether one of these files names the operator; one that cannot be read does not."""
    mark = NOTEBOOK_MARK.encode()
    for file in files:
        with contextlib.suppress(OSError):
            if mark in file.read_bytes():
                return True
    return False
