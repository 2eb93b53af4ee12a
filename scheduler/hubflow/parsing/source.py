"""Reading the text of a DAG file as Python would, also out of a zip archive."""

from __future__ import annotations

import hashlib
import io
import tokenize
from pathlib import Path

from hubflow.db.queries.dag_store import SourceText
from hubflow.sdk import archives

LIMIT_BYTES = 4 * 1024 * 1024


class Unreadable(Exception):
    """The file is no text that Python would read; the message says why."""


def read(folder: Path, path: str) -> SourceText:
    """Return the text and its hash; raises Unreadable, or FileNotFoundError if it is gone.

    ``path`` is relative to the DAG folder.
    """
    data = _data(folder, path)
    if b"\0" in data:
        raise Unreadable("the file holds NUL bytes; it is no Python source")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return from_text(data.decode(encoding))
    except (SyntaxError, UnicodeDecodeError, LookupError) as exc:
        raise Unreadable(f"the file is not text in the encoding that it declares: {exc}") from exc


def exists(folder: Path, path: str) -> bool:
    """Say whether there is such a file, or such a member of an archive."""
    inside = archives.split(path)
    if inside is None:
        return (folder / path).exists()
    try:
        return inside[1] in archives.members(folder / inside[0])
    except (archives.ArchiveUnreadable, FileNotFoundError):
        return False


def _data(folder: Path, path: str) -> bytes:
    inside = archives.split(path)
    if inside is None and path.endswith(archives.SUFFIX):
        inside = path, ""  # Only an archive that cannot be read comes here itself.
    try:
        if inside is not None:
            return archives.read(folder / inside[0], inside[1], LIMIT_BYTES)
        data = (folder / path).read_bytes()
    except FileNotFoundError:
        raise
    except archives.ArchiveUnreadable as exc:
        raise Unreadable(str(exc)) from exc
    except OSError as exc:
        raise Unreadable(f"the file cannot be read: {exc.strerror}") from exc
    if len(data) > LIMIT_BYTES:
        raise Unreadable(f"the file has {len(data):,} bytes; at most {LIMIT_BYTES:,} are read")
    return data


def from_text(text: str) -> SourceText:
    """Return the text with its hash."""
    return SourceText(text, hashlib.sha256(text.encode()).hexdigest())
