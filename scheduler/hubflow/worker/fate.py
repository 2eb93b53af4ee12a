"""What became of a task instance while its process ran: a few bytes that both sides see.

Not a message: who is ended by SIGTERM may be in the middle of reading one.
"""

from __future__ import annotations

import os

LONGEST = 32


def make() -> int:
    """Return the descriptor of a memory file for the process and its supervisor."""
    return os.memfd_create("fate", os.MFD_CLOEXEC)


def write(fd: int, state: str) -> None:
    """Say that the instance has this state now."""
    os.pwrite(fd, state.encode(), 0)


def read(fd: int) -> str | None:
    """Return the state that somebody else gave the instance, or None."""
    return os.pread(fd, LONGEST, 0).decode() or None
