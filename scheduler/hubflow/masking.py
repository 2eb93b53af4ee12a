"""Which names hide secrets, and how secrets are taken out of what people may see.

`MASK` stands for a value in answers of the API, `STARS` in texts that a process writes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from hubflow.errors import BadRequest

MASK = "********"
STARS = "***"
# A variable whose key holds one of these is hidden (SEMANTICS 5.2).
SENSITIVE_WORDS = (
    "password",
    "secret",
    "passwd",
    "authorization",
    "api_key",
    "apikey",
    "access_token",
)
# What else names a secret inside of JSON, such as the extra of a connection.
_WORDS_IN_JSON = (
    *SENSITIVE_WORDS,
    "token",
    "private_key",
    "passphrase",
    "keyfile_dict",
    "service_account",
)
# Shorter ones are words of their own: hiding "dev" would make logs unreadable.
SHORTEST = 4


def is_sensitive(key: str) -> bool:
    """Say whether a variable of this name is hidden from people."""
    lowered = key.lower()
    return any(word in lowered for word in SENSITIVE_WORDS)


def redact(value: Any) -> Any:
    """Return a JSON value with `MASK` in place of whatever has a sensitive name."""
    if isinstance(value, Mapping):
        return {
            name: MASK if item and _is_secret(name) else redact(item)
            for name, item in value.items()
        }
    return [redact(item) for item in value] if isinstance(value, list) else value


def restore(value: Any, stored: Any, place: str = "") -> Any:
    """Return a JSON value with what is stored in place of each `MASK`.

    Raises BadRequest naming the place where a mask stands for nothing.
    """
    if value == MASK and stored is None:
        raise BadRequest(
            f"{place or 'the value'} is {MASK}, which only stands for a value that is hidden; "
            "write the value itself"
        )
    if value == MASK:
        return stored
    if isinstance(value, Mapping):
        of = stored if isinstance(stored, Mapping) else {}
        return {
            name: restore(item, of.get(name), f"{place}.{name}".lstrip("."))
            for name, item in value.items()
        }
    if isinstance(value, list):
        items = stored if isinstance(stored, list) and len(stored) == len(value) else []
        padded = [*items, *([None] * (len(value) - len(items)))]
        return [restore(item, old, place) for item, old in zip(value, padded, strict=True)]
    return value


def named_secrets(value: Any) -> Iterator[str]:
    """Yield the texts that have a sensitive name somewhere in a JSON value."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from texts_in(item) if _is_secret(name) else named_secrets(item)
    elif isinstance(value, list):
        for item in value:
            yield from named_secrets(item)


def texts_in(value: Any) -> Iterator[str]:
    """Yield every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from texts_in(item)


class Masker:
    """Puts stars in place of the secrets that it was told."""

    def __init__(self) -> None:
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    @property
    def knows_any(self) -> bool:
        """Whether there is anything to hide."""
        return self._pattern is not None

    def add(self, secret: str) -> None:
        """Hide this text from now on, also as it stands in URLs, JSON and reprs."""
        if len(secret) < SHORTEST:
            return
        escaped = json.dumps(secret)[1:-1]
        forms = {secret, quote(secret, safe=""), escaped, repr(secret)[1:-1], secret.strip()}
        new = {form for form in forms if len(form) >= SHORTEST} - self._forms
        if new:
            self._forms |= new
            longest_first = sorted(self._forms, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def masked(self, text: str) -> str:
        """Return the text without secrets."""
        return text if self._pattern is None else self._pattern.sub(STARS, text)


def _is_secret(name: object) -> bool:
    lowered = str(name).lower()
    return any(word in lowered for word in _WORDS_IN_JSON)
