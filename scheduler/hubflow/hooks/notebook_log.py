"""What a notebook puts out, as text in the log of its task, while it runs."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
TEXT_LIMIT = 10_000


def show(message_type: str, content: Mapping[str, Any]) -> None:
    """Print one output message of a kernel: text as it is, anything else as a short note."""
    if message_type == "stream":
        _write(str(content["text"]))
    elif message_type == "error":
        _write("\n".join(content["traceback"]) + "\n")
    elif message_type in ("display_data", "execute_result"):
        _write(describe(content["data"]) + "\n")


def describe(data: Mapping[str, Any]) -> str:
    """Say what a rich output is; plain results are shown."""
    rich = [kind for kind in data if kind != "text/plain"]
    text = str(data.get("text/plain", ""))
    if not rich or rich == ["text/html"]:
        return text if len(text) <= TEXT_LIMIT else text[:TEXT_LIMIT] + " …"
    kind = rich[0]
    # Images travel as base64: three bytes in four characters.
    size = len(str(data[kind])) * (3 if kind.startswith("image/") else 4) // 4
    return f"[{kind}, {max(1, size // 1024)} kB]"


def without_colours(text: str) -> str:
    """Remove terminal escapes."""
    return ANSI.sub("", text)


def _write(text: str) -> None:
    sys.stdout.write(without_colours(text))
    sys.stdout.flush()
