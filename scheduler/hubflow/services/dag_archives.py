"""The DAG folder as one `tar.gz`: out, and back in without leaving the folder."""

from __future__ import annotations

import os
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

from hubflow.errors import BadRequest
from hubflow.services.access import Actor, Permission, require
from hubflow.services.dto.stable import ArchiveTakenDto
from hubflow.services.unit import Backend, changing

MOST_FILES = 10_000
MOST_BYTES = 128 * 2**20
MOST_FOLDERS = 64
CHUNK = 64 * 1024
_SKIPPED = frozenset({"__pycache__", ".git", ".ipynb_checkpoints"})
_GZIP = 16 + zlib.MAX_WBITS


class _Entry(NamedTuple):
    """A file of an archive, and where it is going to be."""

    member: tarfile.TarInfo
    target: Path


def pack(backend: Backend, actor: Actor) -> IO[bytes]:
    """Return the DAG folder as an open `tar.gz`; links and caches are left out."""
    require(actor, Permission.FILES_EDIT)
    packed = tempfile.TemporaryFile()  # noqa: SIM115  (the caller reads and closes it)
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for path in _files(backend.paths.dags):
            archive.add(path, str(path.relative_to(backend.paths.dags)), recursive=False)
    packed.seek(0)
    return packed


def unpack(backend: Backend, actor: Actor, data: bytes) -> ArchiveTakenDto:
    """Put the files of a `tar.gz` into the DAG folder, over those that are there.

    Everything is checked before the first file is written. Raises BadRequest for whatever is no
    archive of plain files below the folder, or would unpack to more than fits.
    """
    require(actor, Permission.FILES_EDIT)
    # The scheduler waits for the database's only writer: no transaction is open meanwhile.
    with _decompressed(data) as plain, _opened(plain) as archive:
        entries = _checked(archive, backend.paths.dags)
        for entry in entries:
            _write(archive, entry)
    names = [entry.member.name for entry in entries]
    with changing(backend, actor, Permission.FILES_EDIT, "unpack_dags") as unit:
        unit.note(extra={"files": names[:100], "count": len(names)})
    return ArchiveTakenDto(files=[str(PurePosixPath(name)) for name in names])


def _files(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - _SKIPPED)
        for name in sorted(names):
            path = Path(root, name)
            if path.is_file() and not path.is_symlink():
                yield path


def _decompressed(data: bytes) -> IO[bytes]:
    """Unzip into a file, no further than a little past what may come out."""
    plain = tempfile.TemporaryFile()  # noqa: SIM115  (the caller closes it)
    unzip, left, size = zlib.decompressobj(_GZIP), data, 0
    try:
        while not unzip.eof:
            block = unzip.decompress(left, CHUNK)
            left = unzip.unconsumed_tail
            if not (block or left):
                break
            size += plain.write(block)
            if size > MOST_BYTES:
                raise BadRequest(f"sources unpacks to more than {MOST_BYTES // 2**20} MiB")
        if not unzip.eof:
            raise BadRequest("sources is cut off: the end of the tar.gz is missing")
    except zlib.error as exc:
        plain.close()
        raise BadRequest(f"sources is no tar.gz: {exc}") from exc
    except BadRequest:
        plain.close()
        raise
    plain.seek(0)
    return plain


def _opened(plain: IO[bytes]) -> tarfile.TarFile:
    try:
        return tarfile.open(fileobj=plain, mode="r:")
    except tarfile.TarError as exc:
        raise BadRequest(f"sources holds no tar archive: {exc}") from exc


def _checked(archive: tarfile.TarFile, dags: Path) -> list[_Entry]:
    entries: list[_Entry] = []
    root = dags.resolve()
    try:
        for member in archive:
            if len(entries) == MOST_FILES:
                raise BadRequest(f"sources has more than {MOST_FILES} files")
            if member.isdir():
                _inside(member)  # folders come with their files: `tar -C dags .` lists "./" first
            elif member.issparse():
                raise BadRequest(
                    f"{member.name!r} is a sparse file, which may fill the disk; pack it whole"
                )
            elif member.isreg():
                entries.append(_Entry(member, _target(member, root)))
            else:
                raise BadRequest(
                    f"{member.name!r} is a link or device; an archive may hold plain files only"
                )
    except (tarfile.TarError, ValueError, OverflowError) as exc:
        raise BadRequest(f"sources holds a broken tar archive: {exc}") from exc
    if not entries:
        raise BadRequest("sources holds no file")
    _refuse_clashes(entries)
    return entries


def _inside(member: tarfile.TarInfo) -> PurePosixPath:
    """Return the name of a member; raises BadRequest for one that leads out of its archive."""
    pure = PurePosixPath(member.name)
    if pure.is_absolute() or ".." in pure.parts or not member.name.isprintable():
        raise BadRequest(f"{member.name!r} would lie outside of the DAG folder")
    if len(pure.parts) > MOST_FOLDERS:
        raise BadRequest(f"{pure.name!r} lies in more than {MOST_FOLDERS} folders, one in another")
    return pure


def _target(member: tarfile.TarInfo, root: Path) -> Path:
    """Return where a file is going to be; raises BadRequest unless that is below the folder."""
    pure = _inside(member)
    target = root / pure
    try:
        inside = target.parent.resolve().is_relative_to(root) and not target.is_symlink()
    except OSError as exc:
        raise BadRequest(f"{member.name!r} is no name for a file: {exc.strerror}") from exc
    if not inside:
        raise BadRequest(f"{member.name!r} leads through a link out of the DAG folder, or over one")
    return target


def _refuse_clashes(entries: list[_Entry]) -> None:
    """Raise BadRequest where a file would replace a folder, or lie below a file."""
    files = {entry.target for entry in entries}
    for entry in entries:
        in_the_way = [above for above in entry.target.parents if above in files or above.is_file()]
        if in_the_way or entry.target.is_dir():
            raise BadRequest(f"{entry.member.name!r} clashes with a file or folder of that name")


def _write(archive: tarfile.TarFile, entry: _Entry) -> None:
    """Put one file in place in one step; the DAG processor never sees half of it."""
    source = archive.extractfile(entry.member)
    assert source is not None
    entry.target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, scratch = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=entry.target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), 0o755 if entry.member.mode & 0o100 else 0o644)
            while block := source.read(CHUNK):
                file.write(block)
        os.replace(scratch, entry.target)
    except BaseException:
        os.unlink(scratch)
        raise
