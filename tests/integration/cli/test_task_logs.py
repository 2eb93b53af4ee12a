"""`hubflow tasks logs` prints what a try has written, and what it still writes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import update

import factories as make
from command import Command
from hubflow import tasklog
from hubflow.config import Core
from hubflow.db import orm
from hubflow.db.engine import Database
from hubflow.states import RunState, TaskState

LINE = ("tasks", "logs", "etl", "load", "r")


@pytest.fixture
def log(core: Core, database: Database) -> Path:
    """The log of the second try of a running task; that of the first has one line."""
    with database.write() as session:
        dag = make.make_dag(session)
        run = make.make_run(session, dag, state=RunState.RUNNING, run_id="r")
        instance = make.make_task_instance(session, run, "load", state=TaskState.RUNNING)
        instance.try_number = 2
        session.add(
            orm.TaskTry(task_instance_id=instance.id, try_number=2, state=TaskState.RUNNING)
        )
        date = run.execution_date
    first, second = (
        core.paths.logs / tasklog.relative_path("etl", "load", date, number) for number in (1, 2)
    )
    first.parent.mkdir(parents=True)
    first.write_text("one\n")
    second.write_text("two\n")
    return second


def test_the_last_try_is_meant_unless_another_is_named(
    core: Core, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hubflow = Command(core, capsys)
    assert hubflow(*LINE).out == "two\n"
    assert hubflow(*LINE, "--try=1").out == "one\n"
    missing = hubflow(*LINE, "--try=3")
    assert (missing.status, "has no try 3" in missing.err) == (1, True)
    assert hubflow(*LINE, "--try=0").status == 2


def test_a_try_that_wrote_nothing_says_why_it_ended(
    core: Core, database: Database, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log.unlink()
    hubflow = Command(core, capsys)
    assert hubflow(*LINE).out == ""
    failed = {"state": TaskState.FAILED, "error": "nothing to map over: …"}
    with database.write() as session:
        session.execute(update(orm.TaskTry).values(failed))
    said = "This try wrote no log. nothing to map over: …\n"
    assert hubflow(*LINE).out == said
    assert hubflow(*LINE, "--follow").out == said


def test_what_is_still_written_is_followed(core: Core, database: Database, log: Path) -> None:
    command = [sys.executable, "-P", "-m", "hubflow", *LINE, "--follow"]
    command += [f"--home={core.home}", f"--database-url={core.database_url}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as following:
        assert following.stdout is not None
        assert following.stdout.readline() == "two\n"
        with log.open("a") as file:
            file.write("three\n")
        assert following.stdout.readline() == "three\n"
        with database.write() as session:
            session.execute(update(orm.TaskTry).values(state=TaskState.SUCCESS))
        assert following.wait(30) == 0
