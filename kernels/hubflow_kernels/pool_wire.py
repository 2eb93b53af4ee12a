"""What the pool of warm kernels and those who take a kernel from it say to each other.

One JSON object a line, over a unix stream socket; a connection is for one kernel:

    taker: {"argv": […], "cwd": "…", "env": {…},    argv as in the kernelspec
            "limits": {"AS": 4294967296}}           rlimits, by their names in `resource`
    pool:  {"connection": {…}, "pid": 123}          or {"refused": "why"}, and the end
    taker: {"signal": 2}                            any number of times
    pool:  {"exit_code": -9}                        when the kernel dies by itself

When the taker hangs up, the pool ends the kernel: politely, then with its process group.
`{"status": true}` instead of a wish is answered by `{"idle": 1, "busy": 0}`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# An environment goes through in one line.
LINE_BYTES = 4 * 1024 * 1024


def line(message: dict[str, Any]) -> bytes:
    """Return the message as it goes over the socket."""
    return json.dumps(message).encode() + b"\n"


async def read(reader: asyncio.StreamReader) -> dict[str, Any] | None:
    """Read one message; None at the end of the stream, or where no message stands."""
    try:
        message = json.loads(await reader.readline())
    except (ValueError, ConnectionError):
        return None
    return message if isinstance(message, dict) else None


@contextlib.contextmanager
def short_path(path: Path) -> Iterator[str]:
    """Name a unix socket through its open folder: the kernel takes 107 bytes, homes may be long."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
