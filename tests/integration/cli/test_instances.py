"""Commands about runs and instances: which version, which map index."""

from __future__ import annotations

import json

import pytest

import factories as make
from command import Command
from hubflow.config import Core
from hubflow.db.engine import Database
from hubflow.serialization.model import Mapped, Schedule, SerializedDag, SerializedTask
from hubflow.states import RunState, TaskState

STATES = (TaskState.SUCCESS, TaskState.FAILED)


@pytest.fixture
def hubflow(core: Core, database: Database, capsys: pytest.CaptureFixture[str]) -> Command:
    """Commands on a home with a run `r` of a mapped task with two instances."""
    task = SerializedTask(task_id="use", operator="PythonOperator", mapped=Mapped())
    definition = SerializedDag(dag_id="maps", path="maps.py", tasks=(task,))
    with database.write() as session:
        dag = make.make_dag(session, "maps", definition=definition)
        run = make.make_run(session, dag, state=RunState.FAILED, run_id="r")
        for index, state in enumerate(STATES):
            make.make_task_instance(session, run, "use", state=state).map_index = index
    return Command(core, capsys)


def test_instances_are_told_apart(hubflow: Command) -> None:
    rows = json.loads(hubflow("tasks", "states-for-dag-run", "maps", "r", "-o", "json").out)
    assert [(row["map_index"], row["state"]) for row in rows] == [(0, "success"), (1, "failed")]
    assert "map_index" in hubflow("tasks", "states-for-dag-run", "maps", "r").out


def test_one_instance_is_meant_by_its_index(hubflow: Command) -> None:
    line = ("tasks", "state", "maps", "use", "r")
    assert hubflow(*line, "--map-index=0").out == "success\n"
    assert hubflow(*line, "--map-index=1").out == "failed\n"
    missing = hubflow(*line, "--map-index=9")
    assert (missing.status, "no instance 9 in run" in missing.err) == (1, True)
    ran = hubflow("tasks", "run", "maps", "use", "r", "-A", "--map-index=1")
    assert ran.out == "maps use [1] r is about to run\n", ran.err
    assert hubflow(*line, "--map-index=1").out == "scheduled\n"
    assert hubflow(*line, "--map-index=0").out == "success\n"


def test_a_run_says_of_which_version_it_is(hubflow: Command) -> None:
    assert "dag_version: 1\n" in hubflow("runs", "show", "maps", "r").out
    (row,) = json.loads(hubflow("runs", "list", "maps", "-o", "json").out)
    assert row["dag_version"] == 1
    assert "dag_version" in hubflow("runs", "list").out


def test_a_dag_is_shown_with_its_warnings(
    core: Core, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    with database.write() as session:
        daily = Schedule(kind="cron", cron="0 6 * * *", text="0 6 * * *")
        odd = make.serialized("odd", schedule=daily, warnings=("argument 'colour' is not known",))
        make.make_dag(session, "odd", definition=odd)
    hubflow = Command(core, capsys)
    shown = hubflow("dags", "show", "odd").out
    assert "warning: argument 'colour' is not known\n" in shown
    assert '"value":"0 6 * * *"' in hubflow("dags", "details", "odd").out


def test_a_version_is_shown_with_its_source(hubflow: Command) -> None:
    shown = hubflow("dags", "version", "maps", "1")
    assert (shown.status, shown.out.startswith("# ")) == (0, True), shown
    assert "maps.py, version 1 of maps" in shown.err
    assert hubflow("dags", "version", "maps", "7").status == 1
    assert hubflow("dags", "version", "maps", "x").status == 2
    assert hubflow("dags", "diff", "maps", "1", "1", "-o", "yaml").out.startswith("- ")
