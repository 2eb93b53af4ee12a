"""Requests and messages to a real web server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from hubflow.operators.http import HttpOperator
from hubflow.operators.slack import (
    DiscordWebhookOperator,
    SlackAPIPostOperator,
    SlackWebhookOperator,
    TelegramOperator,
)
from hubflow.sdk import DAG
from unit.operators.connected import Connected
from unit.sdk.bench import make_dag
from web import Web, serve


@pytest.fixture(scope="module")
def _server() -> Iterator[Web]:
    with serve() as web:
        yield web


@pytest.fixture
def web(_server: Web) -> Web:
    _server.sent.clear()
    _server.answers.clear()
    return _server


@pytest.fixture
def dag() -> DAG:
    return make_dag()


@pytest.fixture
def tasks(dag: DAG, web: Web) -> Connected:
    server = {"host": "127.0.0.1", "port": web.port}
    return Connected(
        dag,
        http_default={**server, "conn_type": "http", "extra": '{"X-Team": "data"}'},
        with_login={"conn_type": "http", "host": web.url, "login": "u", "password": "p"},
        slack={"conn_type": "http", "host": web.url, "password": "T000/B000/XXX"},
        slack_api={
            "conn_type": "slack",
            "password": "xoxb",
            "extra": f'{{"base_url": "{web.url}/"}}',
        },
        telegram={
            "conn_type": "http",
            "password": "42:abc",
            "host": "-100",
            "extra": f'{{"base_url": "{web.url}"}}',
        },
    )


def test_post_sends_the_body_and_returns_the_text(dag: DAG, tasks: Connected, web: Web) -> None:
    HttpOperator(task_id="t", endpoint="post/{{ ds }}", data='{"a": 1}', dag=dag)
    assert '"path": "/post/2018-10-02"' in tasks.result("t")
    (sent,) = web.sent
    assert (sent.method, sent.json(), sent.headers["X-Team"]) == ("POST", {"a": 1}, "data")


def test_get_sends_the_query_and_basic_auth(dag: DAG, tasks: Connected, web: Web) -> None:
    HttpOperator(
        task_id="t",
        endpoint="/get",
        method="GET",
        data={"q": "x"},
        http_conn_id="with_login",
        response_filter=lambda response, ds: (response.json()["path"], ds),
        dag=dag,
    )
    assert tasks.result("t") == ("/get?q=x", "2018-10-02")
    assert web.sent[0].headers["Authorization"].startswith("Basic ")


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"endpoint": "gone"}, "404:Not Found"),
        (
            {"endpoint": "x", "response_check": lambda response: False},
            "Response check returned False.",
        ),
        ({"endpoint": "gone", "extra_options": {"check_response": False}}, None),
    ],
)
def test_bad_answers_fail(
    dag: DAG, tasks: Connected, web: Web, options: dict[str, Any], error: str | None
) -> None:
    web.answers["/gone"] = (404, "nothing here")
    HttpOperator(task_id="t", dag=dag, **options)
    outcome = tasks.run("t")
    assert outcome.state == ("failed" if error else "success")
    assert error is None or error in (outcome.error or "")


def test_slack_webhook_posts_to_its_secret_address(dag: DAG, tasks: Connected, web: Web) -> None:
    SlackWebhookOperator(
        task_id="t", http_conn_id="slack", message="{{ ds }} is done", channel="#data", dag=dag
    )
    assert tasks.run("t").state == "success"
    (sent,) = web.sent
    assert sent.path == "/T000/B000/XXX"
    assert sent.json() == {"text": "2018-10-02 is done", "channel": "#data"}


def test_refusal_does_not_show_the_address(dag: DAG, tasks: Connected, web: Web) -> None:
    web.answers["/T000/B000/XXX"] = (403, "invalid_token")
    SlackWebhookOperator(task_id="t", http_conn_id="slack", message="x", dag=dag)
    outcome = tasks.run("t")
    assert "Slack answered 403: invalid_token" in (outcome.error or "")
    assert "B000" not in f"{outcome.error}{outcome.stacktrace}"


@pytest.mark.parametrize(
    ("answer", "state"), [('{"ok": true}', "success"), ('{"ok": false, "error": "no"}', "failed")]
)
def test_slack_api_posts_a_message(
    dag: DAG, tasks: Connected, web: Web, answer: str, state: str
) -> None:
    web.answers["/chat.postMessage"] = (200, answer)
    SlackAPIPostOperator(
        task_id="t", slack_conn_id="slack_api", channel="#x", text="{{ ds }}", dag=dag
    )
    assert tasks.run("t").state == state
    assert web.sent[0].headers["Authorization"] == "Bearer xoxb"
    assert web.sent[0].json()["text"] == "2018-10-02"


def test_discord_and_telegram(dag: DAG, tasks: Connected, web: Web) -> None:
    DiscordWebhookOperator(
        task_id="d", webhook_endpoint=f"{web.url}/webhooks/1/t", message="hi", dag=dag
    )
    TelegramOperator(task_id="t", telegram_conn_id="telegram", text="hi", dag=dag)
    assert [tasks.run(task_id).state for task_id in ("d", "t")] == ["success", "success"]
    discord, telegram = web.sent
    assert (discord.path, discord.json()) == ("/webhooks/1/t", {"content": "hi"})
    assert telegram.path == "/bot42:abc/sendMessage"
    assert telegram.json() == {"chat_id": "-100", "parse_mode": "HTML", "text": "hi"}
