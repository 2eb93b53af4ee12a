"""Sensors that look again from the process that runs triggers, without a process of their own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from hubflow.operators import BashSensor, HttpSensor, PythonSensor, SqlSensor
from hubflow.questions import FindRuns, GetConnections, Question
from hubflow.sdk import PokeReturnValue, TaskFailed, TaskSkipped, secrets
from hubflow.sdk.sensor import BaseSensorOperator
from unit.sdk.bench import AT, Bench, make_dag
from web import Web, serve

CALLS: list[Any] = []
CONNECTIONS: dict[str, dict[str, Any]] = {}


def third_time(*args: Any, ds: str = "", execution_date: Any = None) -> bool:
    CALLS.append((*args, ds, execution_date))
    return len(CALLS) == 3


def third_time_given(cell: int) -> bool:
    return third_time(cell)


def later(what: Any) -> Any:
    """Return nothing the first time, and then what `RESULTS` has; exceptions are raised."""
    CALLS.append(what)
    if len(CALLS) == 1:
        return None
    result = RESULTS[what][min(len(CALLS) - 2, len(RESULTS[what]) - 1)]
    if isinstance(result, Exception):
        raise result
    return result


class NoJson:
    """A value that is pickled."""


RESULTS: dict[str, list[Any]] = {
    "value": [PokeReturnValue(True, {"n": 3})],
    "no json": [PokeReturnValue(True, {NoJson})],
    "skip": [TaskSkipped("not today")],
    "fail": [TaskFailed("never")],
    "error": [ValueError("no such row"), True],
}


def takes_all(**context: Any) -> bool:
    return False


def takes_ti(ti: Any) -> bool:
    return False


@pytest.fixture(autouse=True)
def _fresh() -> None:
    CALLS.clear()
    CONNECTIONS.clear()


@pytest.fixture
def web() -> Iterator[Web]:
    with serve() as web:
        CONNECTIONS["http_default"] = {"conn_type": "http", "host": "127.0.0.1", "port": web.port}
        yield web


def answer(question: Question) -> Any:
    if isinstance(question, FindRuns):
        return []
    assert isinstance(question, GetConnections)
    found = CONNECTIONS.get(question.conn_id)
    return [] if found is None else [{"conn_id": question.conn_id, **found}]


def bench(kind: type[Any], **options: Any) -> Bench:
    dag = make_dag()
    kind(task_id="t", dag=dag, deferrable=True, **{"poke_interval": 0.01, **options})
    return Bench(dag, answer=answer)


def check_third_time(stage: Bench) -> None:
    """Poke in the task, twice in the trigger, and go on in the task without another look."""
    assert stage.run("t").state == "deferred"
    CALLS.clear()
    assert stage.run_to_end("t").state == "success"
    assert len(CALLS) == 3


def test_http(web: Web) -> None:
    check_third_time(bench(HttpSensor, endpoint="of/{{ ds }}", response_check=third_time))
    assert {sent.path for sent in web.sent} == {"/of/2018-10-02"}
    assert [call[0].status_code for call in CALLS] == [200] * 3
    assert [call[1:] for call in CALLS] == [("2018-10-02", AT)] * 3
    assert CALLS[-1][2].add(days=1).day == 3  # a pendulum date, as in the task


def test_an_http_error_is_not_yet_or_fails(web: Web) -> None:
    stage = bench(HttpSensor, endpoint="x", response_error_codes_allowlist=["404", "503"])
    web.answers["/x"] = (503, "")
    waits = stage.run("t").deferral
    assert waits is not None
    web.answers["/x"] = (500, "")
    assert stage.run("t").state == "failed"


def test_sql(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "data.db") as connection:
        connection.executescript("create table t (n); insert into t values (7)")
    CONNECTIONS["db"] = {"conn_type": "sqlite", "host": str(tmp_path / "data.db")}
    options = {"conn_id": "db", "parameters": [5], "success": third_time_given}
    check_third_time(bench(SqlSensor, sql="select n from t where n > ?", **options))
    assert [call[0] for call in CALLS] == [7] * 3


def test_python() -> None:
    check_third_time(bench(PythonSensor, python_callable=third_time, op_args=["{{ ds }}"]))
    assert [call[0] for call in CALLS] == ["2018-10-02"] * 3


def test_bash(tmp_path: Path) -> None:
    command = f'echo $A $B $AIRFLOW_CTX_TASK_ID >> {tmp_path}/n; test "$(wc -l < {tmp_path}/n)" = 3'
    stage = bench(BashSensor, bash_command=command, env={"A": "1"}, append_env=True)
    assert stage.run_to_end("t").state == "success"
    assert (tmp_path / "n").read_text() == "1 t\n" * 3


@pytest.mark.parametrize(
    ("options", "state"),
    [
        ({}, "success"),
        ({"retry_exit_code": 5}, "failed"),
        ({"retry_exit_code": 5, "never_fail": True}, "skipped"),
        ({"retry_exit_code": 5, "silent_fail": True}, "success"),
    ],
)
def test_exit_codes(tmp_path: Path, options: Any, state: str) -> None:
    # 5, 6, 0
    command = f"echo >> {tmp_path}/n; case $(wc -l < {tmp_path}/n) in 1) exit 5;; 2) exit 6;; esac"
    assert bench(BashSensor, bash_command=command, **options).run_to_end("t").state == state


@pytest.mark.parametrize(
    ("what", "options", "state"),
    [
        ("skip", {}, "skipped"),
        ("fail", {}, "fail_now"),
        ("fail", {"never_fail": True}, "skipped"),
        ("error", {}, "failed"),
        ("error", {"never_fail": True}, "skipped"),
        ("error", {"silent_fail": True}, "success"),
    ],
)
def test_an_exception_decides_as_it_does_in_the_task(what: str, options: Any, state: str) -> None:
    stage = bench(PythonSensor, python_callable=later, op_args=[what], **options)
    assert stage.run_to_end("t").state == state


@pytest.mark.parametrize(("what", "pokes"), [("value", 2), ("no json", 3)])
def test_what_a_poke_returns_is_pushed(what: str, pokes: int) -> None:
    stage = bench(PythonSensor, python_callable=later, op_args=[what])
    assert stage.run_to_end("t").state == "success"
    assert stage.xcom("t") == RESULTS[what][0].xcom_value
    assert len(CALLS) == pokes


class Mine(HttpSensor):
    def poke(self, context: Any) -> bool:
        return False


class Own(BaseSensorOperator):
    def poke(self, context: Any) -> bool:
        return False


@pytest.mark.parametrize(
    ("kind", "options", "reason"),
    [
        (PythonSensor, {"python_callable": lambda: False}, "<lambda>"),
        (PythonSensor, {"python_callable": takes_all}, "all of the context"),
        (PythonSensor, {"python_callable": takes_ti}, "takes the task instance"),
        (PythonSensor, {"python_callable": third_time, "op_args": [NoJson()]}, "a NoJson is in it"),
        (PythonSensor, {"python_callable": third_time, "run_as_user": "bob"}, "the user 'bob'"),
        (BashSensor, {"bash_command": "exit 1 # hunter2hunter2"}, "holds a secret"),
        (BashSensor, {"bash_command": "exit 1", "run_as_user": "bob"}, "the user 'bob'"),
        (Mine, {"endpoint": "x"}, "the poke of a Mine"),
        (Own, {}, None),
    ],
)
def test_what_cannot_wait_elsewhere_is_rescheduled(
    kind: Any, options: Any, reason: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    secrets.hide("hunter2hunter2")
    with caplog.at_level("INFO", "hubflow.task"):
        outcome = bench(kind, **options).run("t")
    assert outcome.state == "rescheduled"
    assert isinstance(outcome.reschedule_at, datetime)
    said = [record.message for record in caplog.records if "not deferred" in record.message]
    assert [reason in text for text in said] == ([True] if reason else [])
