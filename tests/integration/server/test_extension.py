"""Without a Hub: the API mounted in a real Jupyter server, which starts the engine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
import websocket

from integration.handshake import ELSEWHERE, handshake
from integration.server.jupyter import HEADERS, TOKEN, JupyterServer
from integration.server.service import address_in_audit_log
from waiting import LIMIT_S, wait_for


class Lab(JupyterServer):
    """A Jupyter server with hubflow on an empty home."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        super().__init__(folder, {"HUBFLOW_HOME": str(self.home)})

    @property
    def engine(self) -> psutil.Process | None:
        """The process that holds the engine's lock."""
        try:
            pid = int((self.home / "run" / "engine.lock").read_text() or "0")
            process = psutil.Process(pid)
        except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
            return None
        return process if "engine" in process.cmdline() else None


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    lab = Lab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.stop()
    if engine := lab.engine:
        engine.terminate()
        engine.wait(LIMIT_S)


@pytest.fixture(scope="module")
def client(lab: Lab) -> Iterator[httpx.Client]:
    url = f"{lab.url}/hubflow/api/v1"
    with httpx.Client(base_url=url, headers=HEADERS, timeout=LIMIT_S) as client:
        yield client


@pytest.fixture(scope="module")
def one(lab: Lab, client: httpx.Client) -> str:
    """A DAG that the engine has read."""
    (lab.home / "dags" / "one.py").write_text(
        "from hubflow import DAG\n"
        "from hubflow.operators import BashOperator\n"
        "with DAG('one', schedule=None) as dag:\n"
        "    BashOperator(task_id='only', bash_command='echo hi')\n"
    )
    wait_for(lambda: client.get("/dags/one").status_code == 200, "the DAG")
    return "one"


def test_local_user_may_do_everything(client: httpx.Client) -> None:
    me = client.get("/me").json()
    assert "files.edit" in me["permissions"]
    assert me["hub_prefix"] is None


def test_others_may_not_even_look(lab: Lab) -> None:
    answer = httpx.get(f"{lab.url}/hubflow/api/v1/dags")
    assert answer.status_code in (401, 403)
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_errors_are_problems_here_too(client: httpx.Client) -> None:
    assert client.get("/dags/nothing").json()["code"] == "dag-not-found"
    assert client.get("/nothing").status_code == 404
    assert client.post("/dags/nothing/dagRuns", content=b"{").status_code == 400


def test_cookie_needs_the_xsrf_token(lab: Lab) -> None:
    with httpx.Client(base_url=lab.url, follow_redirects=True) as browser:
        browser.get("/login", params={"token": TOKEN})
        url = "/hubflow/api/v1/dags/nothing/dagRuns"
        assert browser.get("/hubflow/api/v1/me").status_code == 200
        assert browser.post(url, json={}).status_code == 403
        headers = {"X-XSRFToken": browser.cookies["_xsrf"]}
        assert browser.post(url, json={}, headers=headers).status_code == 404


def test_event_stream(lab: Lab, client: httpx.Client) -> None:
    url = lab.url.replace("http", "ws") + "/hubflow/api/v1/events"
    connection = websocket.create_connection(url, header=HEADERS, timeout=LIMIT_S)
    assert json.loads(connection.recv())["kind"] == "hello"
    connection.close()


def test_stream_takes_the_cookie_from_our_origin_only(lab: Lab) -> None:
    with httpx.Client(base_url=lab.url, follow_redirects=True) as browser:
        browser.get("/login", params={"token": TOKEN})
        for query in ("", "?token=junk"):
            url = f"/hubflow/api/v1/events{query}"
            assert handshake(browser, url, Origin=ELSEWHERE) == 403
            assert handshake(browser, url, Origin=lab.url) == 101


def test_audit_log_has_the_address_of_the_connection(client: httpx.Client, one: str) -> None:
    assert address_in_audit_log(client, one) == "127.0.0.1"


def test_dag_file_runs_and_the_engine_outlives_the_server(
    lab: Lab, client: httpx.Client, one: str
) -> None:
    client.patch(f"/dags/{one}", json={"is_paused": False})
    run_id = client.post(f"/dags/{one}/dagRuns", json={"dag_run_id": "r"}).json()["dag_run_id"]
    wait_for(
        lambda: client.get(f"/dags/{one}/dagRuns/{run_id}").json()["state"] == "success", "the run"
    )
    engine = lab.engine
    assert engine is not None
    lab.stop()
    assert engine.is_running()
