"""`airflow.utils.file`: temporary folders and paths."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory as TemporaryDirectory


def mkdirs(path: str, mode: int = 0o777) -> None:
    """Make a folder and those above it."""
    Path(path).mkdir(mode=mode, parents=True, exist_ok=True)


def list_py_file_paths(directory: str, *args: object, **kwargs: object) -> list[str]:
    """Return the Python files below a folder."""
    return sorted(str(file) for file in Path(directory).rglob("*.py"))
