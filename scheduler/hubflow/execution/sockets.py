"""Unix sockets below HUBFLOW_HOME: private to the user, and at paths of any length.

The kernel takes at most 107 bytes as the path of a unix socket. Through an open descriptor of
its folder every socket has a short path.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

Accept = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def connect(path: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open the socket; raises OSError if nobody listens."""
    with _short(path) as address:
        return await asyncio.open_unix_connection(address)


async def listen(path: Path, accept: Accept) -> asyncio.Server:
    """Serve the socket at ``path``, which only this user may open; replaces a stale one.

    The caller holds the lock that says nobody else listens there.
    """
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with _short(path) as address:
        listener.bind(address)
    path.chmod(0o600)
    return await asyncio.start_unix_server(accept, sock=listener)


@contextlib.contextmanager
def _short(path: Path) -> Iterator[str]:
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
