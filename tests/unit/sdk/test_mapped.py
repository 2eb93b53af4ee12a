"""Mapped tasks in the file: what they expand over, and the operator of one instance."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from hubflow import DAG, TaskGroup, task, task_group
from hubflow.operators import BashOperator, PythonOperator
from hubflow.questions import NameInstance, Question
from hubflow.sdk import MappedOperator, xcom
from hubflow.sdk.context import get_current_context
from hubflow.sdk.dag_run import DagRun
from hubflow.sdk.exceptions import InvalidDag
from hubflow.sdk.run_task import Outcome, TryInfo, run_task
from hubflow.sdk.runtime import LocalRuntime, XComStore, use_runtime
from hubflow.sdk.taskinstance import TaskInstance
from hubflow.serialization.encode import encode
from hubflow.serialization.model import Length, Mapped, SerializedTask

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


@pytest.mark.parametrize("fails", [False, True])
def test_an_instance_is_named_once_it_has_run_however_it_ended(fails: bool) -> None:
    def load(region: str) -> None:
        get_current_context()["where"] = f"{region}\nof 2"
        if fails:
            raise ValueError(region)

    with DAG("d", schedule=None) as dag:
        task(map_index_template="{{ where }}, {{ ds }}")(load).expand(region=["north", "south"])
        task(task_id="plain", map_index_template="{{ where }}")(load)("west")
    asked: list[Question] = []
    runtime = LocalRuntime(XComStore(), "load", START, asked.append)
    for task_id, index in (("load", 1), ("plain", -1)):
        run_task(dag, task_id, RUN, TryInfo(map_index=index), runtime)
    assert asked == [NameInstance(name="south of 2, 2026-01-01")]


def test_a_name_that_cannot_be_rendered_fails_what_went_well() -> None:
    with DAG("d", schedule=None) as dag:
        BashOperator.partial(task_id="t", map_index_template="{{ 1 / 0 }}").expand(
            bash_command=["true", "exit 3"]
        )
    errors = [instance(dag, "t", index).error or "" for index in (0, 1)]
    assert ["division by zero" in error for error in errors] == [True, False]
    assert dag.warnings == []


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


def store_with(**pushed: Any) -> XComStore:
    """Return XComs: a dict of values by map index, or the value of a task that is not mapped."""
    store = XComStore()
    for name, values in pushed.items():
        for index, value in (values if isinstance(values, dict) else {-1: values}).items():
            store.put(START, name.replace("__", "."), xcom.encode("return_value", value), index)
    return store


def attempt(dag: DAG, task_id: str, index: int, store: XComStore) -> Outcome:
    runtime = LocalRuntime(store, task_id, START, map_index=index)
    return run_task(dag, task_id, RUN, TryInfo(map_index=index), runtime)


SEEN: list[Any] = []


def shops(values: Any) -> DAG:
    """numbers (if values is None) -> [ work.double -> work.deep.show ] for each value -> total"""
    SEEN.clear()
    with DAG("d", schedule=None) as dag:

        @task
        def numbers() -> list[int]:
            return [1, 2]

        @task
        def double(x: int) -> int:
            return 2 * x

        @task
        def show(x: int, doubled: int, factor: int) -> None:
            SEEN.append((x, doubled, factor))

        @task
        def total(values: list[int]) -> None:
            SEEN.append(sum(values))

        @task_group
        def work(x: int, factor: int) -> Any:
            doubled = double(x)
            with TaskGroup("deep"):
                show(x, doubled, factor)
            return doubled

        total(work.partial(factor=7).expand(x=numbers() if values is None else values))
    return dag


def test_the_tasks_of_a_mapped_group_see_their_own_value_and_each_other_by_map_index() -> None:
    dag = shops(None)
    store = store_with(numbers=[1, 2])
    for index in (0, 1):
        assert attempt(dag, "work.double", index, store).state == "success"
        assert attempt(dag, "work.deep.show", index, store).state == "success"
    assert attempt(dag, "total", -1, store).state == "success"
    assert SEEN == [(1, 2, 7), (2, 4, 7), 6]


def test_a_mapped_group_is_serialized_as_mapped_tasks_that_share_their_indexes() -> None:
    dag = shops(None)
    assert dag.get_task("work.double").upstream_task_ids == {"numbers"}
    assert dag.get_task("work.deep.show").upstream_task_ids == {"numbers", "work.double"}
    over = Mapped(factors=(Length(kind="xcom", task_id="numbers"),), group_id="work")
    assert serialized(dag, "work.double").mapped == over
    assert serialized(dag, "work.deep.show").mapped == over
    assert serialized(dag, "total").mapped is None
    assert factors(shops([1, 2, 3]), "work.deep.show") == (Length(count=3),)


def test_a_pull_by_id_gives_the_values_of_all_instances_or_of_some() -> None:
    dag = shops([1, 2, 3])
    runtime = LocalRuntime(store_with(work__double={0: 5, 1: 6, 2: 7}), "total", START)
    ti = TaskInstance(dag.get_task("total"), RUN)
    with use_runtime(runtime):
        assert ti.xcom_pull("work.double") == [5, 6, 7]
        assert ti.xcom_pull("work.double", map_indexes=1) == 6
        assert ti.xcom_pull("work.double", map_indexes=[2, 0]) == [5, 7]
        assert ti.xcom_pull("work.double", map_indexes=9, default="no") == "no"


def test_a_group_is_mapped_over_dicts_and_takes_the_defaults_of_its_function() -> None:
    seen: list[Any] = []
    with DAG("d", schedule=None) as dag:

        @task
        def first() -> int:
            return 40

        @task
        def show(x: int, y: int) -> None:
            seen.append((x, y))

        @task_group
        def work(x: int, y: int = 9) -> None:
            show(x, y)

        work.expand_kwargs([{"x": first(), "y": 2}, {"x": [3]}, {"y": 1}])
    store = store_with(first=40)
    assert [attempt(dag, "work.show", index, store).state for index in (0, 1)] == ["success"] * 2
    assert seen == [(40, 2), ([3], 9)]
    assert "have no 'x'" in (attempt(dag, "work.show", 2, store).error or "")
    assert dag.get_task("work.show").upstream_task_ids == {"first"}


def test_mapping_inside_a_mapped_group_is_refused_and_says_where() -> None:
    with DAG("d", schedule=None):

        @task
        def f(x: Any) -> None: ...

        @task_group
        def inner(x: Any) -> None:
            f(x)

        @task_group
        def outer(x: Any) -> None:
            inner.expand(x=x)

        @task_group
        def other(x: Any) -> None:
            f.expand(x=x)

        with pytest.raises(InvalidDag, match=r"other\.f is to be mapped inside .*'other'"):
            other.expand(x=[1])
        with pytest.raises(InvalidDag, match=r"'outer\.inner' is to be mapped inside .*'outer'"):
            outer.expand(x=[1])


def test_what_a_mapped_group_cannot_take_is_told_when_the_file_is_read() -> None:
    @task_group
    def work(x: int, y: int = 0) -> None: ...

    @task_group
    def anything(**values: Any) -> None: ...

    with DAG("d", schedule=None):
        with pytest.raises(InvalidDag, match="needs an argument"):
            work.expand()
        with pytest.raises(InvalidDag, match="has no argument z"):
            work.expand(z=[1])
        with pytest.raises(InvalidDag, match="gets y twice"):
            work.partial(y=1).expand(y=[1])
        with pytest.raises(InvalidDag, match="not over int"):
            work.expand(x=3)
        with pytest.raises(InvalidDag, match=r"without \* and \*\*"):
            anything.expand_kwargs([{}])
