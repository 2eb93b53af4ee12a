"""Variables and connections in task processes: at run time, while the file loads, and in logs."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from fakes import StoredValues
from hubflow.execution.messages import Finished, Launch, Reply, Request
from hubflow.questions import GetSource, GetVariable, Question, SetVariable, TriggerRun

from .fake_scheduler import DAY, FakeScheduler, make_launch
from .harness import Home

DAG_FILE = """
import os
from datetime import datetime
from hubflow import Connection, DAG, Variable
from hubflow.hooks.base import BaseHook
from hubflow.operators import BashOperator, PythonOperator

{top}

def call(**context):
{body}

with DAG("d", start_date=datetime(2026, 1, 1), schedule_interval=None):
    PythonOperator(task_id="t", python_callable=call)
    BashOperator(task_id="b", bash_command="{command}")
"""


def dag_file(body: str = "pass", top: str = "", command: str = "true") -> str:
    indented = "\n".join(f"    {line}" for line in body.strip().splitlines())
    return DAG_FILE.format(body=indented, top=top, command=command)


def knowing(
    stored: StoredValues, answer: Callable[[Request], Reply | None]
) -> Callable[[Request], Reply | None]:
    """Return what a scheduler answers that has these values."""

    def reply(request: Request) -> Reply | None:
        if isinstance(request.body, GetSource):
            return answer(request)
        return Reply(id=request.id, value=stored.answer(request.body))

    return reply


def run(
    home: Home, stored: StoredValues, text: str, *launches: Launch
) -> list[tuple[Launch, Finished]]:
    """Run launches one after another."""

    async def story(scheduler: FakeScheduler) -> list[tuple[Launch, Finished]]:
        await scheduler.hello()
        scheduler.answer = knowing(stored, scheduler.answer)
        source_hash = scheduler.add_source(text)
        done = []
        for number, changes in enumerate(launches or ({},), 1):
            launch = make_launch(number, **{"source_hash": source_hash, **changes})
            scheduler.send(launch)
            done.append((launch, await scheduler.result(launch.key)))
        return done

    return home.run(story)


def value_of(result: Finished) -> object:
    return json.loads(result.xcoms[0].data)


def test_a_task_asks_for_variables_and_connections(home: Home) -> None:
    stored = StoredValues()
    stored.variables["city"] = "Oslo"
    stored.connections["db"] = [{"conn_id": "db", "conn_type": "pg", "login": "ada"}]
    body = """
Variable.set("seen", Variable.get("city"))
return [BaseHook.get_connection("db").login, Variable.get("none", "default")]
"""
    [(_, result)] = run(home, stored, dag_file(body))
    assert value_of(result) == ["ada", "default"]
    assert stored.variables["seen"] == "Oslo"


def test_the_environment_of_the_worker_counts(home: Home, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("AIRFLOW_VAR_CITY", "Rome")
    stored = StoredValues()
    [(_, result)] = run(home, stored, dag_file("return Variable.get('city')"))
    assert (value_of(result), stored.asked) == ("Rome", [])


def test_secrets_stand_as_stars_in_the_log_and_the_error(home: Home) -> None:
    stored = StoredValues()
    stored.variables["api_key"] = "key-0815"
    password = {"conn_id": "db", "conn_type": "pg", "password": "pass-0816"}
    stored.connections["db"] = [password]
    body = """
import logging, sys
key, connection = Variable.get("api_key"), BaseHook.get_connection("db")
print("printed", key)
print("to stderr", connection.password, file=sys.stderr)
logging.getLogger("x").warning("logged %s", connection.get_uri())
raise ValueError(f"cannot log in with {connection.password}")
"""
    [(launch, result)] = run(home, stored, dag_file(body))
    log = home.log(launch)
    assert "printed ***" in log
    assert "to stderr ***" in log
    assert "logged pg://:***@" in log
    assert result.error == "ValueError: cannot log in with ***"
    assert "0815" not in log
    assert "0816" not in log


def test_a_rendered_password_is_not_in_the_log_of_a_command(home: Home) -> None:
    stored = StoredValues()
    stored.connections["db"] = [{"conn_id": "db", "conn_type": "pg", "password": "pass-0816"}]
    text = dag_file(command="echo it is {{ conn.db.password }}")
    [(launch, result)] = run(home, stored, text, {"task_id": "b"})
    assert result.outcome == "success"
    assert "it is ***" in home.log(launch)
    assert "0816" not in home.log(launch)


def test_a_file_asks_while_it_loads_and_each_try_sees_the_value_of_its_time(home: Home) -> None:
    stored = StoredValues()
    stored.variables["city"] = "Oslo"
    body = """
