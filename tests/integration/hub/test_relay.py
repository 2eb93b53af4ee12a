"""The relay in a real user server: HTTP and WebSocket, identity, headers, failures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote

import httpx
import psutil
import pytest
import websocket

from integration.hub.hub import Hub, Person
from integration.server.service import address_in_audit_log
from waiting import wait_for

BASE = "/user/ada/hubflow/api/v1"


@pytest.fixture(scope="session")
def server(ada: Person) -> Iterator[Person]:
    ada.start_server()
    yield ada
    ada.hub_api("DELETE", "/users/ada/server")


@pytest.fixture(scope="session")
def reader(bob: Person) -> Iterator[Person]:
    """A user in no group, whose server runs."""
    bob.start_server()
    yield bob
    bob.hub_api("DELETE", "/users/bob/server")


@pytest.fixture(scope="session")
def script(hub: Hub, server: Person) -> Iterator[httpx.Client]:
    """A program of the server's owner, with a token for that server."""
    headers = {"Authorization": f"token {server.token(None)}"}
    with httpx.Client(base_url=hub.url + BASE, headers=headers, timeout=60) as client:
        yield client


def test_relay_acts_as_the_owner_of_the_server(script: httpx.Client) -> None:
    me = script.get("/me").json()
    assert (me["name"], me["hub_prefix"]) == ("ada", "/hub/")
    assert "runs.trigger" in me["permissions"]


def test_relay_passes_bodies_statuses_and_encoded_paths(script: httpx.Client) -> None:
    body = {"dag_run_id": "by relay/é", "conf": {"n": 1}}
    assert script.post("/dags/hello_bash/dagRuns", json=body).status_code == 200
    assert script.post("/dags/hello_bash/dagRuns", json=body).status_code == 409
    found = script.get(f"/dags/hello_bash/dagRuns/{quote('by relay/é', safe='')}").json()
    assert found["conf"] == {"n": 1}
    missing = script.get("/dags/nothing")
    assert (missing.status_code, missing.json()["code"]) == (404, "dag-not-found")
    assert missing.headers["Content-Type"] == "application/problem+json"


def test_relay_keeps_the_isolation_of_notebook_pages(script: httpx.Client) -> None:
    query = {
        "dag_id": "churn",
        "run_id": "scheduled__2026-11-18T06:00:00+00:00",
        "task_id": "run_notebook",
        "try_number": "1",
    }
    answer = script.get("/notebooks/output", params=query)
    assert answer.status_code == 200
    assert answer.headers.get_list("Content-Security-Policy")[0].startswith("sandbox")
    assert "hello" in answer.text


def test_relay_sends_no_cookies_either_way(server: Person) -> None:
    answer = server.browser.get(f"{BASE}/me")
    assert answer.status_code == 200
    assert "service-hubflow" not in answer.headers.get("Set-Cookie", "")


def test_relay_hands_on_no_claim_of_an_address(script: httpx.Client) -> None:
    assert address_in_audit_log(script) == "127.0.0.1"


def test_relay_needs_the_owner_and_the_xsrf_token(hub: Hub, server: Person) -> None:
    with hub.anonymous() as client:
        answer = client.get(f"{BASE}/me")
        assert answer.status_code in (401, 403)
    refused = server.browser.post(f"{BASE}/dags/hello_bash/dagRuns", json={})
    assert refused.status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/dags/hello_bash", {"is_paused": True}),
        ("POST", "/dags/hello_bash/dagRuns", {}),
        ("POST", "/notebooks/schedule", {"path": "reports/churn.ipynb", "when": "now"}),
    ],
)
def test_owner_without_a_group_reads_but_changes_nothing(
    hub: Hub, reader: Person, method: str, path: str, body: dict[str, object]
) -> None:
    base, headers = (
        f"/user/{reader.name}/hubflow/api/v1",
        {"Authorization": f"token {reader.token(None)}"},
    )
    with httpx.Client(base_url=hub.url + base, headers=headers, timeout=60) as client:
        assert client.get("/dags/hello_bash").status_code == 200
        refused = client.request(method, path, json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "permission-denied")


def test_relay_streams_events(hub: Hub, server: Person, script: httpx.Client) -> None:
    token = script.headers["Authorization"]
    url = hub.url.replace("http", "ws") + f"{BASE}/events"
    connection = websocket.create_connection(url, header={"Authorization": token}, timeout=20)
    assert json.loads(connection.recv())["kind"] == "hello"
    script.patch("/dags/archive_old", json={"is_paused": False})
    while (event := json.loads(connection.recv()))["kind"] != "dag":
        pass
    assert event["data"] == {"dag_id": "archive_old", "change": "unpaused"}
    connection.close()


def test_server_has_a_link_to_the_workspace(hub: Hub, server: Person) -> None:
    link = hub.folder / "users" / "ada" / "common_workspace"
    assert link.resolve() == (hub.home / "common_workspace").resolve()
    assert (link / "reports" / "churn.ipynb").exists()


def test_service_that_is_away_is_a_clear_502_and_comes_back(hub: Hub, script: httpx.Client) -> None:
    """Last: the Hub starts a service that died again, after a while."""
    kill_service(hub)
    answer = wait_for(lambda: away(script), "the relay to notice")
    assert answer.json()["code"] == "service-away"
    wait_for(lambda: script.get("/health").status_code == 200, "the service to be back")


def away(script: httpx.Client) -> httpx.Response | None:
    answer = script.get("/health")
    return answer if answer.status_code == 502 else None


def kill_service(hub: Hub) -> None:
    (service,) = (
        child
        for child in psutil.Process(hub.process.pid).children(recursive=True)
        if "hubflow_hub.service" in child.cmdline()
    )
    service.kill()
