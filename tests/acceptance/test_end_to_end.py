"""From a DAG file on disk to a finished run, with the real processes."""

import json

from engine import Engine
from hubflow.db import orm
from hubflow.states import RunState, TaskState

GOOD = """
from datetime import datetime
from hubflow import DAG
from hubflow.operators import BashOperator, PythonOperator

def add(ti, **context):
    return int(ti.xcom_pull("count")) + context["dag_run"].conf.get("more", 0)

with DAG("good", schedule_interval=None, start_date=datetime(2026, 1, 1),
         is_paused_upon_creation=False) as dag:
    count = BashOperator(task_id="count", bash_command="echo one; echo 41")
    total = PythonOperator(task_id="total", python_callable=add)
    show = BashOperator(task_id="show", bash_command="echo {{ ti.xcom_pull('total') }} on {{ ds }}")
    count >> total >> show
"""

SCHEDULED = """
from datetime import datetime, timedelta
from hubflow import DAG
from hubflow.operators import BashOperator

with DAG("ticking", schedule_interval=timedelta(seconds=2), start_date=datetime(2026, 1, 1),
         catchup=False, is_paused_upon_creation=False) as dag:
    BashOperator(task_id="tick", bash_command="true")
"""

DAILY = """
from datetime import datetime
from hubflow import DAG
from hubflow.operators import BashOperator

with DAG("daily", schedule_interval="@daily", start_date=datetime(2026, 1, 1),
         end_date=datetime(2026, 1, 3), max_active_runs=1, is_paused_upon_creation=False) as dag:
    BashOperator(task_id="t", bash_command="echo {{ prev_execution_date_success | ds }}")
"""

FAILING = """
from datetime import datetime, timedelta
from hubflow import DAG
from hubflow.operators import PythonOperator

def fail_once(ti, **context):
    if ti.try_number == 1:
        raise ValueError("not today")

with DAG("failing", schedule_interval=None, start_date=datetime(2026, 1, 1),
         is_paused_upon_creation=False) as dag:
    once = PythonOperator(task_id="once", python_callable=fail_once, retries=1,
                          retry_delay=timedelta(seconds=0.2))
    always = PythonOperator(task_id="always", python_callable=lambda: 1 / 0)
    once >> always
"""


def test_a_dag_runs_and_its_values_travel(engine: Engine) -> None:
    engine.write("good.py", GOOD)
    engine.wait_for_dag("good")
    done = engine.hubflow(
        "dags", "trigger", "good", "--wait", "--conf", '{"more": 1}', "-o", "json"
    )
    assert done.returncode == 0, done.stderr + engine.logs()
    assert json.loads(done.stdout)[0]["state"] == "success"
    texts = {row.text for row in engine.rows(orm.XCom)}
    log = next(engine.paths.logs.glob("good/show/*/1.log")).read_text()
    assert {"'41'", "42"} <= texts
    assert "42 on " in log


def test_a_failing_run_is_a_failing_command(engine: Engine) -> None:
    engine.write("failing.py", FAILING)
    engine.wait_for_dag("failing")
    done = engine.hubflow("dags", "trigger", "failing", "--wait", "--run-id", "r")
    assert done.returncode == 1
    tries = [(row.try_number, row.state, row.error) for row in engine.rows(orm.TaskTry)]
    assert tries == [
        (1, TaskState.FAILED, "ValueError: not today"),
        (2, TaskState.SUCCESS, None),
        (1, TaskState.FAILED, "ZeroDivisionError: division by zero"),
    ]
    assert engine.wait_for_run("r").state is RunState.FAILED


def test_a_schedule_fires_without_anybody_there(engine: Engine) -> None:
    engine.write("ticking.py", SCHEDULED)
    runs = engine.wait_for(
        lambda: len(found := engine.rows(orm.DagRun)) >= 2 and found, "two scheduled runs"
    )
    assert all(run.run_id.startswith("scheduled__") for run in runs)
    assert (runs[1].execution_date - runs[0].execution_date).total_seconds() == 2


def test_a_run_knows_the_success_that_made_room_for_it(engine: Engine) -> None:
    engine.write("daily.py", DAILY)
    found = engine.wait_for(
        lambda: len(rows := engine.rows(orm.XCom)) == 3 and rows, "the results of three runs"
    )
    assert sorted(json.loads(row.data) for row in found) == ["2026-01-01", "2026-01-02", "None"]


def test_a_file_deleted_while_its_run_is_active_changes_nothing_for_it(engine: Engine) -> None:
    go = engine.paths.home / "go"
    engine.write("good.py", GOOD.replace("echo one", f"until test -e {go}; do sleep 0.05; done"))
    engine.wait_for_dag("good")
    engine.hubflow("dags", "trigger", "good", "--run-id", "r")
    engine.wait_for_start()
    (engine.paths.dags / "good.py").unlink()
    engine.wait_for(
        lambda: not engine.find(orm.Dag, orm.Dag.dag_id == "good").is_active, "the DAG's end"
    )
    go.touch()
    assert engine.wait_for_run("r").state is RunState.SUCCESS
    again = engine.hubflow("dags", "trigger", "good")
    assert again.returncode == 1
    assert "good" in again.stderr


def test_the_second_run_with_one_id_is_refused(engine: Engine) -> None:
    engine.write("good.py", GOOD)
    engine.wait_for_dag("good")
    assert engine.hubflow("dags", "trigger", "good", "--run-id", "r").returncode == 0
    second = engine.hubflow("dags", "trigger", "good", "--run-id", "r")
    assert second.returncode == 1
    assert "'r'" in second.stderr
    assert len(engine.rows(orm.DagRun)) == 1


def test_pause_holds_and_unpause_releases(engine: Engine) -> None:
    engine.write("good.py", GOOD)
    engine.wait_for_dag("good")
    assert engine.hubflow("dags", "pause", "good").returncode == 0
    engine.hubflow("dags", "trigger", "good", "--run-id", "r")
    assert engine.find(orm.DagRun).state is RunState.QUEUED
    assert engine.hubflow("dags", "unpause", "good").returncode == 0
    assert engine.wait_for_run("r").state is RunState.SUCCESS


def test_dags_test_runs_here_and_records_nothing(engine: Engine) -> None:
    engine.write("good.py", GOOD)
    engine.write("failing.py", FAILING)
    engine.wait_for_dag("good")
    engine.wait_for_dag("failing")
    good = engine.hubflow("dags", "test", "good", "2026-02-03")
    assert good.returncode == 0, good.stderr
    assert "41 on 2026-02-03" in good.stderr
    assert good.stdout.splitlines()[-1] == "show: success"
    assert engine.hubflow("dags", "test", "failing").returncode == 1
    assert not engine.rows(orm.DagRun)


def test_lists_speak_json_and_tables(engine: Engine) -> None:
    engine.write("good.py", GOOD)
    engine.wait_for_dag("good")
    engine.hubflow("dags", "trigger", "good", "--run-id", "r", "--wait")
    listed = json.loads(engine.hubflow("dags", "list", "-o", "json").stdout)
    assert [dag["dag_id"] for dag in listed] == ["good"]
    assert engine.hubflow("dags", "show", "good").stdout.count("BashOperator") == 2
    runs = json.loads(engine.hubflow("runs", "list", "good", "-o", "json").stdout)
    assert [(run["dag_run_id"], run["state"]) for run in runs] == [("r", "success")]
    assert engine.hubflow("dags", "list-import-errors").returncode == 0
    missing = engine.hubflow("dags", "show", "absent")
    assert missing.returncode == 1
    assert "no DAG is named 'absent'" in missing.stderr