Variable.set("city", "Bergen")
return CITY
"""
    text = dag_file(body, top="CITY = Variable.get('city')")
    first, second = run(home, stored, text, {}, {})
    assert (value_of(first[1]), value_of(second[1])) == ("Oslo", "Bergen")


def test_a_backend_answers_tasks_and_files_anew_for_each_try(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = home.path / "secrets.json"
    file.write_text('{"city": "Oslo", "password": "pass-0817"}')
    monkeypatch.setenv(
        "AIRFLOW__SECRETS__BACKEND", "airflow.secrets.local_filesystem.LocalFilesystemBackend"
    )
    kwargs = json.dumps({"variables_file_path": str(file)})
    monkeypatch.setenv("AIRFLOW__SECRETS__BACKEND_KWARGS", kwargs)
    stored = StoredValues()
    body = f"""
open({str(file)!r}, "w").write('{{"city": "Bergen", "password": "pass-0817"}}')
print("printed", Variable.get("password"))
return CITY
"""
    text = dag_file(body, top="CITY = Variable.get('city')")
    first, second = run(home, stored, text, {}, {})
    assert (value_of(first[1]), value_of(second[1])) == ("Oslo", "Bergen")
    assert "printed ***" in home.log(first[0])
    assert not [asked for asked in stored.asked if isinstance(asked, GetVariable)]


def test_a_file_that_asks_for_nothing_is_loaded_once(home: Home) -> None:
    text = dag_file("return LOADED_BY", top="LOADED_BY = os.getpid()")
    first, second = run(home, StoredValues(), text, {}, {})
    assert value_of(first[1]) == value_of(second[1])


def test_a_file_that_cannot_load_tells_no_secret(home: Home) -> None:
    stored = StoredValues()
    stored.variables["api_key"] = "key-0815"
    text = dag_file(top="raise ValueError(Variable.get('api_key'))")
    [(launch, result)] = run(home, stored, text)
    assert result.outcome == "failed"
    assert "0815" not in home.log(launch) + str(result.error)
    assert result.error == "ValueError: ***"
    assert "d.py" in home.log(launch)


def test_a_forked_process_is_told_that_it_cannot_ask(home: Home) -> None:
    body = """
from multiprocessing import get_context
with get_context("fork").Pool(1) as pool:
    try:
        pool.apply(Variable.get, ("city",))
    except Exception as exc:
        return str(exc)
"""
    [(_, result)] = run(home, StoredValues(), dag_file(body))
    assert "a process that was forked here cannot ask" in str(value_of(result))


DATES = """
from airflow.api.common.experimental.trigger_dag import trigger_dag
from airflow.models import DagRun, XCom

at = context["execution_date"]
trigger_dag("other", execution_date=at)
DagRun.find(dag_id="d", execution_date=at)
XCom.get_one(execution_date=at, dag_id="d", task_id="t", key="k")
try:
    trigger_dag("other", conf={"n": 1, "when": at})
except Exception as exc:
    return [type(at).__name__, str(exc)]
"""


def test_the_dates_of_the_context_may_be_asked_with(home: Home) -> None:
    async def story(scheduler: FakeScheduler) -> tuple[Finished, list[Question]]:
        await scheduler.hello()
        source_hash = scheduler.add_source(dag_file(DATES))
        asked: list[Question] = []
        known = scheduler.answer

        def answer(request: Request) -> Reply | None:
            asked.append(request.body)
            if isinstance(request.body, TriggerRun):
                return Reply(id=request.id, value={})
            return Reply(id=request.id, value=[]) if len(asked) > 1 else known(request)

        scheduler.answer = answer
        launch = make_launch(source_hash=source_hash)
        scheduler.send(launch)
        return await scheduler.result(launch.key), asked

    result, asked = home.run(story)
    assert result.error is None
    kind, refusal = json.loads(result.xcoms[0].data)
    assert kind == "DateTime"
    assert "its key 'when'" in refusal
    assert [type(one).__name__ for one in asked] == [
        "GetSource",
        "FindRuns",  # the last success: a callable with `**context` gets every key
        "TriggerRun",
        "FindRuns",
        "PullXCom",
    ]
    assert isinstance(asked[2], TriggerRun)
    assert asked[2].execution_date == DAY


def test_a_refusal_reaches_the_task(home: Home) -> None:
    async def story(scheduler: FakeScheduler) -> Finished:
        await scheduler.hello()
        sources = scheduler.answer

        def refuse(request: Request) -> Reply | None:
            if isinstance(request.body, GetVariable | SetVariable):
                return Reply(id=request.id, error="the variable 'city' cannot be decrypted")
            return sources(request)

        scheduler.answer = refuse
        text = dag_file("return Variable.get('city')")
        launch = make_launch(source_hash=scheduler.add_source(text))
        scheduler.send(launch)
        return await scheduler.result(launch.key)

    result = home.run(story)
    assert (result.outcome, result.error) == ("failed", "the variable 'city' cannot be decrypted")
