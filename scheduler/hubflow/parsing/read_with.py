"""With which settings DAG files were read: others make other DAGs of unchanged files."""

from __future__ import annotations

import contextlib
from pathlib import Path

from hubflow import __version__
from hubflow.config import Dags


class ReadWith:
    """Remembers, in a file of the home, the settings and the version that read the DAG files."""

    def __init__(self, file: Path, dags: Dags) -> None:
        self._file = file
        self._now = dags.fingerprint(__version__)

    def is_same(self) -> bool:
        """Say whether all files were read with what holds now."""
        try:
            return self._file.read_text(encoding="utf-8") == self._now
        except OSError:
            return False

    def write(self) -> None:
        """All files have been read with what holds now."""
        with contextlib.suppress(OSError):  # they are read once more at the next start
            self._file.write_text(self._now, encoding="utf-8")
