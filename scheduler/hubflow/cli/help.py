"""What `--help` prints: the words of a command, its commands and options in two columns."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Container, Iterator, Sequence

from traitlets.config import Application

from hubflow.cli import tree

NARROWEST, WIDEST = 60, 100
LONGEST_NAME = 32


def lines(kind: type[Application], command: str, shared: Container[str]) -> Iterator[str]:
    """Yield the help of a command that is called by these words.

    Options named in ``shared``, which every command has, come last.
    """
    found, *below = tree.walk(kind, ())
    yield from found.text.splitlines()
    children = [one for one in below if len(one.words) == 1]
    yield from _section("Commands", [(one.words[0], one.summary) for one in children])
    options = sorted(found.options, key=lambda one: one.names[0].lstrip("-") in shared)
    yield from _section("Options", [(_names(one), one.help) for one in options])
    yield ""
    if children:
        yield f"`{command} COMMAND --help` tells more about one of them."
    yield f"`{command} --help-all` lists every setting that the command line takes."


def _names(option: tree.Option) -> str:
    names = ", ".join(option.names)
    return f"{names} {option.value.upper()}" if option.value else names


def _section(title: str, rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    if not rows:
        return
    yield ""
    yield f"{title}:"
    shorter = [len(name) for name, _ in rows if len(name) <= LONGEST_NAME]
    indent = 4 + max(shorter, default=LONGEST_NAME)
    columns = min(WIDEST, max(NARROWEST, shutil.get_terminal_size().columns))
    for name, text in rows:
        wrapped = textwrap.wrap(text, columns - indent) or [""]
        if len(name) > LONGEST_NAME:
            yield f"  {name}"
        else:
            yield f"  {name:<{indent - 2}}{wrapped.pop(0)}".rstrip()
        yield from (" " * indent + line for line in wrapped)
