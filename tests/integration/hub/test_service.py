"""The service behind a real Hub: who gets in, with what, and what they may do."""

from __future__ import annotations

import json

import httpx
import pytest
import websocket

from integration.handshake import ELSEWHERE, handshake
from integration.hub.hub import API, Hub, Person
from integration.server.service import address_in_audit_log

SCOPE = "access:services!service=hubflow"


def with_token(hub: Hub, token: str) -> httpx.Client:
    return httpx.Client(base_url=hub.url + API, headers={"Authorization": f"token {token}"})


def test_anonymous_api_request_is_401_and_never_a_redirect(hub: Hub) -> None:
    with hub.anonymous() as client:
        answer = client.get(f"{API}/dags")
        assert (answer.status_code, answer.json()["code"]) == (401, "not-authenticated")
        assert client.get(f"{API}/health").status_code == 200
        page = client.get("/services/hubflow/")
    assert page.status_code == 302
    assert page.headers["Location"].startswith("/hub/api/oauth2/authorize")


@pytest.mark.parametrize(
    ("scopes", "status"), [([SCOPE], 200), (None, 200), (["read:users:name!user"], 403)]
)
def test_token_opens_the_service_only_with_its_scope(
    hub: Hub, ada: Person, scopes: list[str] | None, status: int
) -> None:
    with with_token(hub, ada.token(scopes)) as client:
        read = client.get("/dags", params={"limit": 1})
        wrote = client.patch("/dags/archive_old", json={"is_paused": True})
    assert (read.status_code, wrote.status_code) == (status, status)
    if status == 403:
        assert read.json()["code"] == "scope-missing"


def test_unknown_token_is_401(hub: Hub) -> None:
    with with_token(hub, "0" * 32) as client:
        assert client.get("/dags").status_code == 401


def test_rights_come_from_groups_and_never_from_the_admin_flag(
    hub: Hub, ada: Person, bob: Person, boss: Person
) -> None:
    for person, may_write in ((ada, True), (bob, False), (boss, False)):
        with with_token(hub, person.token(None)) as client:
            me = client.get("/me").json()
            triggered = client.post("/dags/hello_bash/dagRuns", json={})
        assert me["name"] == person.name
        assert ("runs.trigger" in me["permissions"]) is may_write
        assert triggered.status_code == (200 if may_write else 403)


def test_page_opens_without_a_question_and_its_script_may_call(ada: Person) -> None:
    config = ada.open_page()
    assert config["baseUrl"] == "/services/hubflow/"
    assert (config["hubPrefix"], config["user"]) == ("/hub/", "ada")
    headers = {"Sec-Fetch-Mode": "cors", "X-XSRFToken": config["xsrfToken"]}
    assert ada.browser.get(f"{API}/me", headers=headers).status_code == 200


def test_page_has_a_strict_policy(ada: Person) -> None:
    page = ada.browser.get("/services/hubflow/")
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert page.headers["X-Content-Type-Options"] == "nosniff"


def test_cookie_may_change_things_only_with_the_xsrf_token(ada: Person) -> None:
    config = ada.open_page()
    url = f"{API}/dags/hello_bash/dagRuns"
    without = ada.browser.post(url, json={})
    assert (without.status_code, without.json()["code"]) == (403, "forbidden")
    headers = {"X-XSRFToken": config["xsrfToken"]}
    assert ada.browser.post(url, json={}, headers=headers).status_code == 200


def test_stream_takes_the_cookie_from_our_origin_only(hub: Hub, ada: Person) -> None:
    ada.open_page()
    cookies = "; ".join(
        f"{cookie.name}={cookie.value}"
        for cookie in ada.browser.cookies.jar
        if "/services/hubflow/".startswith(cookie.path)
    )
    url = hub.url.replace("http", "ws") + f"{API}/events"
    connection = websocket.create_connection(url, cookie=cookies, origin=hub.url, timeout=20)
    assert json.loads(connection.recv())["kind"] == "hello"
    connection.close()
    for query in ("", "?token=junk"):
        url = f"{API}/events{query}"
        assert handshake(ada.browser, url, Origin=ELSEWHERE) == 403
        assert handshake(ada.browser, url, Origin=hub.url) == 101


def test_stream_takes_no_cookie_beside_a_wrong_token(hub: Hub, ada: Person) -> None:
    """A browser says that it opens a WebSocket; then the Hub reads the token in the URL."""
    ada.open_page()
    sent = {"Sec-Fetch-Mode": "websocket", "Origin": ELSEWHERE}
    assert handshake(ada.browser, f"{API}/events", **sent) == 403
    assert handshake(ada.browser, f"{API}/events?token=junk", **sent) in (401, 403)


def test_audit_log_has_the_address_that_the_proxy_saw(hub: Hub, ada: Person) -> None:
    with with_token(hub, ada.token(None)) as client:
        assert address_in_audit_log(client) == "127.0.0.1"


def test_hub_home_has_one_link_to_the_page(ada: Person) -> None:
    home = ada.browser.get("/hub/home").text
    assert home.count('href="/services/hubflow/"') == 1
    assert ">Workflows</a>" in home


def test_error_pages_of_the_hub_still_work(ada: Person) -> None:
    assert ada.browser.get("/hub/nothing-here").status_code == 404
