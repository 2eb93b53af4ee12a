"""The `hubflow` command as a shell calls it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HUBFLOW = (sys.executable, "-P", "-m", "hubflow")


def run(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*HUBFLOW, *args], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("args", [("bogus",), ("dags", "bogus")])
def test_unknown_command_is_named_with_those_that_there_are(args: tuple[str, ...]) -> None:
    done = run(*args)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no command 'bogus'; there are " in done.stderr
    assert ("list" if "dags" in args else "dags") in done.stderr


def test_help_says_options_of_one_meaning_together_and_those_of_every_command_last() -> None:
    done = run("tasks", "mark-failed", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Mark a task in a run as failed: `hubflow tasks mark-failed ")
    options = [line.split("  ")[1] for line in done.stdout.splitlines() if line.startswith("  -")]
    assert options[0] == "--map-index MAP_INDEX"
    assert options[-3:] == ["--home HOME", "--database-url DATABASE_URL", "--log-level LOG_LEVEL"]
    assert {"-n, --dry-run", "-y, --yes"} < set(options)


def test_help_of_a_group_lists_its_commands() -> None:
    done = run("pools", "--help")
    assert "\n  set  " in done.stdout
    assert "`hubflow pools COMMAND --help`" in done.stdout


def test_home_without_a_database_is_named_with_what_to_do(tmp_path: Path) -> None:
    done = run("dags", "list", f"--home={tmp_path / 'nothing'}")
    assert done.returncode == 1
    assert str(tmp_path / "nothing") in done.stderr
    assert "--home" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("args", [("--help-all",), ("--version",), ("dags", "--help")])
def test_reader_that_leaves_is_no_error(args: tuple[str, ...]) -> None:
    """As after `| head`: whoever reads is gone before we write."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*HUBFLOW, *args], stdout=writer, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")
