"""`@dag`, `@task`, outputs as arguments, and what they make of the graph (SEMANTICS 6.8)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from hubflow import DAG, dag, task
from hubflow.operators import BashOperator, PythonOperator
from hubflow.sdk import XComArg
from hubflow.sdk.dag_run import DagRun
from hubflow.sdk.exceptions import InvalidDag
from hubflow.sdk.run_task import Outcome, TryInfo, run_task
from hubflow.sdk.runtime import LocalRuntime, XComStore
from hubflow.sdk.xcom import XComQuery

START = datetime(2026, 1, 1, tzinfo=UTC)


def run_all(made: DAG, conf: dict[str, Any] | None = None) -> dict[str, Outcome]:
    """Run every unmapped task in order."""
    store = XComStore()
    run = DagRun(
        dag_id=made.dag_id,
        run_id="r",
        execution_date=START,
        data_interval_start=START,
        data_interval_end=START,
        conf=conf or {},
    )
    return {
        t.task_id: run_task(made, t.task_id, run, TryInfo(), LocalRuntime(store, t.task_id, START))
        for t in made.topological_sort()
    }


def test_the_output_of_a_task_is_the_argument_of_another() -> None:
    seen: list[Any] = []
    with DAG("d", schedule=None, start_date=START) as made:

        @task
        def extract() -> dict[str, int]:
            return {"a": 1, "b": 2}

        @task
        def load(data: dict[str, int], one: int, ts: str | None = None) -> None:
            seen.append((data, one, ts))

        found = extract()
        load(found, found["a"])
    assert made.get_task("load").upstream_task_ids == {"extract"}
    assert {outcome.state for outcome in run_all(made).values()} == {"success"}
    assert seen == [({"a": 1, "b": 2}, 1, "2026-01-01T00:00:00+00:00")]


def test_a_dag_function_builds_a_dag_of_its_name_with_its_parameters() -> None:
    seen: list[Any] = []

    @dag(schedule="@daily", start_date=START)
    def sales(day: str = "monday") -> None:
        """Sales of a day."""

        @task
        def show(value: str) -> None:
            seen.append(value)

        show(day)

    made = sales()
    assert (made.dag_id, made.doc_md, made.schedule_interval) == (
        "sales",
        "Sales of a day.",
        "@daily",
    )
    run_all(made)
    run_all(made, {"day": "friday"})
    assert seen == ["monday", "friday"]


def test_calling_a_function_again_numbers_its_tasks() -> None:
    with DAG("d", schedule=None) as made:

        @task
        def f() -> None: ...

        f()
        f()
        f.override(task_id="g", retries=3)()
        f()
    assert made.task_ids == ["f", "f__1", "g", "f__2"]
    assert made.get_task("g").retries == 3


def test_a_missing_argument_is_told_where_the_function_is_called() -> None:
    with DAG("d", schedule=None):

        @task
        def f(a: int, ti: Any) -> None: ...

        with pytest.raises(TypeError, match=r"f\(\): missing argument a"):
            f()
        with pytest.raises(TypeError, match="unexpected keyword"):
            f(1, b=2)


def test_multiple_outputs_must_be_a_dict() -> None:
    with DAG("d", schedule=None) as made:

        @task(multiple_outputs=True)
        def f() -> Any:
            return [1]

        f()
    assert "returns a dict" in (run_all(made)["f"].error or "")


def test_outputs_of_operators_link_and_stand_in_texts() -> None:
    with DAG("d", schedule=None) as made:
        a = BashOperator(task_id="a", bash_command="echo 1")
        BashOperator(task_id="b", bash_command=a.output)
        PythonOperator(task_id="c", python_callable=print, op_args=[{"x": a.output}])
        text = f"echo {a.output}"
    assert made.get_task("b").upstream_task_ids == {"a"}
    assert made.get_task("c").upstream_task_ids == {"a"}
    assert "xcom_pull(task_ids='a', key='return_value')" in text


def test_an_edge_that_an_output_implies_may_be_written_out_too() -> None:
    with DAG("d", schedule=None):

        @task
        def f(x: Any = None) -> int:
            return 1

        first = f()
        second = f(first)
        first >> second


def test_outputs_can_be_joined_with_operators() -> None:
    with DAG("d", schedule=None) as made:

        @task
        def f() -> None: ...

        a = BashOperator(task_id="a", bash_command="true")
        b = BashOperator(task_id="b", bash_command="true")
        a >> f() >> b
    assert made.get_task("f").upstream_task_ids == {"a"}
    assert made.get_task("b").upstream_task_ids == {"f"}


def test_an_output_cannot_be_walked_through_while_the_file_is_read() -> None:
    with DAG("d", schedule=None):
        a = BashOperator(task_id="a", bash_command="true")
    with pytest.raises(TypeError, match=r"expand\(\)"):
        list(a.output)
    assert XComArg(a) == a.output


def test_what_is_not_there_says_so() -> None:
    with pytest.raises(InvalidDag, match=r"@task\.docker is not available"):
        _ = task.docker


def test_task_bash_runs_the_command_that_a_function_returns() -> None:
    with DAG("d", schedule=None) as made:

        @task.bash
        def say(word: str) -> str:
            return f"echo {word} {{{{ ds }}}}"

        say("hello")
    store = XComStore()
    run = DagRun(
        dag_id="d",
        run_id="r",
        execution_date=START,
        data_interval_start=START,
        data_interval_end=START,
    )
    runtime = LocalRuntime(store, "say", START)
    assert run_task(made, "say", run, TryInfo(), runtime).state == "success"
    (value,) = store.find(XComQuery(dag_id="d", execution_date=START))
    assert value.data == b'"hello 2026-01-01"'
