"""Follows a page of the documentation as a reader would: saves its files, types its commands.

A fenced block is one of these; anything else fails, so that nothing on a page goes unchecked:

- `python title="dags/name.py"` (or another language): a file, saved in the home folder or
  below `~`.
- `console`: after each `$ ` a command, and below it what it must print. There, `…` stands for
  anything in a line, and a line `…` for any lines. Spaces count as one. A last line
  `[exit status 1]` says that the command fails.
- `text`: nothing to check.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from engine import LIMIT_S, Engine
from hubflow.db import orm
from waiting import wait_for

FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TITLE = re.compile(r'^ title="([^"]+)"$')
LISTS = re.compile(r"^hubflow \w+ list\b")
STATUS = re.compile(r"^\[exit status (\d+)\]$")


class Block(NamedTuple):
    """A fenced block of a page."""

    language: str
    title: str | None
    text: str


class Command(NamedTuple):
    """A command, what it prints and its exit status."""

    words: str
    output: list[str]
    status: int


def blocks(page: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page in their order."""
    for language, options, text in FENCE.findall(page):
        title = TITLE.match(options)
        yield Block(language, title[1] if title else None, text)


def commands(text: str) -> Iterator[Command]:
    """Yield the commands of a console block."""
    first, *others = re.split(r"^\$ ", text, flags=re.MULTILINE)
    assert not first, f"a console block begins with a command, not with {first!r}"
    for part in others:
        words, *output = part.rstrip("\n").split("\n")
        status = STATUS.match(output[-1]) if output else None
        yield Command(words, output[:-1] if status else output, int(status[1]) if status else 0)


class Reader:
    """Somebody at a terminal, beside a running engine. `user` is where `~` is."""

    def __init__(self, engine: Engine, user: Path) -> None:
        self.engine = engine
        self.user = user

    def follow(self, page: str) -> None:
        """Do what the page says."""
        found = list(blocks(page))
        assert any(block.language == "console" for block in found)
        for block in found:
            if block.title is not None:
                self.save(block.title, block.text)
            elif block.language == "console":
                for command in commands(block.text):
                    self.type(command)
            else:
                assert block.language == "text", f"nobody checks this block: {block}"

    def save(self, title: str, text: str) -> None:
        """Save a file; one in the DAG folder is waited for, since readers are slow."""
        inside = title.startswith("~/")
        path = self.user / title[2:] if inside else self.engine.paths.home / title
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if path.is_relative_to(self.engine.paths.dags) and path.suffix == ".py":
            self.wait_for_import(path.relative_to(self.engine.paths.dags).as_posix(), text)

    def wait_for_import(self, path: str, text: str) -> None:
        """Wait until the DAG processor has read exactly this text."""

        def is_read() -> bool:
            file = self.engine.find(orm.DagFile, orm.DagFile.path == path)
            if file is None or file.source_id is None or file.parsed_at is None:
                return False
            return bool(self.engine.find(orm.Source, orm.Source.id == file.source_id).text == text)

        self.engine.wait_for(is_read, f"{path} to be imported")

    def type(self, command: Command) -> None:
        """Run a command; it must print and end as the page says.

        A list may still be empty, as files are read meanwhile: who looks again sees it filled.
        """
        told = self.differs(command)
        if told and LISTS.match(command.words):
            with contextlib.suppress(TimeoutError):
                wait_for(lambda: not self.differs(command), "the list", LIMIT_S)
            told = self.differs(command)
        assert told is None, told + self.engine.logs()

    def differs(self, command: Command) -> str | None:
        """Run a command; returns what it printed, unless that is what the page says."""
        done = subprocess.run(
            ["bash", "-c", command.words],
            env={
                **os.environ,
                "HOME": str(self.user),
                "HUBFLOW_HOME": str(self.engine.paths.home),
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            },
            cwd=self.user,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        printed = [plain(line) for line in done.stdout.splitlines()]
        wanted = [plain(line) for line in command.output]
        if fits(printed, wanted) and done.returncode == command.status:
            return None
        return f"$ {command.words}\n{done.stdout}[{done.returncode}]\n\non the page: {wanted}"


def plain(line: str) -> str:
    """Return a line with each run of spaces as one."""
    return " ".join(line.split())


def fits(printed: list[str], wanted: list[str]) -> bool:
    """Say whether lines are those that a page shows."""
    pattern = "".join(
        r"(?:[^\n]*\n)*?" if line == "…" else ".*?".join(map(re.escape, line.split("…"))) + r"\n"
        for line in wanted
    )
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in printed)) is not None
