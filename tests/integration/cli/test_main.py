"""The `hubflow` command as a shell calls it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from traitlets.utils.importstring import import_item

from hubflow.cli.airflow_verbs import VERBS
from hubflow.cli.main import Main

HUBFLOW = (sys.executable, "-P", "-m", "hubflow")


def run(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*HUBFLOW, *args], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("args", [("bogus",), ("dags", "bogus")])
def test_unknown_command_is_named_with_those_that_there_are(args: tuple[str, ...]) -> None:
    done = run(*args)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no command 'bogus'; there are " in done.stderr
    assert ("list" if "dags" in args else "dags") in done.stderr


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("trigger_dag sales", "no command 'trigger_dag'; `hubflow dags trigger` does that"),
        ("dags backfill sales", "no command 'backfill'; `hubflow backfill create` does that"),
        ("users list", "no command 'users'; people and their groups are kept by JupyterHub"),
    ],
)
def test_a_command_of_airflow_is_told_its_name_here(words: str, hint: str) -> None:
    done = run(*words.split())
    assert (done.returncode, done.stdout) == (2, "")
    assert hint in done.stderr


@pytest.mark.parametrize("ours", sorted({ours for ours in VERBS.values() if ours}))
def test_commands_that_such_hints_name_are_there(ours: str) -> None:
    app: Any = Main
    for word in ours.removesuffix(" base").split():
        assert word in app.subcommands
        found = app.subcommands[word][0]
        app = import_item(found) if isinstance(found, str) else found


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
