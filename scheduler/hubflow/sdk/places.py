"""Where the DAG files of this process lie. Known once the first of them is loaded."""

from __future__ import annotations

import sys
from pathlib import Path

PLUGINS = "plugins"
# What Airflow has on `sys.path` beside the DAG folder.
_NEIGHBOURS = (PLUGINS, "config")

_dags_folder: Path | None = None


def dags_folder() -> Path | None:
    """Return the DAG folder; None before a DAG file was loaded here."""
    return _dags_folder


def plugins_folder() -> Path | None:
    """Return the plugins folder, which lies beside the DAG folder; None as above."""
    return _dags_folder and _dags_folder.parent / PLUGINS


def use(folder: Path) -> None:
    """Let DAG files of ``folder`` import what lies there and beside it.

    `from common.x import y` and `from dags.common.x import y` both work: the folder itself and the
    one around it are searched, after everything else.
    """
    global _dags_folder
    _dags_folder = folder
    beside = [folder.parent / name for name in _NEIGHBOURS]
    for path in (folder, *(p for p in beside if p.is_dir()), folder.parent):
        if str(path) not in sys.path:
            sys.path.append(str(path))


def use_archive(archive: Path) -> None:
    """Let a DAG file of an archive import what else is in it, before what is in the folder."""
    if str(archive) not in sys.path:
        at = sys.path.index(str(_dags_folder)) if str(_dags_folder) in sys.path else len(sys.path)
        sys.path.insert(at, str(archive))
