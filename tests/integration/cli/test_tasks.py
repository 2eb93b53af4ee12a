"""`hubflow tasks …` on a database of this machine."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from traitlets.config import Application

import factories as make
from hubflow.cli.main import Main
from hubflow.config import Core
from hubflow.db.engine import Database
from hubflow.states import RunState, TaskState

Run = Callable[..., None]


@pytest.fixture
def run(core: Core, database: Database) -> Run:
    """Run a command on a home with a DAG `etl` whose task `load` waits."""
    with database.write() as session:
        states = {"extract": TaskState.FAILED, "load": TaskState.NONE}
        dag = make.make_dag(session)
        make.make_run(session, dag, state=RunState.RUNNING, run_id="r", tasks=states)

    def run(*words: str) -> None:
        app: Application | None = Main()
        assert app is not None
        try:
            app.initialize([*words, "--home", core.home])
            app.start()
        finally:
            while app is not None:  # the next test makes others
                type(app).clear_instance()
                app = app.subapp

    return run


@pytest.mark.parametrize("name", ["r", "2026-11-01T06:00:00+00:00"])
def test_failed_deps_by_run_id_or_date(
    run: Run, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    run("tasks", "failed-deps", "etl", "load", name, "-o", "json")
    rows = {row["name"]: row["reason"] for row in json.loads(capsys.readouterr().out)}
    assert rows["Trigger Rule"] == "all_success does not hold: extract is failed"


def test_failed_deps_as_a_table(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run("tasks", "failed-deps", "etl", "load", "r")
    assert "Trigger Rule      all_success does not hold" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["etl", "load", "never"], "has no run 'never'"),
        (["etl", "other", "r"], "has no task 'other'"),
        (["etl"], "name a DAG id, then a task id, then a run id"),
    ],
)
def test_what_is_not_there_is_named(
    run: Run, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    with pytest.raises(SystemExit):
        run("tasks", "failed-deps", *words)
    assert message in capsys.readouterr().err
