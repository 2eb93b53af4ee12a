"""Mapped tasks in the file: what they expand over, and the operator of one instance."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from hubflow import DAG, task
from hubflow.operators import BashOperator, PythonOperator
from hubflow.sdk import MappedOperator, xcom
from hubflow.sdk.dag_run import DagRun
from hubflow.sdk.exceptions import InvalidDag
from hubflow.sdk.run_task import Outcome, TryInfo, run_task
from hubflow.sdk.runtime import LocalRuntime, XComStore
from hubflow.serialization.encode import encode
from hubflow.serialization.model import Length, SerializedTask

START = datetime(2026, 1, 1, tzinfo=UTC)
RUN = DagRun(
    dag_id="d",
    run_id="r",
    execution_date=START,
    data_interval_start=START,
    data_interval_end=START,
)


def instance(dag: DAG, task_id: str, index: int, **pushed: Any) -> Outcome:
    """Run one instance, after other tasks pushed their results."""
    store = XComStore()
    for other, value in pushed.items():
        store.put(START, other, xcom.encode("return_value", value))
    runtime = LocalRuntime(store, task_id, START)
    return run_task(dag, task_id, RUN, TryInfo(map_index=index), runtime)


def serialized(dag: DAG, task_id: str) -> SerializedTask:
    return {t.task_id: t for t in encode(dag, "d.py").tasks}[task_id]


def factors(dag: DAG, task_id: str) -> tuple[Length, ...]:
    mapped = serialized(dag, task_id).mapped
    assert mapped is not None
    return mapped.factors


def test_an_operator_is_expanded_over_all_combinations_the_last_changes_fastest() -> None:
    seen: list[Any] = []
    with DAG("d", schedule=None) as dag:
        PythonOperator.partial(
            task_id="t", python_callable=lambda *args: seen.append(args), retries=2
        ).expand(op_args=[[1], [2]], queue=["a", "b", "c"])
    assert factors(dag, "t") == (Length(count=2), Length(count=3))
    assert serialized(dag, "t").retries == 2
    for index in range(6):
        assert instance(dag, "t", index).state == "success"
    assert seen == [(1,), (1,), (1,), (2,), (2,), (2,)]
    mapped = dag.get_task("t")
    assert [mapped.unmap({}, index).queue for index in range(3)] == ["a", "b", "c"]


def test_a_function_is_expanded_over_the_output_of_another() -> None:
    seen: list[Any] = []
    with DAG("d", schedule=None) as dag:

        @task
        def numbers() -> list[int]:
            return [1, 2]

        @task
        def add(x: int, y: int) -> None:
            seen.append(x + y)

        add.partial(y=10).expand(x=numbers())
    assert dag.get_task("add").upstream_task_ids == {"numbers"}
    assert factors(dag, "add") == (Length(kind="xcom", task_id="numbers"),)
    assert instance(dag, "add", 1, numbers=[1, 2]).state == "success"
    assert seen == [12]


def test_dicts_of_arguments_make_an_instance_each() -> None:
    with DAG("d", schedule=None) as dag:
        BashOperator.partial(task_id="t").expand_kwargs(
            [{"bash_command": "echo 1"}, {"bash_command": "exit 1"}]
        )
    assert factors(dag, "t") == (Length(count=2),)
    assert [instance(dag, "t", index).state for index in (0, 1)] == ["success", "failed"]


def test_map_zip_and_concat_keep_their_length() -> None:
    with DAG("d", schedule=None) as dag:

        @task
        def f() -> list[int]:
            return [1]

        @task
        def g(x: Any) -> None: ...

        a, b = f(), f()
        g.expand(x=a.map(str))
        g.expand(x=a.zip(b))
        g.expand(x=a.concat(b))
    one, other = Length(kind="xcom", task_id="f"), Length(kind="xcom", task_id="f__1")
    assert factors(dag, "g") == (one,)
    assert factors(dag, "g__1") == (Length(kind="shortest", parts=(one, other)),)
    assert factors(dag, "g__2") == (Length(kind="total", parts=(one, other)),)


def test_an_instance_without_a_value_says_what_to_clear() -> None:
    with DAG("d", schedule=None) as dag:

        @task
        def numbers() -> list[int]:
            return []

        @task
        def f(x: int) -> None: ...

        f.expand(x=numbers())
    assert "clear the task before it" in (instance(dag, "f", 3, numbers=[1]).error or "")


def test_default_args_of_the_dag_reach_the_instances() -> None:
    with DAG("d", schedule=None, default_args={"retries": 4, "owner": "ann"}) as dag:
        BashOperator.partial(task_id="t").expand(bash_command=["true"])
    mapped = dag.get_task("t")
    assert isinstance(mapped, MappedOperator)
    assert (mapped.retries, mapped.unmap({}, 0).owner) == (4, "ann")
    assert mapped.unmap({}, 0).dag is dag
    assert dag.task_ids == ["t"]


def test_what_cannot_be_expanded_is_told_when_the_file_is_read() -> None:
    with DAG("d", schedule=None):
        with pytest.raises(InvalidDag, match="not over int"):
            BashOperator.partial(task_id="a").expand(bash_command=3)
        with pytest.raises(InvalidDag, match="bash_command twice"):
            BashOperator.partial(task_id="b", bash_command="x").expand(bash_command=["y"])
        with pytest.raises(InvalidDag, match="nothing to expand over"):
            BashOperator.partial(task_id="c").expand()
        with pytest.raises(InvalidDag, match="needs a task_id"):
            BashOperator.partial(bash_command="x")
