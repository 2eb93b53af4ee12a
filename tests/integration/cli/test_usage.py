"""Commands that are misused say in one line what they take, and do nothing: exit status 2."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import factories as make
from command import Command
from hubflow.cli.main import Main
from hubflow.cli.tree import walk
from hubflow.config import Core
from hubflow.db.engine import Database
from hubflow.services import key_rotation

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def hubflow(core: Core, database: Database, capsys: pytest.CaptureFixture[str]) -> Command:
    with database.write() as session:
        make.make_dag(session, "maps")
    return Command(core, capsys)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("dags show", "hubflow dags show: name a DAG id, not nothing"),
        ("dags show a b", "hubflow dags show: name a DAG id, not 'a' 'b'"),
        ("dags test", "name a DAG id, and if you like an execution date, not nothing"),
        ("dags check a b", "name if you like a folder or file, not 'a' 'b'"),
        ("db rotate-key extra", "hubflow db rotate-key: this takes no arguments, not 'extra'"),
        ("dags list -o xml", "hubflow dags list: --output must be table, json or yaml, not 'xml'"),
        ("runs list --limit=0", "--limit must be a whole number from 1 up to 1000, not '0'"),
        ("runs list --limit x", "--limit must be a whole number from 1 up to 1000, not 'x'"),
        ("runs list --limit", "hubflow runs list: --limit: expected one argument"),
        ("runs list --state=odd", "no run is ever 'odd'"),
        ("dags list --nope", "hubflow dags list: there is no option --nope; `hubflow dags list --"),
        ("dags list --nope=3", "hubflow dags list: there is no option --nope"),
        ("dags list -q", "hubflow dags list: there is no option -q"),
        ("pools delete p -o json", "hubflow pools delete: there is no option -o; "),
        ("dags trigger x -e soon", "'soon' is no ISO 8601 date"),
        ("dags trigger x -e 0001-01-01T00:00+05:00", "is no ISO 8601 date"),
        ("dags test maps 0001-01-01", "'0001-01-01' must lie between 1900 and 9000"),
        ("dags test maps 9999-12-31", "'9999-12-31' must lie between 1900 and 9000"),
        ("dags trigger x -c {", "--conf is no JSON"),
        ("dags trigger x -c [1]", "--conf must be a JSON object, not a list"),
        ("tasks clear x -t (", "'(' is no regular expression"),
        ("pools set db many", "slots must be a whole number, not 'many'"),
        ("backfill create maps", "hubflow backfill create: -s and -e are missing"),
        ("backfill create maps -s 2026-01-02 -e 2026-01-01", "-e is before -s; swap them"),
        ("backfill show x", "'x' is no number of a backfill"),
        ("dags diff x one", "'one' is no version number"),
        ("completion tcsh", "not for 'tcsh'"),
        ("config get-value Core", "name a section and a key"),
        ("config list --Scheduler.parallelismm=3", "did you mean parallelism?"),
        ("config list --Schedular.parallelism=3", "did you mean Scheduler?"),
        ("config list --Scheduler.parallelism=x", "--Scheduler.parallelism must be a whole number"),
    ],
)
def test_misuse_is_told_in_one_line(hubflow: Command, line: str, said: str) -> None:
    done = hubflow(*line.split())
    assert (done.status, done.out, len(done.err.splitlines())) == (2, "", 1), done
    assert said in done.err


def test_surplus_words_never_start_a_command(
    hubflow: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rotate(*args: object) -> None:
        raise AssertionError("the key was changed")

    monkeypatch.setattr(key_rotation, "rotate", rotate)
    leaves = [one.words[1:] for one in walk(Main, ("hubflow",)) if not one.children]
    leaves.remove(("service",))  # becomes another program, which is a command like these
    assert ("db", "rotate-key") in leaves
    for words in leaves:
        done = hubflow(*words, *"abcdefgh")
        assert (done.status, done.out) == (2, ""), words


def test_failures_are_another_status(hubflow: Command) -> None:
    for words in (("dags", "show", "absent"), ("pools", "get", "absent"), ("db", "downgrade", "0")):
        assert hubflow(*words).status == 1


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("dags", "list", "--database-url=garbage:hunter2"), 1, "database_url is no URL"),
        (("dags", "list", "--database-url=postgresql+nope://x"), 1, "names 'postgresql+nope'"),
        (("db", "downgrade", "nope", "--yes"), 1, "no revision is 'nope'; there are base, 0001"),
        (("dags", "trigger", "x", "-c", '{"a":' * 50_000), 2, "one in another"),
    ],
)
def test_what_cannot_be_is_one_line_and_no_traceback(
    hubflow: Command, words: tuple[str, ...], status: int, said: str
) -> None:
    done = hubflow(*words)
    assert (done.status, len(done.err.splitlines())) == (status, 1), done.err
    assert said in done.err
    assert "hunter2" not in done.err


def test_dropping_all_tables_wants_a_yes(hubflow: Command, database: Database) -> None:
    refused = hubflow("db", "downgrade", "base")
    assert (refused.status, "--yes" in refused.err) == (1, True)
    assert hubflow("db", "check").status == 0
    assert hubflow("db", "downgrade", "base", "--yes").status == 0
    assert hubflow("db", "check").status == 1


def test_dates_in_a_yaml_file_of_variables_are_text(hubflow: Command, tmp_path: Path) -> None:
    file = tmp_path / "variables.yaml"
    file.write_text("day: 2026-11-26\nwhen: {from: 2026-11-26T06:00:00Z}\n")
    assert hubflow("variables", "import", str(file)).status == 0
    assert hubflow("variables", "get", "day").out == "2026-11-26\n"
    assert "2026-11-26T06:00:00Z" in hubflow("variables", "get", "when").out


@pytest.mark.parametrize(
    ("target", "encoding", "status", "said"),
    [
        ("/dev/full", "utf-8", 1, "hubflow: the output cannot be written: No space left"),
        ("/dev/null", "ascii", 0, ""),
    ],
)
def test_output_that_cannot_be_written_is_one_line(
    core: Core, target: str, encoding: str, status: int, said: str
) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    command = [sys.executable, "-P", "-m", "hubflow"]
    home = f"--home={core.home}"
    subprocess.run([*command, "variables", "set", "k", "é", home], check=True, capture_output=True)
    with open(target, "w") as out:
        done = subprocess.run(
            [*command, "variables", "list", home],
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            check=False,
        )
    assert done.returncode == status
    assert done.stderr.startswith(said)
    assert len(done.stderr.splitlines()) == bool(said)
