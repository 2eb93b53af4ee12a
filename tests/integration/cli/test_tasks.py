"""`hubflow tasks …` on a database of this machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from traitlets.config import Application

import factories as make
from hubflow.cli.main import Main
from hubflow.config import Core
from hubflow.db import orm
from hubflow.db.engine import Database
from hubflow.serialization.model import SerializedDag, SerializedTask
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


@pytest.fixture
def days(core: Core, database: Database) -> None:
    """A DAG with three runs, of which every task has failed."""
    with database.write() as session:
        dag = make.make_dag(session, "daily")
        for day in (1, 2, 3):
            states = {"extract": TaskState.FAILED, "load": TaskState.FAILED}
            at = datetime(2026, 11, day, tzinfo=UTC)
            make.make_run(
                session,
                dag,
                state=RunState.FAILED,
                run_id=f"d{day}",
                execution_date=at,
                tasks=states,
            )


@pytest.mark.usefixtures("days")
@pytest.mark.parametrize(
    ("words", "count", "named"),
    [
        (["clear", "daily", "--run-id", "d2", "-t", "load"], "1 task instance of 1 run", ["d2"]),
        (["clear", "daily", "--run-id", "2026-11-03"], "2 task instances of 1 run", ["d3"]),
        (["clear", "daily", "--run-id", "d2", "--past"], "4 task instances of 2 runs", ["d1"]),
        (["clear", "daily", "--run-id", "d2", "--future"], "4 task instances of 2 runs", ["d3"]),
        (["mark-success", "daily", "load", "d2"], "1 task instance of 1 run", ["load d2"]),
        (["mark-success", "daily", "load", "d2", "-u"], "2 task instances of 1 run", ["extract"]),
        (["mark-success", "daily", "load", "d1", "--future"], "3 task instances of 3 runs", ["d3"]),
    ],
)
def test_a_dry_run_lists_what_would_be_touched(
    run: Run, capsys: pytest.CaptureFixture[str], words: list[str], count: str, named: list[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run("tasks", *words, "--dry-run")
    printed = capsys.readouterr().out
    assert ended.value.code == 0
    assert count in printed.splitlines()[0]
    for words_of_row in named:
        assert words_of_row in printed
    run("tasks", "state", "daily", "load", "d2")
    assert capsys.readouterr().out == "failed\n"


@pytest.mark.usefixtures("days")
def test_what_runs_again_below_a_mark_is_told_apart(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        run("tasks", "mark-success", "daily", "extract", "d2", "-n")
    assert capsys.readouterr().out == (
        "would mark as success 2 task instances of 1 run, of which 1 runs again\n"
        "  daily extract d2 (failed)\n"
        "  daily load d2 (failed) runs again\n"
    )


@pytest.fixture
def many(days: None, database: Database) -> None:
    """Beside `daily`, DAGs whose ids have an end in common."""
    with database.write() as session:
        for name in ("eu_sales", "us_sales"):
            states = {"extract": TaskState.FAILED, "load": TaskState.SUCCESS}
            dag = make.make_dag(session, name)
            make.make_run(session, dag, state=RunState.FAILED, run_id=f"of_{name}", tasks=states)


def marking(dag_id: str, other: str) -> SerializedDag:
    """A DAG whose only task marks that of another DAG, which may mark none in turn."""
    task = SerializedTask(
        task_id="mark",
        operator="ExternalTaskMarker",
        fields={
            "external_dag_id": other,
            "external_task_id": "mark",
            "execution_date": make.EPOCH.isoformat(),
            "recursion_depth": "1",
        },
    )
    return SerializedDag(dag_id=dag_id, path=f"{dag_id}.py", tasks=(task,))


def states_of(database: Database, task_id: str) -> dict[str, str]:
    with database.read() as session:
        rows = session.execute(
            select(orm.DagRun.run_id, orm.TaskInstance.state)
            .join(orm.DagRun, orm.DagRun.id == orm.TaskInstance.dag_run_id)
            .where(orm.TaskInstance.task_id == task_id)
        )
        return {run_id: state.value for run_id, state in rows}


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("flag", ["-dx", "-R", "--dag-regex"])
def test_all_dags_that_a_pattern_matches_are_cleared(
    run: Run, database: Database, capsys: pytest.CaptureFixture[str], flag: str
) -> None:
    words = ["tasks", "clear", flag, "_sales$", "-t", "extract"]
    with pytest.raises(SystemExit):
        run(*words, "-n")
    assert capsys.readouterr().out == (
        "would clear 2 task instances of 2 runs\n"
        "  eu_sales extract of_eu_sales (failed) runs again\n"
        "  us_sales extract of_us_sales (failed) runs again\n"
    )
    run(*words, "-y")
    assert capsys.readouterr().out == "cleared 2 task instances of 2 runs\n"
    states = states_of(database, "extract")
    assert {name for name, state in states.items() if state == "none"} - {"r"} == {
        "of_eu_sales",
        "of_us_sales",
    }
    with database.read() as session:
        (audit,) = session.scalars(select(orm.AuditEvent))
        assert json.loads(audit.extra or "")["dag_ids"] == ["eu_sales", "us_sales"]


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["nowhere"], 1, "no DAG has an id in which 'nowhere' is found"),
        (["(_sales"], 2, "'(_sales' is no regular expression"),
        (["_sales", "--run-id", "never"], 1, "none of eu_sales, us_sales has a run 'never'"),
        (["_sales", "--past"], 2, "--past and --future need --run-id"),
    ],
)
def test_a_pattern_that_leads_nowhere_is_an_error(
    run: Run, capsys: pytest.CaptureFixture[str], words: list[str], status: int, said: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        run("tasks", "clear", "-dx", *words, "-y")
    assert ended.value.code == status
    assert said in capsys.readouterr().err


@pytest.mark.usefixtures("many")
def test_dags_without_the_named_run_are_left_out(run: Run, database: Database) -> None:
    run("tasks", "clear", "-dx", ".", "--run-id", "of_eu_sales", "-y")
    states = states_of(database, "load")
    assert states.pop("of_eu_sales") == "none"
    assert states == {"r": "none", "d1": "failed", "d2": "failed", "d3": "failed"} | {
        "of_us_sales": "success"
    }


@pytest.mark.usefixtures("many")
def test_no_dag_is_cleared_when_one_cannot_be(
    run: Run, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    before = states_of(database, "extract")
    with database.write() as session:
        for name, other in (("us_sales_first", "second"), ("second", "third"), ("third", "")):
            dag = make.make_dag(session, name, definition=marking(name, other))
            make.make_run(session, dag, tasks={"mark": TaskState.SUCCESS})
    with pytest.raises(SystemExit) as ended:
        run("tasks", "clear", "-dx", "_sales", "-y")
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert "the DAG 'us_sales_first' cannot be cleared, and so none was: Maximum recursion" in said
    assert states_of(database, "extract") == before


def test_past_and_future_start_from_a_run(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run("tasks", "clear", "etl", "--past", "-y")
    assert ended.value.code == 2
    assert "--past and --future need --run-id" in capsys.readouterr().err


def test_one_instance_of_a_mapped_task_is_marked(
    run: Run, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    with database.write() as session:
        row = session.scalars(select(orm.DagRun)).one()
        load = session.scalars(
            select(orm.TaskInstance).where(orm.TaskInstance.task_id == "load")
        ).one()
        load.map_index = 0
        session.flush()
        make.make_task_instance(session, row, "load").map_index = 1
    for verb in ("state", "failed-deps", "run"):
        with pytest.raises(SystemExit) as ended:
            run("tasks", verb, "etl", "load", "r")
        assert ended.value.code == 2
        said = capsys.readouterr().err
        assert "load has 2 instances in this run: say which with --map-index" in said
    run("tasks", "mark-failed", "etl", "load", "r", "--map-index", "1", "-y")
    assert "changed 1 task instance of 1 run" in capsys.readouterr().out
    for index, state in ((0, "none"), (1, "failed")):
        run("tasks", "state", "etl", "load", "r", "--map-index", str(index))
        assert capsys.readouterr().out == f"{state}\n"


def test_a_run_is_marked_only_when_told_so(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run("runs", "mark-failed", "etl", "r", "-n")
    assert "would mark as failed the run r with" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        run("runs", "mark-failed", "etl", "r")
    assert "say --yes" in capsys.readouterr().err
    run("runs", "mark-failed", "etl", "r", "-y")
    assert capsys.readouterr().out == "r is failed\n"
