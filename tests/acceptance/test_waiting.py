"""Sensors, deferred tasks, branches and master DAGs on real processes, also killed ones."""

from __future__ import annotations

from typing import Any

import psutil
import pytest

from engine import Engine
from hubflow.db import orm
from hubflow.states import RunState, TaskState
from web import serve

S = TaskState
HEAD = """
import os
from datetime import datetime, timedelta
from hubflow import DAG
from hubflow.operators import *

HOME = os.environ["HUBFLOW_HOME"]
COMMON = dict(schedule_interval=None, start_date=datetime(2026, 1, 1),
              is_paused_upon_creation=False)
"""
BRANCH = f"""{HEAD}
with DAG("branch", **COMMON) as dag:
    choose = BranchPythonOperator(task_id="choose", python_callable=lambda: ["left"])
    left, right = (BashOperator(task_id=name, bash_command="true") for name in ("left", "right"))
    join = DummyOperator(task_id="join", trigger_rule="none_failed_or_skipped")
    stop = ShortCircuitOperator(task_id="stop", python_callable=lambda: False)
    never = BashOperator(task_id="never", bash_command="true", trigger_rule="all_done")
    choose >> [left, right] >> join >> stop >> never
"""
POKES = f"""{HEAD}
def poke(ti):
    with open(f"{{HOME}}/pokes", "a") as file:
        file.write(f"{{ti.try_number}} {{ti.start_date}}\\n")
    return ti.leg == 2

with DAG("pokes", **COMMON) as dag:
    PythonSensor(task_id="wait", python_callable=poke, mode="reschedule", poke_interval=0.2)
"""
WAITS = f"""{HEAD}
def in_a_second():
    return datetime.utcnow() + timedelta(seconds=1)

with DAG("waits", user_defined_macros=dict(in_a_second=in_a_second), **COMMON) as dag:
    FileSensor(task_id="file", filepath=f"{{HOME}}/arrived", deferrable=True, poke_interval=0.1)
    FileSensor(task_id="late", filepath=f"{{HOME}}/never", deferrable=True, timeout=0.5)
    FileSensor(task_id="soft", filepath=f"{{HOME}}/never", deferrable=True, timeout=0.5,
               soft_fail=True) >> DummyOperator(task_id="after", trigger_rule="all_done")
    DateTimeSensorAsync(task_id="moment", target_time="{{{{ in_a_second() }}}}+00:00")
"""
CHECKS = f"""{HEAD}
from hubflow import Variable

def is_open(response):
    return response.text.strip() == "open"

def is_told(ds):
    return Variable.get("told", default_var="no") == "yes" and ds

with DAG("checks", **COMMON) as dag:
    HttpSensor(task_id="http", endpoint="door", response_check=is_open, deferrable=True,
               poke_interval=0.1)
    PythonSensor(task_id="python", python_callable=is_told, deferrable=True, poke_interval=0.1)
    BashSensor(task_id="bash", bash_command=f"test -e {{HOME}}/arrived", deferrable=True,
               poke_interval=0.1)
"""
MANY = f"""{HEAD}
def is_there():
    return os.path.exists(f"{{HOME}}/arrived")

with DAG("many", concurrency=200, **COMMON) as dag:
    for n in range(200):
        PythonSensor(task_id=f"t{{n}}", python_callable=is_there, deferrable=True, poke_interval=5)
"""
MASTER = f"""{HEAD}
def decide(context, dag_run_obj):
    dag_run_obj.payload = {{"who": "master"}}
    return dag_run_obj

def work(dag_run):
    assert dag_run.conf["who"] == "master", dag_run.conf
    assert os.path.exists(f"{{HOME}}/good"), "the child is bad"

with DAG("child", **COMMON) as child:
    PythonOperator(task_id="work", python_callable=work)

def part(parent, name):
    with DAG(f"{{parent}}.{{name}}", start_date=datetime(2026, 1, 1)) as dag:
        BashOperator(task_id="inner", bash_command="true")
    return dag

with DAG("master", **COMMON) as dag:
    run = DagOperator(task_id="run", run_dag_id="child", python_callable=decide)
    sub = SubDagOperator(task_id="sub", subdag=part("master", "sub"))
    seen = ExternalTaskSensor(task_id="seen", external_dag_id="child", external_task_id="work",
                              deferrable=True, check_existence=True)
    fired = TriggerDagRunOperator(task_id="fired", trigger_dag_id="master.sub",
                                  wait_for_completion=True)
    run >> seen >> sub >> fired

with DAG("lost", **COMMON) as lost:
    DagOperator(task_id="run", run_dag_id="no_such_dag")
"""


