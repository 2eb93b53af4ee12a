"""Commands that try a task, tell of DAGs, and of hubflow itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

import factories as make
import hubflow
from hubflow.config import Core
from hubflow.db.engine import Database
from hubflow.db.queries import xcom_store
from hubflow.questions import XComItem

Run = Callable[..., "subprocess.CompletedProcess[str]"]
FILE = """
from datetime import datetime
from hubflow import DAG, Variable
from hubflow.operators import BashOperator, PythonOperator

with DAG("etl", start_date=datetime(2026, 1, 1), schedule="@daily") as dag:
    fails = PythonOperator(task_id="fails", python_callable=lambda: 1 / 0)
    loads = BashOperator(task_id="loads", bash_command="echo {{ ds }} {{ params.n }}",
                         params={"n": 7})
    wrong = BashOperator(task_id="wrong", bash_command="echo {{ nothing.at.all }}")
    fails >> loads >> wrong
"""


@pytest.fixture
def run(core: Core, database: Database) -> Run:
    """Run a command as a person does, on a home with the DAG `etl`."""
    core.paths.make()
    (core.paths.dags / "etl.py").write_text(FILE)
    due = datetime(2026, 11, 2, tzinfo=UTC)
    with database.write() as session:
        definition = make.serialized(
            "etl", {"fails": ["loads"], "loads": []}, schedule=make.cron("0 0 * * *")
        )
        make.make_dag(session, "etl", definition=definition, next_execution_date=due)
        make.make_dag(session, "manual")
        past = datetime(2026, 1, 1, tzinfo=UTC)
        off = make.serialized("off", schedule=make.cron("0 0 * * *"), start_date=past)
        make.make_dag(session, "off", definition=off, is_paused=True)
        make.make_failure(session)

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "hubflow", *words, "--home", core.home],
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_one_task_is_tested_whatever_it_depends_on(run: Run) -> None:
    done = run("tasks", "test", "etl", "loads", "2026-11-01")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "loads: success"), done.stderr
    assert "2026-11-01 7" in done.stdout + done.stderr
    failed = run("tasks", "test", "etl", "fails")
    assert (failed.returncode, "ZeroDivisionError" in failed.stderr) == (1, True)
    missing = run("tasks", "test", "etl", "other")
    assert (missing.returncode, "'other'" in missing.stderr, "Traceback" in missing.stderr) == (
        1,
        True,
        False,
    ), missing.stderr


MAPPED = """
from datetime import datetime
from airflow.decorators import dag, task

@dag(dag_id="fan", start_date=datetime(2026, 1, 1), schedule=None)
def fan():
    @task
    def numbers():
        return 7

    @task
    def double(n):
        return n * 2

    double.override(task_id="wrong").expand(n=numbers())
    double.expand(n=[1, 2])

fan()
"""


def test_what_is_wrong_with_a_mapping_is_said_in_words(
    run: Run, core: Core, database: Database
) -> None:
    (core.paths.dags / "fan.py").write_text(MAPPED)
    with database.write() as session:
        make.make_dag(session, "fan")
    for index, words in {
        (): "is mapped: say by its map index which instance is meant",
        ("--map-index=5",): "5",
    }.items():
        done = run("tasks", "test", "fan", "double", *index)
        assert (done.returncode, words in done.stderr) == (1, True), done.stderr
        assert "Traceback" not in done.stderr
    assert run("tasks", "test", "fan", "double", "--map-index=1").returncode == 0
    whole = run("dags", "test", "fan")
    assert "wrong cannot be mapped: only a list or a dict can be mapped over, not int" in (
        whole.stdout
    )
    assert (whole.returncode, "Traceback" in whole.stderr) == (1, False)
    assert "wrong: failed" in whole.stdout.splitlines()


SEES = """
from datetime import datetime
from hubflow import DAG
from hubflow.operators import PythonOperator

with DAG("sees", start_date=datetime(2026, 1, 1), schedule=None) as dag:
    numbers = PythonOperator(task_id="numbers", python_callable=lambda: [1])
    PythonOperator.partial(
        task_id="each", python_callable=lambda n, ti, dag_run: print("GOT", n, dag_run.conf)
    ).expand(op_args=numbers.output.map(lambda n: [n]))
    PythonOperator(task_id="says", op_args=["{{ run_id }} {{ dag_run.conf.a }}"],
                   python_callable=lambda text, ti: print("GOT", text, ti.xcom_pull("numbers")))
