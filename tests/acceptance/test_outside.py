"""People change runs while they run: clear, mark, backfill, and kill -9 in the middle."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from acceptance.test_crash import is_alive
from engine import Engine
from hubflow.db import orm
from hubflow.states import RunState, TaskState

SOURCE = """
from datetime import datetime, timedelta
from pathlib import Path
from hubflow import DAG
from hubflow.operators import BashOperator, PythonOperator

FLAG = Path({flag!r})

def load():
    if not FLAG.exists():
        raise ValueError("no data")

with DAG("etl", schedule_interval=None, start_date=datetime(2026, 1, 1),
         is_paused_upon_creation=False) as etl:
    extract = BashOperator(task_id="extract", bash_command="echo got it")
    extract >> PythonOperator(task_id="load", python_callable=load) >> BashOperator(
        task_id="report", bash_command="echo done")

with DAG("slow", schedule_interval=None, start_date=datetime(2026, 1, 1),
         is_paused_upon_creation=False) as slow:
    sleep = BashOperator(task_id="sleep", bash_command="test -e {flag} || exec sleep 60")
    sleep >> BashOperator(task_id="after", bash_command="true")

with DAG("daily", schedule_interval="@daily", start_date=datetime(2026, 6, 1), catchup=False,
         max_active_runs=2) as daily:
    BashOperator(task_id="tick", bash_command="echo {{{{ ds }}}}")

with DAG("bad", schedule_interval="@daily", start_date=datetime(2026, 6, 1), catchup=False) as bad:
    BashOperator(task_id="tick", bash_command="test {{{{ ds }}}} != 2026-01-02")
