"""The how-to "Move from Airflow": its commands, in its order, on a team's folder."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from engine import Engine
from hubflow.config import Core
from hubflow.db import orm
from hubflow.db.engine import Database

HOWTO = Path(__file__).parents[2] / "docs" / "howto" / "move-from-airflow.md"
COMMANDS = re.findall(r"^\$ (.+)$", HOWTO.read_text(encoding="utf-8"), re.MULTILINE)
# Where the `hubflow` of this environment is, whoever runs the tests.
PATH = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
TEAM = {
    "dags/sales.py": """
from airflow import DAG
from airflow.hooks.base_hook import BaseHook
from airflow.models import Variable
from airflow.operators import ShoutOperator
from airflow.operators.python_operator import PythonOperator
from airflow.utils.dates import days_ago
from common.words import GREETING

dag = DAG("sales", start_date=days_ago(30), schedule_interval="@daily", catchup=False)

def look():
    assert Variable.get("region") == "north"
    assert BaseHook.get_connection("warehouse").host == "db.example"

shout = ShoutOperator(task_id="shout", word=GREETING, pool="narrow", dag=dag)
PythonOperator(task_id="look", python_callable=look, dag=dag) << shout
""",
    "dags/common/__init__.py": "",
    "dags/common/words.py": "GREETING = 'hello'\n",
    "plugins/shouting.py": """
from airflow.models import BaseOperator
from airflow.plugins_manager import AirflowPlugin

class ShoutOperator(BaseOperator):
    def __init__(self, word, **kwargs):
        super().__init__(**kwargs)
        self.word = word

    def execute(self, context):
        return self.word.upper()

class ShoutPlugin(AirflowPlugin):
    name = "shouting"
    operators = [ShoutOperator]
""",
    "variables.json": json.dumps({"region": "north"}),
    "connections.json": json.dumps({"warehouse": {"conn_type": "postgres", "host": "db.example"}}),
    "pools.json": json.dumps({"narrow": {"slots": 1, "description": "one at a time"}}),
}


def test_a_team_moves_in(core: Core, database: Database, tmp_path: Path) -> None:
    for name, text in TEAM.items():
        file = tmp_path / "airflow" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (core.paths.home / "hubflow_config.py").write_text(
        "c.Scheduler.creates_scheduled_runs = False\n"
    )
    engine = Engine(core, database)
    try:
        for command in COMMANDS:
            if command.startswith("hubflow dags unpause"):
                engine.start_all()
                engine.wait_for_dag("sales")
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=tmp_path,
                env={**os.environ, "HUBFLOW_HOME": str(core.paths.home), "PATH": PATH},
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            assert done.returncode == 0, (command, done.stdout, done.stderr)
        (run,) = engine.rows(orm.DagRun)
        assert run.external_trigger
        states = {task.task_id: task.state.value for task in engine.rows(orm.TaskInstance)}
        assert states == {"shout": "success", "look": "success"}
    finally:
        engine.close()
