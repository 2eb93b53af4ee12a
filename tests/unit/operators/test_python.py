"""PythonOperator: what its callable is called with."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest

from hubflow.operators import DummyOperator, PythonOperator
from hubflow.sdk.datasets import Dataset, Metadata
from hubflow.sdk.exceptions import InvalidDag
from unit.sdk.bench import Bench, make_dag

DAY = {"d": "2018-10-02"}


class Calls:
    def method(self, ds: str, n: int = 1) -> str:
        return f"{ds} {n}"


@pytest.mark.parametrize(
    ("function", "options", "result"),
    [
        (lambda: 1, {}, 1),
        (lambda ds: ds, {}, "2018-10-02"),
        (lambda a, ds: (a, ds), {"op_args": ["x"]}, ("x", "2018-10-02")),
        (lambda ds, b: (ds, b), {"op_args": ["x"], "op_kwargs": {"b": 2}}, ("x", 2)),
        (lambda ds: ds, {"op_kwargs": {"ds": "mine"}}, "mine"),
        (lambda ds, **kw: (ds, kw["run_id"]), {}, ("2018-10-02", "manual__1")),
        (lambda *args, **kw: (args, "ti" in kw), {"op_args": [1]}, ((1,), True)),
        (lambda *, run_id: run_id, {"provide_context": True}, "manual__1"),
        (lambda **kw: sorted(kw), {"provide_context": False, "op_kwargs": {"a": 1}}, ["a"]),
        (lambda templates_dict: templates_dict, {"templates_dict": {"d": "{{ ds }}"}}, DAY),
        (lambda n: n, {"op_kwargs": {"n": ["{{ ds_nodash }}"]}}, ["20181002"]),
        (functools.partial(lambda a, ds: a + ds, "on "), {}, "on 2018-10-02"),
        (Calls().method, {"op_kwargs": {"n": 2}}, "2018-10-02 2"),
        (max, {"op_args": [[1, 3, 2]]}, 3),
        (dict, {"op_kwargs": {"a": 1}}, {"a": 1}),
    ],
)  # fmt: skip
def test_call(function: Callable[..., Any], options: dict[str, Any], result: Any) -> None:
    dag = make_dag()
    PythonOperator(task_id="t", dag=dag, python_callable=function, **options)
    assert Bench(dag).result("t") == result


def test_missing_argument_fails_the_task() -> None:
    dag = make_dag()
    PythonOperator(task_id="t", dag=dag, python_callable=lambda nothing_like_it: None)
    assert "missing 1 required positional argument" in str(Bench(dag).run("t").error)


def test_callable_is_checked_when_the_file_is_read() -> None:
    with pytest.raises(InvalidDag, match="`python_callable` param must be callable"):
        PythonOperator(task_id="t", python_callable="not callable")  # type: ignore[arg-type]


def test_dummy_does_nothing_unless_somebody_listens() -> None:
    class Mine(DummyOperator):
        pass

    assert DummyOperator(task_id="t").does_nothing()
    assert not Mine(task_id="t").does_nothing()
    assert not DummyOperator(task_id="t", on_success_callback=print).does_nothing()


def test_generator_is_run_to_its_end_and_tells_about_datasets() -> None:
    def produce(outlet_events: Any) -> Any:
        yield Metadata(Dataset("s3://a"), {"rows": 5})
        return outlet_events[Dataset("s3://a")].extra

    dag = make_dag()
    PythonOperator(task_id="t", python_callable=produce, dag=dag)
    assert Bench(dag).result("t") == {"rows": 5}


def test_generator_of_values_is_told_to_return_them() -> None:
    def produce() -> Any:
        yield 1

    dag = make_dag()
    PythonOperator(task_id="t", python_callable=produce, dag=dag)
    assert "yielded a int; return values" in (Bench(dag).run("t").error or "")


def test_hooks_around_execute_may_be_given_as_arguments() -> None:
    seen: list[Any] = []
    dag = make_dag()
    PythonOperator(
        task_id="t",
        python_callable=lambda: "done",
        pre_execute=lambda context: seen.append(context["ds"]),
        post_execute=lambda context, result: seen.append(result),
        dag=dag,
    )
    assert Bench(dag).result("t") == "done"
    assert seen == ["2018-10-02", "done"]
    assert dag.warnings == []
