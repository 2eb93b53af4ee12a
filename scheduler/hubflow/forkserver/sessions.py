"""Ending all that a forked process has started, in whatever process groups.

Each child leads a session of its own. Commands make groups to be able to end them, and stay in the
session; only what calls setsid by itself (a daemon) leaves it.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator


def kill_session(session: int) -> None:
    """SIGKILL every process of a session; those that are forked meanwhile, too.

    The number must belong to one of ours for sure: its leader is a zombie that nobody has reaped.
    """
    killed: set[int] = set()
    while found := set(_members(session)) - killed:
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        killed |= found


def signal_child(pid: int, signum: int) -> None:
    """Signal a child with its process group, or alone while it has not made one yet."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        try:
            os.killpg(pid, signum)
        except ProcessLookupError:
            os.kill(pid, signum)


def _members(session: int) -> Iterator[int]:
    wanted = str(session).encode()
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:
                # The name in parentheses may hold spaces; fields are numbered as in proc(5).
                state, _, _, found = file.read().rpartition(b")")[2].split(maxsplit=4)[:4]
                if found == wanted and state != b"Z":
                    yield int(name)
