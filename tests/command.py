"""`hubflow` commands in this process."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from hubflow.cli.main import Main
from hubflow.config import Core


class Said(NamedTuple):
    """How a command ended and what it printed."""

    status: int
    out: str
    err: str


class Command:
    """Runs commands on one home."""

    def __init__(self, core: Core, capsys: pytest.CaptureFixture[str]) -> None:
        self._home = core.home
        self._capsys = capsys

    def __call__(self, *words: str) -> Said:
        app = Main()
        status: int | str | None = 0
        self._capsys.readouterr()
        try:
            app.initialize([*words[:2], f"--home={self._home}", *words[2:]])
            app.start()
        except SystemExit as end:
            status = end.code
        finally:
            part = app
            while part is not None:
                if hasattr(part, "_database"):
                    part.database.dispose()
                type(part).clear_instance()
                part = part.subapp
        out, err = self._capsys.readouterr()
        return Said(int(status or 0), out, err)
