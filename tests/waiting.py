"""Wait for conditions, within a limit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

LIMIT_S = 90.0
LOOK_S = 0.02
T = TypeVar("T")


def wait_for(check: Callable[[], T], what: str, limit_s: float = LIMIT_S) -> T:
    """Call ``check`` until it returns something true, and return that."""
    deadline = time.monotonic() + limit_s
    while not (found := check()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come within {limit_s:g} s")
        time.sleep(LOOK_S)
    return found


async def until(check: Callable[[], T], limit_s: float = LIMIT_S) -> T:
    """Do the same while the event loop goes on."""
    async with asyncio.timeout(limit_s):
        while not (found := check()):
            await asyncio.sleep(LOOK_S)
    return found


def is_alive(pid: int) -> bool:
    """Say whether a process runs; one that nobody has reaped yet does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def wait_until_dead(pid: int) -> None:
    wait_for(lambda: not is_alive(pid), f"the end of process {pid}", limit_s=10)
