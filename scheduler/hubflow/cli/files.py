"""Files that commands import and export: JSON, YAML and `.env`, by the end of their name.

No error shows what a file holds: it may be passwords.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from hubflow.errors import BadRequest

STDOUT = "-"
_YAML = frozenset({".yaml", ".yml"})


def read_mapping(name: str) -> dict[str, Any]:
    """Return what a file maps to what. Raises BadRequest."""
    file = Path(name)
    try:
        data = file.read_bytes()
    except OSError as exc:
        raise BadRequest(f"Missing file or syntax error. {name}: {exc.strerror}") from exc
    found = _decoded(file, data)
    if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
        raise BadRequest(f"Missing file or syntax error. {name} holds no object of names")
    return found


def write_mapping(name: str, values: Mapping[str, Any]) -> None:
    """Write a file that only its owner can read, or standard output for `-`."""
    if is_env(name):
        text = "".join(f"{key}={value}\n" for key, value in sorted(values.items()))
    elif Path(name).suffix in _YAML:
        text = msgspec.yaml.encode(dict(sorted(values.items()))).decode()
    else:
        text = json.dumps(values, indent=4, sort_keys=True, ensure_ascii=False) + "\n"
    if name == STDOUT:
        sys.stdout.write(text)
        return
    try:
        fd = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            os.fchmod(fd, 0o600)  # also if the file was there, and open to others
            file.write(text)
    except OSError as exc:
        raise BadRequest(f"{name} cannot be written: {exc.strerror}") from exc


def is_env(name: str) -> bool:
    """Say whether this is a file with a line `NAME=value` for each thing."""
    return Path(name).suffix == ".env" or Path(name).name == ".env"


def read_secret(text: str) -> str:
    """Return the text, or a line of standard input for `-`: arguments are seen by everybody.

    Raises BadRequest where no line comes.
    """
    if text != STDOUT:
        return text
    if not (line := sys.stdin.readline()):
        raise BadRequest("standard input ended before a line came; nothing was changed")
    return line.rstrip("\n")


def _decoded(file: Path, data: bytes) -> Any:
    try:
        if is_env(file.name):
            return _lines(data.decode())
        if file.suffix in _YAML:
            return msgspec.to_builtins(msgspec.yaml.decode(data))  # dates become text
        return json.loads(data)
    except (ValueError, TypeError, RecursionError, msgspec.DecodeError) as exc:
        place = f", line {exc.lineno}" if isinstance(exc, json.JSONDecodeError) else ""
        raise BadRequest(f"Missing file or syntax error. {file}{place}") from None


def _lines(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        name, mark, value = line.strip().partition("=")
        if not name or name.startswith("#"):
            continue
        if not mark:
            raise BadRequest(f"Missing file or syntax error. Line {number} has no `=`")
        found[name.strip()] = value.strip().strip("'\"")
    return found
