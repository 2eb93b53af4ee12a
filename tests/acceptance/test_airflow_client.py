"""The published client of Airflow's API starts a run and follows it to its end."""

from __future__ import annotations

import warnings

from engine import Engine
from integration.server.service import Service

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the generated code has invalid escapes in docstrings
    from airflow_client import client
    from airflow_client.client.api import dag_api, dag_run_api, task_instance_api, x_com_api
    from airflow_client.client.model.clear_task_instances import ClearTaskInstances
    from airflow_client.client.model.dag import DAG
    from airflow_client.client.model.dag_run import DAGRun

FILE = """
from datetime import datetime
from hubflow import DAG
from hubflow.operators import BashOperator, PythonOperator

with DAG("told", schedule=None, start_date=datetime(2026, 1, 1)):
    make = PythonOperator(task_id="make", python_callable=lambda: {"rows": 3})
    show = BashOperator(task_id="show", bash_command="echo {{ dag_run.conf['n'] }} rows")
    make >> show
"""


def test_a_run_is_triggered_polled_read_and_cleared(engine: Engine) -> None:
    engine.write("told.py", FILE)
    engine.wait_for_dag("told")
    service = Service(engine.core)
    settings = client.Configuration(host=service.url)
    try:
        with client.ApiClient(settings, header_name="X-Who", header_value="writer") as api:
            _story(engine, api)
    finally:
        service.close()


def _story(engine: Engine, api: client.ApiClient) -> None:
    runs, tasks = dag_run_api.DAGRunApi(api), task_instance_api.TaskInstanceApi(api)
    dag_api.DAGApi(api).patch_dag("told", DAG(is_paused=False))
    run_id = runs.post_dag_run("told", DAGRun(conf={"n": 41})).dag_run_id

    def is_over() -> bool:
        return str(runs.get_dag_run("told", run_id).state) == "success"

    engine.wait_for(is_over, "the end of the run")
    states = {
        task.task_id: str(task.state)
        for task in tasks.get_task_instances("told", run_id).task_instances
    }
    assert states == {"make": "success", "show": "success"}
    assert "41 rows" in tasks.get_log("told", run_id, "show", 1).content
    entry = x_com_api.XComApi(api).get_xcom_entry("told", run_id, "make", "return_value")
    assert entry.value == '{"rows": 3}'
    shown = tasks.get_task_instance("told", run_id, "show")
    assert shown.rendered_fields == {"bash_command": "echo 41 rows"}
    again = ClearTaskInstances(dry_run=False, task_ids=["show"], only_failed=False)
    dag_api.DAGApi(api).post_clear_task_instances("told", again)
    engine.wait_for(
        lambda: (
            tasks.get_task_instance_tries("told", run_id, "show").total_entries == 2 and is_over()
        ),
        "the second try",
    )
