"""The tree of all commands with their options: what completion and the reference are made of."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import NamedTuple

from traitlets.config import Application
from traitlets.utils.importstring import import_item


class Option(NamedTuple):
    """An option as it is typed, `-o` or `--output`; `value` names what follows it, if anything."""

    names: tuple[str, ...]
    value: str
    help: str


class Command(NamedTuple):
    """One command; `children` are the words that may follow its own."""

    words: tuple[str, ...]
    text: str
    options: tuple[Option, ...]
    children: tuple[str, ...]

    @property
    def summary(self) -> str:
        return self.text.partition("\n")[0]


def walk(kind: type[Application], words: tuple[str, ...]) -> Iterator[Command]:
    """Yield a command and all below it, in the order of their tables."""
    # Where a class has none, the attribute is the trait itself.
    subcommands = kind.subcommands if isinstance(kind.subcommands, dict) else {}
    yield Command(words, inspect.getdoc(kind) or "", _options(kind), tuple(subcommands))
    for name, (below, _) in subcommands.items():
        child = import_item(below) if isinstance(below, str) else below
        yield from walk(child, (*words, name))


def _options(kind: type[Application]) -> tuple[Option, ...]:
    """Return the options, those that mean the same together."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, target in kind.aliases.items():
        found.setdefault((str(target).rpartition(".")[2], _help_of(kind, str(target))), []).append(
            str(name)
        )
    for name, (settings, text) in kind.flags.items():
        found.setdefault(("", f"{text}\0{settings}"), []).append(str(name))
    return tuple(
        Option(
            tuple(_typed(name, is_flag=not value) for name in sorted(names, key=len)),
            value,
            text.partition("\0")[0],
        )
        for (value, text), names in found.items()
    )


def _typed(name: str, *, is_flag: bool) -> str:
    """Return the name with its dashes; flags of two letters have one, as in Airflow."""
    return f"-{name}" if len(name) <= 1 + is_flag else f"--{name}"


def _help_of(kind: type[Application], target: str) -> str:
    owner, _, trait = target.rpartition(".")
    for known in (*kind.mro(), *kind.classes):
        if known.__name__ == owner and hasattr(known, "class_traits"):
            return " ".join((known.class_traits()[trait].help or "").split())
    return ""
