"""The experimental API of Airflow 1.10."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hubflow.db import orm
from integration.server.service import Service

DATE = "2026-11-01T06:00:00+00:00"
Ask = Callable[..., tuple[int, Any]]


@pytest.fixture
def ask(service: Service, etl: orm.Dag) -> Ask:
    """Ask as a program does that shows its token in a header."""

    def ask(method: str, path: str, **options: Any) -> tuple[int, Any]:
        answer = service.writer.request(
            method, f"{service.origin}/hubflow/api/experimental/{path}", **options
        )
        return answer.status_code, answer.json()

    return ask


def test_a_run_is_triggered_once(ask: Ask) -> None:
    body = {"conf": '{"n": 1}', "execution_date": "2026-12-01T06:00:00", "run_id": "mine"}
    status, made = ask("POST", "dags/etl/dag_runs", json=body)
    assert (status, made["run_id"]) == (200, "mine")
    assert made["execution_date"] == "2026-12-01T06:00:00+00:00"
    assert made["message"].startswith("Created <DagRun etl @ 2026-12-01T06:00:00+00:00: mine")
    status, refused = ask("POST", "dags/etl/dag_runs", json=body)
    assert (status, list(refused)) == (400, ["error"])


def test_a_run_without_a_date_is_now_to_the_second(ask: Ask) -> None:
    _, made = ask("POST", "dags/etl/dag_runs", json={})
    assert "." not in made["execution_date"]


@pytest.mark.parametrize(
    ("body", "status"),
    [({"execution_date": "soon"}, 400), ({"conf": "[1]"}, 400), ({"conf": "{"}, 400)],
)
def test_bad_triggers_say_what_is_wrong(ask: Ask, body: dict[str, Any], status: int) -> None:
    got, answer = ask("POST", "dags/etl/dag_runs", json=body)
    assert (got, bool(answer["error"])) == (status, True)


def test_runs_tasks_and_code_are_shown(ask: Ask) -> None:
    _, (run,) = ask("GET", "dags/etl/dag_runs?state=failed")
    assert (run["dag_id"], run["state"], run["execution_date"]) == ("etl", "failed", DATE)
    assert ask("GET", "dags/etl/dag_runs?state=odd")[0] == 400
    assert ask("GET", f"dags/etl/dag_runs/{DATE}") == (200, {"state": "failed"})
    assert ask("GET", "dags/etl/dag_runs/2020-01-01")[0] == 404
    assert ask("GET", "dags/etl/dag_runs/soon")[0] == 400
    _, instance = ask("GET", f"dags/etl/dag_runs/{DATE}/tasks/load")
    assert (instance["state"], instance["try_number"]) == ("failed", "1")
    _, task = ask("GET", "dags/etl/tasks/load")
    assert (task["task_id"], task["retries"]) == ("load", "0")
    assert "the DAG etl" in ask("GET", "dags/etl/code")[1]
    _, latest = ask("GET", "latest_runs")
    assert [item["execution_date"] for item in latest["items"]] == [DATE]


def test_who_asks_for_running_runs_gets_queued_ones_as_well(ask: Ask) -> None:
    ask("POST", "dags/etl/dag_runs", json={"run_id": "waits"})
    _, (queued,) = ask("GET", "dags/etl/dag_runs?state=running")
    assert (queued["run_id"], queued["state"]) == ("waits", "queued")


def test_values_as_text_are_understood(ask: Ask) -> None:
    date = "2026-12-01T06:00:00.5"
    _, made = ask(
        "POST",
        "dags/etl/dag_runs",
        json={"execution_date": date, "replace_microseconds": "false", "run_id": "null"},
    )
    assert (made["execution_date"], made["run_id"]) == ("2026-12-01T06:00:00.500000+00:00", "null")
    status, pool = ask("POST", "pools", json={"name": "db", "slots": "4", "description": "3"})
    assert (status, pool["slots"], pool["description"]) == (200, 4, "3")
    status, refused = ask("POST", "pools", json={"name": "db", "slots": "many"})
    assert (status, "slots" in refused["error"]) == (400, True)


def test_what_is_unknown_is_404_with_an_error(ask: Ask) -> None:
    assert list(ask("GET", "nothing/here")[1]) == ["error"]
    status, answer = ask("GET", "dags/nothing/code")
    assert (status, answer) == (404, {"error": "no DAG is named 'nothing'"})
    assert ask("GET", "dags/etl/tasks/nothing")[0] == 404


def test_a_get_pauses_only_with_a_token_in_a_header(ask: Ask) -> None:
    assert ask("GET", "dags/etl/paused/true")[0] == 403
    header = {"Authorization": "token x"}
    assert ask("GET", "dags/etl/paused/true", headers=header) == (200, {"response": "ok"})
    assert ask("GET", "dags/etl/paused") == (200, {"is_paused": True})


def test_pools_are_kept(ask: Ask) -> None:
    body = {"name": "small", "slots": 2, "description": "for few"}
    _, made = ask("POST", "pools", json=body)
    assert (made["pool"], made["slots"], made["description"]) == ("small", 2, "for few")
    assert ask("GET", "pools/small") == (200, made)
    assert made in ask("GET", "pools")[1]
    assert ask("DELETE", "pools/small") == (200, made)
    assert ask("GET", "pools/small")[0] == 404


def test_it_says_that_it_is_there_and_deletes_dags(ask: Ask) -> None:
    assert ask("GET", "test") == (200, {"status": "OK"})
    assert ask("DELETE", "dags/etl")[0] == 200
    assert ask("GET", "dags/etl/dag_runs") == (200, [])
