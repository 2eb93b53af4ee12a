"""A home or a database that cannot be written: said in words, and mended without a restart."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from file_modes import obey_file_modes, read_only
from hubflow.config import Core

LIMIT_S = 60
COMMANDS = ["up", "up --no-hub", "db upgrade", "engine", "scheduler", "processor", "worker"]


def refusal(command: str, home: Path) -> str:
    """Run a command that cannot work with this home; return what it says."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "hubflow", *command.split(), f"--home={home}"],
        preexec_fn=obey_file_modes,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_home_that_cannot_be_made_is_named(tmp_path: Path, command: str) -> None:
    (tmp_path / "file").touch()
    home = tmp_path / "file" / "home"
    said = refusal(command, home)
    assert said.startswith(f"hubflow: {home} cannot be written: Not a directory")
    assert "--home" in said
    (tmp_path / "closed").mkdir()
    with read_only(tmp_path / "closed"):
        said = refusal(command, tmp_path / "closed")
    assert said.startswith(f"hubflow: {tmp_path / 'closed'} cannot be written: Permission denied")


@pytest.mark.parametrize("command", COMMANDS)
def test_home_that_may_not_be_written_any_more_is_named(core: Core, command: str) -> None:
    home = core.paths.home
    with read_only(home, *home.iterdir()):
        said = refusal(command, home)
    if command == "db upgrade":  # needs nothing but the file
        assert f"{core.paths.database}: unable to open database file; check that" in said
    else:
        assert said.startswith(f"hubflow: {home} cannot be written: Permission denied")
