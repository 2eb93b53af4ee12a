"""Values that tasks hand on: encoding, and what a pull answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubflow.compat.models import XCom, XComRow
from hubflow.operators import PythonOperator
from hubflow.questions import DeleteXCom
from hubflow.sdk import DAG, xcom
from hubflow.sdk.exceptions import HubflowException, XComTooLarge
from hubflow.sdk.runtime import XComStore
from unit.sdk.bench import AT, Bench, make_dag


def push_and_return(ti: Any) -> int:
    ti.xcom_push("k", 1)
    return 2


def pulled(*args: Any, store: XComStore | None = None, at: datetime = AT, **kwargs: Any) -> Any:
    """Return what a task pulls after A pushed k=1 and returned 2, and B returned None."""
    dag = make_dag()
    answers = []
    PythonOperator(task_id="A", dag=dag, python_callable=push_and_return)
    PythonOperator(task_id="B", dag=dag, python_callable=lambda: None)
    PythonOperator(
        task_id="C",
        dag=dag,
        python_callable=lambda ti: answers.append(ti.xcom_pull(*args, **kwargs)),
    )
    bench = Bench(dag, store, at=at)
    for task_id in "ABC":
        assert bench.run(task_id).state == "success"
    return answers[0]


@pytest.mark.parametrize(
    ("args", "kwargs", "answer"),
    [
        (["A"], {}, 2),
        (["A"], {"key": "k"}, 1),
        (["A"], {"key": None}, 2),
        ([["A", "B"]], {}, [2, None]),
        ([("B", "A")], {}, [None, 2]),
        ([], {"task_ids": None}, 2),
        (["zzz"], {}, None),
        ([""], {"key": "k"}, 1),
        ([[]], {}, []),
        (["zzz"], {"default": 7}, 7),
        (["A", None, "k"], {}, 1),
        (["A"], {"dag_id": "demo"}, 2),
    ],
)
def test_pull(args: list[Any], kwargs: dict[str, Any], answer: Any) -> None:
    assert pulled(*args, **kwargs) == answer


def test_prior_dates_are_included_only_when_asked() -> None:
    store = XComStore()
    store.put(AT - timedelta(days=1), "Z", xcom.encode("return_value", "old"))
    assert pulled("Z", store=store) is None
    assert pulled("Z", store=store, include_prior_dates=True) == "old"


def calling(function: Callable[..., Any]) -> DAG:
    """Return a DAG whose one task calls ``function``."""
    dag = make_dag()
    PythonOperator(task_id="t", dag=dag, python_callable=function)
    return dag


def test_push_for_an_earlier_date_is_refused() -> None:
    dag = calling(lambda ti: ti.xcom_push("k", 1, datetime(2000, 1, 1, tzinfo=UTC)))
    outcome = Bench(dag).run("t")
    assert outcome.state == "failed"
    assert "cannot be pushed for 2000-01-01 00:00:00+00:00" in str(outcome.error)


def test_push_for_a_later_date_is_hidden_until_that_run() -> None:
    store, later = XComStore(), AT + timedelta(days=2)
    bench = Bench(calling(lambda ti: ti.xcom_push("return_value", "next", later)), store, at=AT)
    assert bench.run("t").state == "success"
    for days, answer in ((0, None), (1, None), (2, "next"), (3, None)):
        at = AT + timedelta(days=days)
        assert pulled("t", store=store, at=at) == answer
        prior = pulled("t", store=store, at=at, include_prior_dates=True)
        assert prior == ("next" if days >= 2 else None)


@pytest.mark.parametrize(
    ("key", "words"),
    [(5, "is a text, not 5"), ("", "1 to 250 characters"), ("k" * 251, "not 251: 'kkk")],
)
def test_a_key_that_cannot_be_is_named_and_the_task_may_go_on(key: Any, words: str) -> None:
    def work(ti: Any) -> str:
        try:
            ti.xcom_push(key, 1)
        except (TypeError, ValueError) as exc:
            return str(exc)
        return "taken"

    assert words in Bench(calling(work)).result("t")


def test_set_stores_for_another_task_of_the_run_and_delete_removes() -> None:
    def work(ti: Any) -> Any:
        XCom.set("k", 5, ti.execution_date, "other", "demo")
        (found,) = XCom.get_many(ti.execution_date, "k", "other", "demo")
        XCom.delete(found)
        assert found.timestamp.tzinfo is not None
        return found.task_id, found.value, found.execution_date == ti.execution_date

    asked: list[Any] = []
    bench = Bench(calling(work), answer=asked.append)
    assert bench.result("t") == ("other", 5, True)
    at = bench.run_facts.execution_date
    assert asked == [DeleteXCom(execution_date=at, task_id="other", key="k")]


@pytest.mark.parametrize(
    "call",
    [
        lambda at: XCom.set("k", 1, at, "t", "another"),
        lambda at: XCom.delete([XComRow("another", "t", at, "k", 1, at)]),
    ],
)
def test_xcoms_of_another_dag_cannot_be_changed(call: Callable[[datetime], None]) -> None:
    outcome = Bench(calling(lambda ti: call(ti.execution_date))).run("t")
    assert outcome.state == "failed"
    assert "a task of 'demo' cannot change XComs of 'another'" in str(outcome.error)


@pytest.mark.parametrize(
    ("value", "encoding"),
    [
        ({"a": [1, 2.5, None, True, "ü"]}, "json"),
        ((1, 2), "pickle"),
        ({1: "a"}, "pickle"),
        (float("inf"), "pickle"),
        ({"at": AT}, "pickle"),
        (b"bytes", "pickle"),
        ("half a pair \ud800", "json"),
    ],
)
def test_encoding_gives_back_the_same_value(value: Any, encoding: str) -> None:
    stored = xcom.encode("k", value)
    assert stored.encoding == encoding
    back = xcom.decode(stored.encoding, stored.data)
    assert back == value
    assert type(back) is type(value)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner),
        max_leaves=8,
    )
)
def test_any_plain_value_survives(value: Any) -> None:
    stored = xcom.encode("k", value)
    assert xcom.decode(stored.encoding, stored.data) == value


def test_list_that_holds_itself_is_pickled() -> None:
    knot: list[Any] = []
    knot.append(knot)
    assert xcom.encode("k", knot).encoding == "pickle"


def test_value_that_cannot_be_stored_is_named() -> None:
    with pytest.raises(HubflowException, match="the XCom 'k' is a generator that cannot be stored"):
        xcom.encode("k", (n for n in range(3)))


def test_too_large_value_is_refused() -> None:
    with pytest.raises(XComTooLarge, match="takes 102 bytes and may take 100"):
        xcom.encode("k", "x" * 100, limit_bytes=100)


def test_shown_text_is_short_and_never_fails() -> None:
    class Bad:
        def __repr__(self) -> str:
            raise ValueError("no")

    assert len(xcom.encode("k", "x" * 10_000).text) == xcom.TEXT_LENGTH
    assert xcom.shown_text(Bad()) == "<Bad whose repr fails: no>"