"""


def test_a_task_sees_the_run_that_is_there_at_its_date(
    run: Run, core: Core, database: Database
) -> None:
    (core.paths.dags / "sees.py").write_text(SEES)
    date = datetime(2026, 11, 20, tzinfo=UTC)
    with database.write() as session:
        dag = make.make_dag(session, "sees")
        there = make.make_run(session, dag, execution_date=date, run_id="r1", conf={"a": 5})
        owner = make.make_task_instance(session, there, "numbers").id
        item = XComItem(key="return_value", encoding="json", data=b"[7, 8]", text="", length=2)
        xcom_store.put(session, [(owner, item)], date)
    tested = run("tasks", "test", "sees", "says", "2026-11-20")
    assert "GOT r1 5 [7, 8]\n" in tested.stdout, tested.stderr
    second = run("tasks", "test", "sees", "each", "2026-11-20", "--map-index=1", "-c", '{"b": 1}')
    assert "GOT 8 {'a': 5, 'b': 1}\n" in second.stdout, second.stderr
    for name in ("2026-11-20", "r1"):
        rendered = run("tasks", "render", "sees", "says", name)
        assert "r1 5" in rendered.stdout, rendered.stderr
    missing = run("tasks", "render", "sees", "says", "r2")
    assert (missing.returncode, "DAG 'sees' has no run 'r2'" in missing.stderr) == (1, True)
    elsewhen = run("tasks", "test", "sees", "says", "2026-11-21")
    assert "GOT test__2026-11-21T00:00:00+00:00  None\n" in elsewhen.stdout, elsewhen.stderr


def test_template_fields_are_rendered_without_running_anything(run: Run) -> None:
    done = run("tasks", "render", "etl", "loads", "2026-11-01")
    assert done.stdout == "# bash_command\necho 2026-11-01 7\n\n", done.stderr
    wrong = run("tasks", "render", "etl", "wrong")
    assert (wrong.returncode, "'nothing' is undefined" in wrong.stderr) == (1, True)


def test_dags_tell_what_is_next_and_how_they_were_read(run: Run) -> None:
    dates = run("dags", "next-execution", "etl", "-n", "2").stdout.split()
    assert dates == ["2026-11-02T00:00:00+00:00", "2026-11-03T00:00:00+00:00"]
    off = run("dags", "next-execution", "off", "-n", "2")
    assert (off.returncode, "off is off" in off.stderr) == (0, True)
    first, second = map(datetime.fromisoformat, off.stdout.split())
    assert second - first == timedelta(days=1)
    none = run("dags", "next-execution", "manual")
    assert (none.returncode, "no run of manual is due" in none.stderr) == (1, True)
    assert "dag_run_id" in run("dags", "list-runs", "etl").stdout
    assert "timezone: UTC" in run("dags", "details", "etl").stdout
    report = run("dags", "report").stdout
    assert "broken.py" in report
    assert "etl.py" in report


def test_hubflow_tells_of_itself(run: Run, core: Core) -> None:
    assert run("version").stdout == f"{hubflow.__version__}\n"
    assert core.home in run("info").stdout
    assert run("completion", "tcsh").returncode == 2
    unknown = run("dags", "trigger", "manual", "--run_id=mine")
    assert (unknown.returncode, "no option --run_id;" in unknown.stderr) == (2, True)
    assert "takes no arguments" in run("version", "extra").stderr


def test_completion_knows_the_words_of_each_command(run: Run) -> None:
    script = run("completion", "bash").stdout
    ask = (
        script
        + """
complete_words() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _hubflow; echo "${COMPREPLY[@]}"; }
complete_words hubflow dags tri
complete_words hubflow dags trigger etl --run
complete_words hubflow --home /x tasks sta
"""
    )
    done = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["trigger", "--run-id", "state states-for-dag-run"]
    assert "complete -F _hubflow hubflow" in run("completion", "zsh").stdout
    assert "-a trigger -d 'Start a run of a DAG." in run("completion", "fish").stdout
