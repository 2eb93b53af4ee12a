"""Variables and connections, from the command line through a DAG file into a task."""

import json

from engine import Engine
from hubflow.db import orm

FILE = """
import os
from datetime import datetime
from hubflow import DAG, Variable
from hubflow.hooks.base import BaseHook
from hubflow.operators import BashOperator, PythonOperator

def work():
    login = BaseHook.get_connection("dwh")
    print("the password is", login.password, "and keys:",
          [name for name in os.environ if "FERNET" in name])
    Variable.set("rows", 41)
    return login.host

with DAG("asking", schedule_interval=None, start_date=datetime(2026, 1, 1),
         is_paused_upon_creation=False) as dag:
    work = PythonOperator(task_id="work", python_callable=work)
    show = BashOperator(task_id="show",
                        bash_command="echo {{ var.value.rows }} {{ conn.dwh.password }}")
    work >> show
    for name in Variable.get("names", "one").split(","):
        show >> BashOperator(task_id=name, bash_command="true")
"""


def tasks(engine: Engine) -> list[str]:
    """Return the task ids of the newest version."""
    dag = engine.find(orm.Dag, orm.Dag.dag_id == "asking")
    version = engine.find(orm.DagVersion, orm.DagVersion.id == dag.version_id)
    return [task["task_id"] for task in json.loads(version.data)["tasks"]]


def test_a_dag_lives_on_variables_and_connections(engine: Engine) -> None:
    uri = "pg://ada:hunter2-4711@warehouse"
    assert engine.hubflow("connections", "add", "dwh", f"--conn-uri={uri}").returncode == 0
    engine.write("asking.py", FILE)
    engine.wait_for_dag("asking")
    assert engine.hubflow("variables", "set", "names", "two,three").returncode == 0
    engine.wait_for(lambda: tasks(engine)[-2:] == ["three", "two"], "the new tasks")
    done = engine.hubflow("dags", "trigger", "asking", "--wait")
    assert done.returncode == 0, done.stderr + engine.logs()
    logs = {path.parts[-3]: path.read_text() for path in engine.paths.logs.glob("asking/*/*/1.log")}
    assert set(logs) == {"work", "show", "two", "three"}
    assert "the password is *** and keys: []" in logs["work"]
    assert "41 ***" in logs["show"]
    assert "hunter2" not in "".join(logs.values()) + engine.logs()
    shown = engine.find(orm.TaskInstance, orm.TaskInstance.task_id == "show")
    mine = orm.RenderedFields.task_instance_id == shown.id
    rendered = engine.wait_for(lambda: engine.find(orm.RenderedFields, mine), "rendered fields")
    assert rendered.fields == {"bash_command": "echo 41 ***"}


def test_a_rehearsal_asks_the_same_database(engine: Engine) -> None:
    engine.hubflow("connections", "add", "dwh", "--conn-uri=pg://ada:hunter2-4711@warehouse")
    engine.write("asking.py", FILE)
    engine.wait_for_dag("asking")
    done = engine.hubflow("dags", "test", "asking")
    assert done.returncode == 0, done.stderr
    assert "show: success" in done.stdout
    assert "the password is ***" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr
    assert engine.hubflow("variables", "get", "rows").stdout == "41\n"
