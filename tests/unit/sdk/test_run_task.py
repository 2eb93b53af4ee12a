"""One try of a task: its outcome, limits, callbacks and environment."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from hubflow.operators import BashOperator, PythonOperator
from hubflow.sdk import BaseOperator
from hubflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowSkipException,
    TaskNotFound,
)
from hubflow.sdk.run_task import TryInfo, run_task
from unit.sdk.bench import Bench, make_dag


def bench(function: Callable[..., Any], **options: Any) -> Bench:
    dag = make_dag()
    PythonOperator(task_id="t", dag=dag, python_callable=function, **options)
    return Bench(dag)


def raiser(error: BaseException) -> Callable[[], None]:
    def function() -> None:
        raise error

    return function


@pytest.mark.parametrize(
    ("error", "state", "line"),
    [
        (ValueError("no rows\nat all"), "failed", "ValueError: no rows"),
        (AirflowException("plain words"), "failed", "plain words"),
        (AirflowFailException("never again"), "fail_now", "TaskFailed: never again"),
        (AirflowSkipException("not today"), "skipped", "not today"),
        (SystemExit(0), "failed", "SystemExit: 0"),
        (KeyboardInterrupt(), "failed", "KeyboardInterrupt"),
        (NotImplementedError(), "failed", "NotImplementedError"),
    ],
)
def test_outcomes_of_exceptions(error: BaseException, state: str, line: str) -> None:
    outcome = bench(raiser(error)).run("t")
    assert (outcome.state, outcome.error) == (state, line)


@pytest.mark.parametrize(
    ("template", "where"),
    [
        ("one\n{{ two", "(in the template field 'op_kwargs', line 2)"),
        ("one\n\n{{ 1 / 0 }}", "(in the template field 'op_kwargs', line 3)"),
        ("{{ ti.nothing() }}", "(in the template field 'op_kwargs', line 1)"),
    ],
)
def test_a_template_error_names_the_field_and_the_line(template: str, where: str) -> None:
    outcome = bench(print, op_kwargs={"a": template}).run("t")
    assert outcome.state == "failed"
    assert (outcome.error or "").endswith(where)


def test_stacktrace_begins_in_the_operator() -> None:
    outcome = bench(raiser(ValueError("x"))).run("t")
    assert outcome.stacktrace is not None
    assert "in function" in outcome.stacktrace
    assert "/run_task.py" not in outcome.stacktrace


def test_detail_of_an_exception_is_handed_on() -> None:
    error = AirflowException("cell 3 failed")
    error.error_detail = {"cell": 3}  # type: ignore[attr-defined]
    assert bench(raiser(error)).run("t").error_detail == {"cell": 3}


def test_result_is_pushed_unless_it_is_none_or_unwanted() -> None:
    wanted, unwanted = bench(lambda: 1), bench(lambda: 1, do_xcom_push=False)
    assert wanted.result("t") == 1
    assert unwanted.result("t") is None


def test_time_limit_ends_the_task_and_calls_on_kill() -> None:
    killed = []

    class Slow(BaseOperator):
        def execute(self, context: Any) -> None:
            time.sleep(10)  # what the time limit interrupts

        def on_kill(self) -> None:
            killed.append(self.task_id)

    dag = make_dag()
    Slow(task_id="t", dag=dag, execution_timeout=timedelta(seconds=0.05))
    began = time.monotonic()
    outcome = Bench(dag).run("t")
    assert outcome.state == "failed"
    assert "ran longer than its execution_timeout of 0:00:00.05" in str(outcome.error)
    assert killed == ["t"]
    assert time.monotonic() - began < 5
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_sigterm_ends_the_task_and_calls_on_kill() -> None:
    before = signal.getsignal(signal.SIGTERM)
    outcome = bench(lambda: os.kill(os.getpid(), signal.SIGTERM)).run("t")
    assert outcome.error == "TaskKilled: the task was told to end (SIGTERM)"
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize(
    ("error", "attempt", "called"),
    [
        (None, {}, ["success"]),
        (ValueError(), {"try_number": 1, "max_tries": 2}, ["retry"]),
        (ValueError(), {"try_number": 2, "max_tries": 2}, ["failure"]),
        (AirflowFailException(), {"try_number": 1, "max_tries": 2}, ["failure"]),
        (AirflowSkipException(), {}, ["success"]),
    ],
)
def test_callbacks(error: Exception | None, attempt: dict[str, int], called: list[str]) -> None:
    calls: list[str] = []

    def record(name: str) -> Callable[[Any], None]:
        return lambda context: calls.append(name)

    function = raiser(error) if error else lambda: None
    stage = bench(
        function,
        on_success_callback=record("success"),
        on_failure_callback=[record("failure")],
        on_retry_callback=record("retry"),
    )
    stage.run("t", **attempt)
    assert calls == called


@pytest.mark.parametrize(("max_tries", "state"), [(2, "up_for_retry"), (1, "failed")])
def test_callbacks_see_the_state_that_follows(max_tries: int, state: str) -> None:
    seen: list[str] = []

    def note(context: Any) -> None:
        seen.append(context["ti"].state)

    stage = bench(raiser(ValueError()), on_failure_callback=note, on_retry_callback=note)
    stage.run("t", max_tries=max_tries)
    assert seen == [state]


def test_a_dry_run_logs_the_template_fields(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        BashOperator(task_id="t", bash_command="echo {{ ds }}").dry_run()
    assert "Rendering template for bash_command\necho {{ ds }}" in caplog.text


def test_failing_callback_is_only_logged(caplog: pytest.LogCaptureFixture) -> None:
    fail = raiser(ValueError("in callback"))
    stage = bench(lambda: 1, on_success_callback=lambda context: fail())
    with caplog.at_level(logging.ERROR):
        assert stage.run("t").state == "success"
    assert "A callback failed" in caplog.text
    assert stage.run("t").callback_error == "ValueError: in callback"


def test_failure_callback_sees_the_exception() -> None:
    seen: list[Any] = []
    error = ValueError("x")
    bench(raiser(error), on_failure_callback=lambda c: seen.append(c["exception"])).run("t")
    assert seen == [error]


def test_environment_tells_where_the_task_runs_and_is_put_back() -> None:
    names = ("DAG_ID", "TASK_ID", "EXECUTION_DATE", "DAG_RUN_ID", "DAG_OWNER", "TRY_NUMBER")
    stage = bench(lambda: {name: os.environ[f"AIRFLOW_CTX_{name}"] for name in names}, owner="ada")
    assert stage.result("t") == {
        "DAG_ID": "demo",
        "TASK_ID": "t",
        "EXECUTION_DATE": "2018-10-02T09:56:05.289457+00:00",
        "DAG_RUN_ID": "manual__1",
        "DAG_OWNER": "ada",
        "TRY_NUMBER": "1",
    }
    assert "AIRFLOW_CTX_DAG_ID" not in os.environ


def test_task_of_the_dag_is_not_changed_by_rendering() -> None:
    dag = make_dag()
    task = PythonOperator(
        task_id="t", dag=dag, python_callable=lambda day: day, op_args=["{{ ds }}"]
    )
    assert Bench(dag).result("t") == "2018-10-02"
    assert task.op_args == ["{{ ds }}"]


def test_hooks_run_around_execute() -> None:
    order: list[Any] = []

    class Hooked(BaseOperator):
        def pre_execute(self, context: Any) -> None:
            order.append("pre")

        def execute(self, context: Any) -> str:
            order.append("execute")
            return "result"

        def post_execute(self, context: Any, result: Any = None) -> None:
            order.append(("post", result))

    dag = make_dag()
    Hooked(task_id="t", dag=dag)
    assert Bench(dag).run("t").state == "success"
    assert order == ["pre", "execute", ("post", "result")]


def test_unknown_task_is_told() -> None:
    with pytest.raises(TaskNotFound, match="'x' not found in DAG 'demo'"):
        Bench(make_dag()).run("x")


def test_what_templates_became_is_shown() -> None:
    dag = make_dag()
    PythonOperator(
        task_id="t",
        dag=dag,
        python_callable=lambda **given: None,
        op_kwargs={"day": "{{ ds }}", "many": "x" * 5000},
    )
    PythonOperator(task_id="plain", dag=dag, python_callable=lambda day: None, op_args=["x"])
    test_bench = Bench(dag)
    runtime = test_bench._runtime("t")
    run_task(dag, "t", test_bench.run_facts, TryInfo(), runtime)
    assert runtime.rendered["op_kwargs"].startswith("{'day': '2018-10-02', 'many': 'xxx")
    assert len(runtime.rendered["op_kwargs"]) == 4096
    runtime = test_bench._runtime("plain")
    run_task(dag, "plain", test_bench.run_facts, TryInfo(), runtime)
    assert runtime.rendered == {}