def begin(engine: Engine, source: str, dag_id: str, run_id: str = "r") -> None:
    engine.write(f"{dag_id}.py", source)
    engine.wait_for_dag(dag_id)
    assert engine.hubflow("dags", "trigger", dag_id, "--run-id", run_id).returncode == 0


def states(engine: Engine, run_id: str = "r") -> dict[str, TaskState]:
    run = engine.find(orm.DagRun, orm.DagRun.run_id == run_id)
    rows = engine.rows(orm.TaskInstance, orm.TaskInstance.dag_run_id == run.id)
    return {row.task_id: row.state for row in rows}


def instance(engine: Engine, task_id: str) -> Any:
    return engine.find(orm.TaskInstance, orm.TaskInstance.task_id == task_id)


def log(engine: Engine, dag_id: str, task_id: str) -> str:
    [file] = engine.paths.logs.glob(f"{dag_id}/{task_id}/*/1.log")
    return str(file.read_text())


def wait_until(engine: Engine, task_id: str, state: TaskState) -> None:
    engine.wait_for(
        lambda: (row := instance(engine, task_id)) and row.state is state, f"{task_id} {state}"
    )


def test_branches_and_short_circuits_skip_what_they_rule_out(engine: Engine) -> None:
    begin(engine, BRANCH, "branch")
    assert engine.wait_for_run("r").state is RunState.SUCCESS
    assert states(engine) == {
        "choose": S.SUCCESS,
        "left": S.SUCCESS,
        "right": S.SKIPPED,
        "join": S.SUCCESS,
        "stop": S.SUCCESS,
        "never": S.SKIPPED,
    }


def test_a_rescheduled_sensor_is_one_try_in_one_log(engine: Engine) -> None:
    begin(engine, POKES, "pokes")
    assert engine.wait_for_run("r").state is RunState.SUCCESS
    pokes = (engine.paths.home / "pokes").read_text().splitlines()
    assert len(pokes) == 3
    assert pokes[1] == pokes[2]  # the same try, begun at the same time
    [row] = engine.rows(orm.TaskTry)
    assert (row.try_number, row.state) == (1, S.SUCCESS)
    text = log(engine, "pokes", "wait")
    assert text.count("UP_FOR_RESCHEDULE") == 2
    assert "Marking task as SUCCESS" in text


@pytest.mark.parametrize("killed", ["nothing", "scheduler", "worker", "both"])
def test_deferred_tasks_survive_whatever_is_killed(engine: Engine, killed: str) -> None:
    begin(engine, WAITS, "waits")
    wait_until(engine, "file", S.DEFERRED)
    for name in ("scheduler", "worker"):
        if killed in (name, "both"):
            engine.kill(name)
    arrived = engine.paths.home / "arrived"
    if killed in ("scheduler", "both"):
        arrived.touch()  # nobody is there to hear of it
        engine.start("scheduler")
    if killed in ("worker", "both"):
        engine.start("worker", "--Worker.warm_kernels=0")
    arrived.touch()
    assert engine.wait_for_run("r").state is RunState.FAILED
    assert states(engine) == {
        "file": S.SUCCESS,
        "late": S.FAILED,
        "soft": S.SKIPPED,
        "after": S.SKIPPED,
        "moment": S.SUCCESS,
    }
    late = engine.find(orm.TaskTry, orm.TaskTry.task_instance_id == instance(engine, "late").id)
    assert "Snap. Time is OUT." in late.error
    assert [row.try_number for row in engine.rows(orm.TaskTry)] == [1] * 4


def test_sensors_look_again_without_a_process_of_their_own(engine: Engine) -> None:
    with serve() as web:
        uri = f"http://127.0.0.1:{web.port}"
        assert engine.hubflow("connections", "add", "http_default", "--conn-uri", uri).stdout
        web.answers["/door"] = (404, "")
        begin(engine, CHECKS, "checks")
        for task_id in ("http", "python", "bash"):
            wait_until(engine, task_id, S.DEFERRED)
        web.answers["/door"] = (200, "closed")
        seen = len(web.sent)
        engine.wait_for(lambda: len(web.sent) > seen + 1, "a look at the closed door")
        assert set(states(engine).values()) == {S.DEFERRED}
        web.answers["/door"] = (200, "open")
        engine.hubflow("variables", "set", "told", "yes")
        (engine.paths.home / "arrived").touch()
        assert engine.wait_for_run("r").state is RunState.SUCCESS
    assert "not yet" in log(engine, "checks", "http")
    legs = [log(engine, "checks", task_id).count("DEFERRED") for task_id in states(engine)]
    assert legs == [1, 1, 1]


