"""Reading the text of a DAG file as Python would."""

from __future__ import annotations

import hashlib
import io
import tokenize
from pathlib import Path

from hubflow.db.queries.dag_store import SourceText

LIMIT_BYTES = 4 * 1024 * 1024


class Unreadable(Exception):
    """The file is no text that Python would read; the message says why."""


def read(file: Path) -> SourceText:
    """Return the text and its hash; raises Unreadable, or FileNotFoundError if it is gone."""
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as exc:
        raise Unreadable(f"the file cannot be read: {exc.strerror}") from exc
    if len(data) > LIMIT_BYTES:
        raise Unreadable(f"the file has {len(data):,} bytes; at most {LIMIT_BYTES:,} are read")
    if b"\0" in data:
        raise Unreadable("the file holds NUL bytes; it is no Python source")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return from_text(data.decode(encoding))
    except (SyntaxError, UnicodeDecodeError, LookupError) as exc:
        raise Unreadable(f"the file is not text in the encoding that it declares: {exc}") from exc


def from_text(text: str) -> SourceText:
    """Return the text with its hash."""
    return SourceText(text, hashlib.sha256(text.encode()).hexdigest())
