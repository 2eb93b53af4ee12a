"""Secrets that this process has fetched: in whatever it prints they stand as `***`.

What is covered: `print`, `sys.stdout`, `sys.stderr` and the loggers, the errors that a try or an
import ends with, and rendered fields. What is not: output that a child process writes straight to
the file descriptors, `sys.stdout.buffer`, values of under four characters, and values that were
changed before they were printed (cut, encoded, encrypted).
"""

from __future__ import annotations

import logging
import sys
from typing import Any, TextIO, cast

from hubflow.masking import Masker, is_sensitive, named_secrets, texts_in

_known = Masker()


def hide(secret: str | None) -> None:
    """Keep this text out of logs from now on."""
    if secret:
        _known.add(secret)


def hide_variable(key: str, text: str, value: Any = None) -> None:
    """Keep a variable out of logs if its key is sensitive, else what in it has such a name.

    ``value`` is the text as JSON, if somebody decoded it.
    """
    secrets = list(named_secrets(value))
    if is_sensitive(key):
        # Of an object only what has a sensitive name: hosts and user names are no secrets.
        secrets += [text, *(texts_in(value) if not isinstance(value, dict) else ())]
    for secret in secrets:
        hide(secret)


def masked(text: str) -> str:
    """Return the text without the secrets that this process knows."""
    return _known.masked(text)


def are_known() -> bool:
    """Say whether this process was told any secret."""
    return _known.knows_any


def masked_texts(value: Any) -> Any:
    """Return a JSON value whose texts hold no secrets that this process knows."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {name: masked_texts(item) for name, item in value.items()}
    return [masked_texts(item) for item in value] if isinstance(value, list | tuple) else value


def cover_output() -> None:
    """Let nothing that is printed or logged from now on show a secret."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if not isinstance(stream, _Covered):
            covered = cast(TextIO, _Covered(stream))
            setattr(sys, name, covered)
            for handler in logging.getLogger().handlers:
                if isinstance(handler, logging.StreamHandler) and handler.stream is stream:
                    handler.setStream(covered)


class _Covered:
    """A text stream that masks what is written; everything else is the stream's own."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(_known.masked(text))
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
