"""Private folders with the sockets of one kernel each, in the system's temporary folder.

A name says which process made the folder, so that those of killed processes can be told. A pid
means something only within its namespace: containers may share the temporary folder.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path


def make() -> Path:
    """Make a folder that only this user can open; whoever asks for it removes it."""
    return Path(tempfile.mkdtemp(prefix=f"{_prefix()}{os.getpid()}-"))


def remove_stale() -> None:
    """Remove the folders of this user whose makers are dead."""
    prefix = _prefix()
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        maker = folder.name.removeprefix(prefix).partition("-")[0]
        with contextlib.suppress(FileNotFoundError):
            if folder.stat().st_uid == os.geteuid() and not Path("/proc", maker).exists():
                shutil.rmtree(folder, ignore_errors=True)


def _prefix() -> str:
    return f"hubflow-kernel-{os.stat('/proc/self/ns/pid').st_ino}-"