def test_many_sensors_wait_in_one_process(engine: Engine) -> None:
    begin(engine, MANY, "many")
    waiting = orm.TaskInstance.state == S.DEFERRED
    engine.wait_for(lambda: len(engine.rows(orm.TaskInstance, waiting)) == 200, "all to wait")
    worker = psutil.Process(engine.processes["worker"].pid)
    # Two zygotes, of which one has loaded the DAG file, and the process that runs triggers.
    engine.wait_for(lambda: len(worker.children(recursive=True)) == 3, "the end of the tasks")
    (engine.paths.home / "arrived").touch()
    assert engine.wait_for_run("r").state is RunState.SUCCESS


def test_a_master_dag_fails_and_succeeds_with_its_child(engine: Engine) -> None:
    begin(engine, MASTER, "master", "bad")
    assert engine.wait_for_run("bad").state is RunState.FAILED
    failed = instance(engine, "run")
    assert failed.state is S.FAILED
    [tried] = engine.rows(orm.TaskTry, orm.TaskTry.task_instance_id == failed.id)
    assert "of the DAG 'child' has failed" in tried.error
    master = engine.find(orm.DagRun, orm.DagRun.run_id == "bad")
    child = engine.find(orm.DagRun, orm.DagRun.parent_id == failed.id)
    assert child.execution_date == master.execution_date

    (engine.paths.home / "good").touch()
    engine.hubflow("dags", "trigger", "master", "--run-id", "good")
    assert engine.wait_for_run("good").state is RunState.SUCCESS
    assert set(states(engine, "good").values()) == {S.SUCCESS}
    listed = engine.hubflow("dags", "list", "-o", "json").stdout
    assert '"master"' in listed
    assert "master.sub" not in listed


@pytest.mark.parametrize("side", ["child", "parent"])
def test_clearing_either_side_of_a_master_dag_runs_both_again(engine: Engine, side: str) -> None:
    begin(engine, MASTER, "master")
    assert engine.wait_for_run("r").state is RunState.FAILED
    (engine.paths.home / "good").touch()
    words = {"child": ("child", "-t", "work"), "parent": ("master", "-t", "^run$", "--downstream")}
    cleared = engine.hubflow("tasks", "clear", *words[side], "--yes")
    assert cleared.returncode == 0, cleared.stderr

    def is_over() -> bool:
        run = engine.find(orm.DagRun, orm.DagRun.run_id == "r")
        return run.state is RunState.SUCCESS

    engine.wait_for(is_over, "the master's success")
    assert set(states(engine).values()) == {S.SUCCESS}
    child = engine.find(orm.DagRun, orm.DagRun.parent_id == instance(engine, "run").id)
    assert child.state is RunState.SUCCESS
    tries = engine.rows(orm.TaskTry, orm.TaskTry.task_instance_id == instance(engine, "work").id)
    assert [row.state for row in tries] == [S.FAILED, S.SUCCESS]  # once more, not twice


def test_a_parent_hears_of_its_child_after_a_restart(engine: Engine) -> None:
    (engine.paths.home / "good").touch()
    engine.write("master.py", MASTER)
    engine.wait_for_dag("master")
    engine.hubflow("dags", "pause", "child")
    engine.hubflow("dags", "trigger", "master", "--run-id", "r")
    wait_until(engine, "run", S.DEFERRED)
    engine.kill("scheduler")
    engine.hubflow("dags", "unpause", "child")
    engine.start("scheduler")
    assert engine.wait_for_run("r").state is RunState.SUCCESS
    assert "The DAG child is paused: its run waits" in log(engine, "master", "run")


def test_a_missing_child_is_a_clear_error(engine: Engine) -> None:
    begin(engine, MASTER, "lost")
    assert engine.wait_for_run("r").state is RunState.FAILED
    assert engine.rows(orm.TaskTry)[0].error == "no DAG is named 'no_such_dag'"