"""


def write(engine: Engine) -> Path:
    flag = engine.paths.home / "flag"
    engine.write("dags.py", SOURCE.format(flag=str(flag)))
    engine.wait_for_dag("bad")
    return flag


def run(engine: Engine, *words: str) -> str:
    """Run a command that must succeed; returns what it said."""
    done = engine.hubflow(*words)
    assert done.returncode == 0, done.stderr + engine.logs()
    return done.stdout


def test_a_failed_task_is_cleared_once_the_run_is_over(engine: Engine) -> None:
    flag = write(engine)
    engine.hubflow("dags", "trigger", "etl", "--run-id", "r", "--wait")
    assert engine.wait_for_run("r").state is RunState.FAILED
    flag.touch()
    unasked = engine.hubflow("tasks", "clear", "etl", "-t", "load", "-d")
    assert (unasked.returncode, "load" in unasked.stderr) == (1, True)
    assert "2 task instances of 1 run" in run(
        engine, "tasks", "clear", "etl", "-t", "load", "-d", "-y"
    )
    assert engine.wait_for_run("r").state is RunState.SUCCESS
    tries = {(row.task_instance_id, row.try_number) for row in engine.rows(orm.TaskTry)}
    assert len(tries) == 4
    assert (next(engine.paths.logs.glob("etl/load/*")) / "2.log").exists()
    assert run(engine, "tasks", "state", "etl", "load", "r") == "success\n"
    nothing = engine.hubflow("tasks", "clear", "etl", "-f", "-y")
    assert (nothing.returncode, "No task instances" in nothing.stderr) == (0, True)


def test_a_running_task_is_ended_and_runs_again(engine: Engine) -> None:
    flag = write(engine)
    engine.hubflow("dags", "trigger", "slow", "--run-id", "r")
    first = engine.wait_for_start()
    flag.touch()
    run(engine, "tasks", "clear", "slow", "-t", "sleep", "-y")
    assert engine.wait_for_run("r").state is RunState.SUCCESS
    assert not is_alive(first.pid)
    tries = [(row.state, row.error) for row in engine.rows(orm.TaskTry)]
    assert tries[0][0] is TaskState.FAILED
    assert "cleared" in tries[0][1]
    assert [state for state, _ in tries[1:]] == [TaskState.SUCCESS] * 2


def test_marking_a_running_task_as_success_ends_its_process(engine: Engine) -> None:
    write(engine)
    engine.hubflow("dags", "trigger", "slow", "--run-id", "r")
    first = engine.wait_for_start()
    run(engine, "tasks", "mark-success", "slow", "sleep", "r", "-y")
    assert engine.wait_for_run("r").state is RunState.SUCCESS
    engine.wait_for(lambda: not is_alive(first.pid), "the end of the process")
    assert engine.find(orm.TaskTry, orm.TaskTry.pid == first.pid).state is TaskState.SUCCESS


def test_the_scheduler_dies_between_a_clear_and_its_kill(engine: Engine) -> None:
    flag = write(engine)
    engine.hubflow("dags", "trigger", "slow", "--run-id", "r")
    first = engine.wait_for_start()
    engine.kill("scheduler")
    flag.touch()
    run(engine, "tasks", "clear", "slow", "-t", "sleep", "-y")
    assert is_alive(first.pid)
    engine.start("scheduler")
    assert engine.wait_for_run("r").state is RunState.SUCCESS
    assert not is_alive(first.pid)
    assert len(engine.rows(orm.TaskTry)) == 3


def test_the_scheduler_dies_again_and_again_while_runs_are_cleared(engine: Engine) -> None:
    flag = write(engine)
    engine.hubflow("dags", "trigger", "etl", "--run-id", "r", "--wait")
    flag.touch()
    for _ in range(4):
        clear = [sys.executable, "-m", "hubflow", "runs", "clear", "etl", "r", "-y"]
        clearing = subprocess.Popen(
            [*clear, "--home", str(engine.paths.home)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        engine.kill("scheduler")
        engine.start("scheduler")
        assert clearing.wait(60) == 0
    done = engine.wait_for_run("r")
    assert done.state is RunState.SUCCESS
    assert done.task_counts == {"success": 3}
    for task in engine.rows(orm.TaskInstance):
        tries = engine.rows(orm.TaskTry, orm.TaskTry.task_instance_id == task.id)
        assert [row.try_number for row in tries][-1:] == [task.try_number]
        assert tries[-1].state is TaskState.SUCCESS


def test_a_deleted_run_leaves_no_process(engine: Engine) -> None:
    write(engine)
    engine.hubflow("dags", "trigger", "slow", "--run-id", "r")
    first = engine.wait_for_start()
    run(engine, "runs", "delete", "slow", "r", "-y")
    engine.wait_for(lambda: not is_alive(first.pid), "the end of the process")
    assert not engine.rows(orm.DagRun)
    assert engine.hubflow("runs", "state", "slow", "r").returncode == 1


def test_a_backfill_of_five_days_of_a_paused_dag(engine: Engine) -> None:
    write(engine)
    words = ("backfill", "create", "daily", "-s", "2026-01-01", "-e", "2026-01-05")
    planned = json.loads(run(engine, *words, "--dry-run", "-o", "json"))
    assert [item["action"] for item in planned] == ["create"] * 5
    done = engine.hubflow(*words, "--wait", "-o", "json")
    assert done.returncode == 0, done.stderr + engine.logs()
    assert "5 of 5 runs done, 0 failed" in done.stderr
    (row,) = json.loads(done.stdout)
    assert (row["state"], row["done"]) == ("success", 5)
    dates = [task.start_date for task in engine.rows(orm.TaskInstance)]
    assert len(dates) == 5
    log = (next(engine.paths.logs.glob("daily/tick/2026-01-03*")) / "1.log").read_text()
    assert "2026-01-03" in log
    assert json.loads(run(engine, "backfill", "list", "-o", "json"))[0]["total"] == 5


def test_a_backfill_that_fails_is_a_failing_command(engine: Engine) -> None:
    write(engine)
    words = ("backfill", "create", "bad", "-s", "2026-01-01", "-e", "2026-01-03")
    done = engine.hubflow(*words, "--wait")
    assert done.returncode == 1
    assert "2 succeeded, 1 failed" in done.stderr
    assert "failed: backfill__2026-01-02" in done.stderr
    asks = engine.hubflow(*words, "--reset-dagruns")
    assert (asks.returncode, "--yes" in asks.stderr) == (1, True)
    shown = engine.hubflow("backfill", "show", "1")
    assert (shown.returncode, "backfill__2026-01-02" in shown.stderr) == (0, True)
    assert engine.hubflow("backfill", "cancel", "7").returncode == 1


def test_versions_and_what_differs(engine: Engine) -> None:
    flag = write(engine)
    text = SOURCE.format(flag=str(flag)).replace('"echo done"', '"echo finished"')
    engine.write("dags.py", text)
    engine.wait_for(
        lambda: len(engine.rows(orm.DagVersion, orm.DagVersion.number == 2)) == 4, "version 2"
    )
    listed = json.loads(run(engine, "dags", "versions", "etl", "-o", "json"))
    assert [row["version_number"] for row in listed] == [2, 1]
    shown = run(engine, "dags", "diff", "etl")
    assert "~ task report: fields" in shown
    assert 'bash_command="echo finished"' in shown
    assert run(engine, "tasks", "list", "etl", "--tree").splitlines() == [
        "extract",
        "    load",
        "        report",
    ]


def test_one_task_runs_now_or_says_why_not(engine: Engine) -> None:
    flag = write(engine)
    engine.hubflow("dags", "trigger", "etl", "--run-id", "r", "--wait")
    flag.touch()
    refused = engine.hubflow("tasks", "run", "etl", "report", "r")
    assert (refused.returncode, "Trigger Rule" in refused.stderr) == (1, True)
    run(engine, "tasks", "run", "etl", "load", "r", "--force")
    engine.wait_for(lambda: engine.find(orm.TaskTry, orm.TaskTry.try_number == 2), "the second try")
    engine.wait_for_run("r")
    states = json.loads(run(engine, "tasks", "states-for-dag-run", "etl", "r", "-o", "json"))
    assert [row["state"] for row in states] == ["success", "success", "upstream_failed"]
