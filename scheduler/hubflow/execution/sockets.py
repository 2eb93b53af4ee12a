"""Unix sockets below HUBFLOW_HOME: private to the user, and at paths of any length.

The kernel takes at most 107 bytes as the path of a unix socket. Through an open descriptor of
its folder every socket has a short path.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path


async def connect(path: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open the socket; raises OSError if nobody listens."""
    with _short(path) as address:
        return await asyncio.open_unix_connection(address)


def bind(path: Path) -> socket.socket:
    """Put a socket at ``path`` that only this user may open; replaces a stale one.

    The caller knows that nobody else should listen there.
    """
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with _short(path) as address:
        listener.bind(address)
    path.chmod(0o600)
    return listener


def identity(path: Path) -> tuple[int, int]:
    """Tell one socket at a path from the next. Raises OSError if there is none."""
    stat = path.stat()
    return stat.st_ino, stat.st_ctime_ns


@contextlib.contextmanager
def _short(path: Path) -> Iterator[str]:
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
