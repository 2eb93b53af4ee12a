"""Zip archives in the DAG folder: Python files at the top of one are DAG files (SEMANTICS 1.1).

Nothing is ever unpacked: such a file is read where it lies, and imports what else the archive has
through Python's own zipimport. Its path is that of the archive, `/`, and its name.
"""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

SUFFIX = ".zip"
LIMIT_BYTES = 64 * 1024 * 1024
LIMIT_ENTRIES = 10_000


class ArchiveUnreadable(Exception):
    """The archive, or what was asked for in it, cannot be used; the message says why."""


def split(path: str) -> tuple[str, str] | None:
    """Return archive and member of the path of a file in an archive; None for plain files."""
    archive, _, member = path.rpartition("/")
    return (archive, member) if archive.endswith(SUFFIX) else None


def members(archive: Path) -> list[str]:
    """Return the Python files at the top of an archive. Raises ArchiveUnreadable."""
    with _opened(archive) as opened:
        return sorted(info.filename for info in _usable(opened))


def read(archive: Path, member: str, limit_bytes: int) -> bytes:
    """Return what a member holds, at most ``limit_bytes``.

    Raises ArchiveUnreadable, or FileNotFoundError if there is no such member.
    """
    with _opened(archive) as opened:
        info = next((info for info in _usable(opened) if info.filename == member), None)
        if info is None:
            raise FileNotFoundError(f"{archive}/{member}")
        # The size that an archive states may be wrong: what counts is what comes out.
        try:
            with opened.open(info) as file:
                data = file.read(limit_bytes + 1)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as exc:
            raise ArchiveUnreadable(f"{member} in the archive cannot be read: {exc}") from exc
    if len(data) > limit_bytes:
        raise ArchiveUnreadable(f"{member} in the archive has more than {limit_bytes:,} bytes")
    return data


def text_of(folder: Path, path: str) -> str:
    """Return the text of a DAG file, also of one in an archive, read as UTF-8.

    Raises OSError or ArchiveUnreadable.
    """
    inside = split(path)
    if inside is None:
        return (folder / path).read_text(encoding="utf-8")
    return read(folder / inside[0], inside[1], LIMIT_BYTES).decode()


def _usable(opened: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    """Yield Python files at the top: no folders, no links."""
    for info in opened.infolist():
        path = PurePosixPath(info.filename)
        is_link = stat.S_ISLNK(info.external_attr >> 16)
        if len(path.parts) == 1 and path.suffix == ".py" and not info.is_dir() and not is_link:
            yield info


def _opened(archive: Path) -> zipfile.ZipFile:
    try:
        size = archive.stat().st_size
        if size > LIMIT_BYTES:
            raise ArchiveUnreadable(
                f"the archive has {size:,} bytes; at most {LIMIT_BYTES:,} are read"
            )
        opened = zipfile.ZipFile(archive)
    except FileNotFoundError:
        raise
    except (zipfile.BadZipFile, OSError, ValueError) as exc:
        raise ArchiveUnreadable(f"the file is no zip archive: {exc}") from exc
    if len(opened.infolist()) > LIMIT_ENTRIES:
        opened.close()
        raise ArchiveUnreadable(f"the archive has more than {LIMIT_ENTRIES:,} files")
    if (outside := next(filter(_leads_out, opened.namelist()), None)) is not None:
        opened.close()
        raise ArchiveUnreadable(
            f"the archive names a file outside of itself, {outside!r}; make it anew without"
        )
    return opened


def _leads_out(name: str) -> bool:
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts
