"""The whole road: schedule from JupyterLab's server, log out, be culled, find the results later."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from integration.hub.hub import API, Hub, Person
from waiting import wait_for

EVERY_TWO_SECONDS = "* * * * * */2"


def write_notebook(folder: Path) -> None:
    cells = [new_code_cell("name = 'world'"), new_code_cell("print('hello', name)")]
    cells[0].metadata["tags"] = ["parameters"]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, folder / "tick.ipynb")


def is_culled(boss: Person) -> bool:
    return not boss.hub_api("GET", "/users/ada").json()["servers"]


def start_culler(hub: Hub, token: str) -> subprocess.Popen[bytes]:
    """Start the idle culler that Hubs use, with a very short patience."""
    return subprocess.Popen(
        [
            sys.executable, "-P", "-m", "jupyterhub_idle_culler",
            f"--url={hub.url}/hub/api", "--timeout=1", "--cull-every=1",
        ],
        env={**os.environ, "JUPYTERHUB_API_TOKEN": token},
        stderr=subprocess.DEVNULL,
    )  # fmt: skip


def successes(client: httpx.Client) -> list[dict[str, Any]]:
    page = client.get("/dags/tick/dagRuns?state=success&order_by=-id&limit=5").json()
    return list(page["dag_runs"])


def test_a_schedule_goes_on_when_its_author_is_culled(tmp_path: Path) -> None:
    hub = Hub(tmp_path / "hub", "c.HubflowHub.run_engine = True")
    culler = None
    try:
        write_notebook(hub.home / "common_workspace")
        ada, boss = hub.login("ada"), hub.login("boss")
        headers = {"Authorization": f"token {ada.token(None)}"}
        ada.start_server()
        relay = f"{hub.url}/user/ada/hubflow/api/v1/notebooks/schedule"
        body = {
            "path": "common_workspace/tick.ipynb",
            "when": "cron",
            "cron": EVERY_TWO_SECONDS,
            "parameters": {"name": "ada"},
        }
        answer = httpx.post(relay, json=body, headers=headers, timeout=60)
        assert answer.status_code == 201, answer.text
        ada.browser.get("/hub/logout")
        ada.close()
        culler = start_culler(hub, boss.token(None))
        wait_for(lambda: is_culled(boss), "the end of the server")
        with httpx.Client(base_url=hub.url + API, headers=headers, timeout=60) as client:
            before = {run["dag_run_id"] for run in successes(client)}
            newest = wait_for(
                lambda: next(
                    (run for run in successes(client) if run["dag_run_id"] not in before), None
                ),
                "a run after the server was gone",
            )
            assert is_culled(boss)
            output = client.get(
                "/notebooks/output",
                params={
                    "dag_id": "tick",
                    "run_id": newest["dag_run_id"],
                    "task_id": "run_notebook",
                    "try_number": 1,
                    "format": "html",
                },
            )
        assert output.status_code == 200, output.text
        assert "hello ada" in output.text
        boss.close()
    finally:
        if culler is not None:
            culler.terminate()
            culler.wait(30)
        hub.close()
