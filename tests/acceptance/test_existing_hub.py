"""An existing Hub with the two lines: the Hub runs service and engine, and ends them."""

from __future__ import annotations

import os
from pathlib import Path

import httpx
import psutil

from integration.hub.hub import API, Hub
from waiting import wait_for

DAG = """
from hubflow import DAG
from hubflow.operators import BashOperator

with DAG("homely", schedule=None, is_paused_upon_creation=False) as dag:
    BashOperator(task_id="where", bash_command='echo "$HOME" && test -z "$JUPYTERHUB_API_TOKEN"')
"""


def test_hub_runs_the_engine_and_leaves_nothing_behind(tmp_path: Path) -> None:
    hub = Hub(tmp_path / "hub", "c.HubflowHub.run_engine = True")
    try:
        (hub.home / "dags" / "homely.py").write_text(DAG)
        ada = hub.login("ada")
        headers = {"Authorization": f"token {ada.token(None)}"}
        with httpx.Client(base_url=hub.url + API, headers=headers, timeout=60) as client:
            wait_for(lambda: client.get("/dags/homely").status_code == 200, "the DAG")
            client.post("/dags/homely/dagRuns", json={"dag_run_id": "r"})
            run = "/dags/homely/dagRuns/r"
            wait_for(lambda: client.get(run).json()["end_date"], "the end of the run")
            assert client.get(run).json()["state"] == "success"
            log = client.get(f"{run}/taskInstances/where/logs/1").json()["content"]
        ada.close()
        family = psutil.Process(hub.process.pid).children(recursive=True)
    finally:
        hub.close()
    assert os.environ["HOME"] in log
    _, alive = psutil.wait_procs(family, timeout=10)
    assert alive == []
