"""Files that cannot be written, for root as for everybody."""

from __future__ import annotations

import ctypes
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PR_CAPBSET_DROP = 24
CAP_DAC_OVERRIDE = 1
ANY_WRITE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def obey_file_modes() -> None:
    """Bind the program that is started next to the modes of files; a `preexec_fn`.

    Only root needs it, and only root may: for anybody else this does nothing.
    """
    ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0)


@contextmanager
def read_only(*paths: Path) -> Iterator[None]:
    """Take the right to write away for a while."""
    modes = [path.stat().st_mode for path in paths]
    for path, mode in zip(paths, modes, strict=True):
        path.chmod(mode & ~ANY_WRITE)
    try:
        yield
    finally:
        for path, mode in zip(paths, modes, strict=True):
            path.chmod(mode)
