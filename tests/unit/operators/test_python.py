"""PythonOperator: what its callable is called with."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest

from hubflow.operators import DummyOperator, PythonOperator
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
