"""Which files of the DAG folder are DAG files: ignore files, safe mode, and what has changed."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from hubflow.sdk import archives

log = logging.getLogger(__name__)

IGNORE_FILE = ".airflowignore"
_SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules"})


class Stamp(NamedTuple):
    """What tells that a file was written again."""

    modified_ns: int
    size: int
    inode: int


def scan(folder: Path) -> dict[str, Stamp]:
    """Return all files below ``folder`` by path with `/`; links are followed, each folder once.

    Hidden files and folders, `__pycache__` and what a `.airflowignore` names are left out. Of a zip
    archive the DAG files in it are listed; the archive itself only if it cannot be read.
    """
    return dict(sorted(_walk(folder, folder, (), set())))


def is_dag_file(path: str, text: str, *, safe_mode: bool = True) -> bool:
    """Say whether a file is one that defines DAGs; others are helpers (SEMANTICS 1.1).

    In ``safe_mode`` it must look like one.
    """
    lowered = text.lower() if safe_mode else ""
    has_words = "dag" in lowered and ("hubflow" in lowered or "airflow" in lowered)
    return path.endswith(".py") and (has_words or not safe_mode)


def may_be_dag_file(path: str) -> bool:
    """Say whether to look into the file; archives are among them only if they are broken."""
    return path.endswith((".py", archives.SUFFIX))


def is_watched(path: str) -> bool:
    """Say whether a change of this path may matter."""
    parts = Path(path).parts
    name = parts[-1] if parts else ""
    return name == IGNORE_FILE or not (name.startswith(".") or _SKIPPED_FOLDERS.intersection(parts))


def changed(before: Mapping[str, Stamp], after: Mapping[str, Stamp]) -> set[str]:
    """Return the paths that are new, gone or different."""
    return {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}


def dependents(texts: Mapping[str, str], changed_paths: Iterable[str]) -> set[str]:
    """Return the Python files that use one of the changed files, directly or through others.

    A module is used by whoever imports its name, any other file by whoever mentions it.
    """
    found: set[str] = set()
    pending = list(changed_paths)
    while pending:
        uses = _uses_of(pending.pop())
        new = {path for path, text in texts.items() if path not in found and uses.search(text)}
        found |= new
        pending.extend(new)
    return found


def _uses_of(path: str) -> re.Pattern[str]:
    file = Path(path)
    if file.suffix != ".py":
        return re.compile(re.escape(file.name))
    module = file.parent.name if file.stem == "__init__" else file.stem
    return re.compile(rf"^\s*(?:import|from)\b[^\n]*\b{re.escape(module)}\b", re.MULTILINE)


def _walk(
    root: Path, folder: Path, ignored: tuple[re.Pattern[str], ...], seen: set[tuple[int, int]]
) -> Iterator[tuple[str, Stamp]]:
    try:
        here = folder.stat()
        entries = list(os.scandir(folder))
    except OSError:
        return
    if (here.st_dev, here.st_ino) in seen:
        return
    seen.add((here.st_dev, here.st_ino))
    ignored += _patterns(folder / IGNORE_FILE)
    for entry in entries:
        if entry.name.startswith(".") or any(p.search(entry.path) for p in ignored):
            continue
        if entry.is_dir():
            if entry.name not in _SKIPPED_FOLDERS:
                yield from _walk(root, Path(entry.path), ignored, seen)
        elif (stamp := _stamp(entry)) is not None:
            path = Path(entry.path).relative_to(root).as_posix()
            for member in _members(entry.path, stamp):
                yield f"{path}{member}", stamp


@lru_cache(maxsize=1024)
def _members(file: str, stamp: Stamp) -> tuple[str, ...]:
    """Return what to add to the path of a file to name what is in it."""
    if not file.endswith(archives.SUFFIX):
        return ("",)
    try:
        return tuple(f"/{name}" for name in archives.members(Path(file)))
    except archives.ArchiveUnreadable:
        return ("",)
    except FileNotFoundError:
        return ()


def _stamp(entry: os.DirEntry[str]) -> Stamp | None:
    """Return the stamp of a file; None for a broken link, a socket, or what is gone by now."""
    try:
        stat = entry.stat() if entry.is_file() else None
    except OSError:
        return None
    return stat and Stamp(stat.st_mtime_ns, stat.st_size, stat.st_ino)


def _patterns(file: Path) -> tuple[re.Pattern[str], ...]:
    """Read an ignore file: one regular expression per line, `#` starts a comment."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return ()
    texts = (line.partition("#")[0].strip() for line in lines)
    return tuple(pattern for text in texts if text and (pattern := _compiled(text, file)))


@lru_cache(maxsize=1024)  # told once, not in every scan
def _compiled(text: str, file: Path) -> re.Pattern[str] | None:
    try:
        return re.compile(text)
    except re.error as exc:
        log.warning("%r in %s is no regular expression and ignores nothing: %s", text, file, exc)
        return None
