"""Operators that decide which of the tasks after them run."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from hubflow.clock import utcnow
from hubflow.operators import (
    BaseBranchOperator,
    BranchDateTimeOperator,
    BranchDayOfWeekOperator,
    BranchPythonOperator,
    DummyOperator,
    LatestOnlyOperator,
    PythonOperator,
    ShortCircuitOperator,
)
from hubflow.sdk import DAG, BaseOperator, SkipMixin
from hubflow.sdk.exceptions import InvalidDag
from hubflow.sdk.weekday import WeekDay
from unit.sdk.bench import AT, Bench, make_dag

NOW = utcnow()


def below(first: BaseOperator) -> DAG:
    """Put tasks after ``first``: a, b and c, of which a leads to b, and `end` after all."""
    dag: DAG = first.dag
    a, b, c, end = (DummyOperator(task_id=name, dag=dag) for name in ("a", "b", "c", "end"))
    first >> [a, b, c]
    a >> b
    [a, b, c] >> end  # type: ignore[operator]  # lists on the left are the edges' own business
    return dag


@pytest.mark.parametrize(
    ("chosen", "ruled_out"),
    [
        ("b", ("a", "c")),
        ("a", ("c",)),  # b is reached from a
        (["b", "c"], ("a",)),
        (["a", "b", "c"], ()),
        ("end", ("a", "b", "c")),
        (None, ("a", "b", "c")),
        ([], ("a", "b", "c")),
    ],
)
def test_what_a_branch_rules_out(chosen: Any, ruled_out: tuple[str, ...]) -> None:
    dag = make_dag()
    below(BranchPythonOperator(task_id="t", dag=dag, python_callable=lambda: chosen))
    stage = Bench(dag)
    outcome = stage.run("t")
    assert (outcome.state, outcome.rules_out) == ("success", ruled_out)
    assert stage.xcom("t") == chosen
    followed = [chosen] if isinstance(chosen, str) else chosen or []
    assert stage.xcom("t", "skipmixin_key") == {"followed": followed}


@pytest.mark.parametrize("chosen", ["x", ["a", "x"], 3, [3]])
def test_a_branch_to_nowhere_fails(chosen: Any) -> None:
    dag = make_dag()
    below(BranchPythonOperator(task_id="t", dag=dag, python_callable=lambda: chosen))
    outcome = Bench(dag).run("t")
    assert outcome.state == "failed"
    assert outcome.rules_out == ()


def test_a_branch_of_the_authors_own() -> None:
    class Mine(BaseBranchOperator):
        def choose_branch(self, context: Any) -> str:
            return "a" if context["ds"] == "2018-10-02" else "c"

    dag = below(Mine(task_id="t", dag=make_dag()))
    assert Bench(dag).run("t").rules_out == ("c",)


@pytest.mark.parametrize(
    ("condition", "options", "ruled_out"),
    [
        (True, {}, ()),
        ("yes", {}, ()),
        (False, {}, ("a", "b", "c", "end")),
        ([], {}, ("a", "b", "c", "end")),
        (None, {"ignore_downstream_trigger_rules": False}, ("a", "b", "c")),
    ],
)
def test_a_short_circuit(condition: Any, options: Any, ruled_out: tuple[str, ...]) -> None:
    dag = make_dag()
    below(ShortCircuitOperator(task_id="t", dag=dag, python_callable=lambda: condition, **options))
    stage = Bench(dag)
    outcome = stage.run("t")
    assert (outcome.state, outcome.rules_out) == ("success", ruled_out)
    assert stage.xcom("t") == condition


@pytest.mark.parametrize(
    ("at", "facts", "goes_on"),
    [
        (NOW - timedelta(days=1, minutes=5), {"external_trigger": False}, True),
        (NOW - timedelta(days=3), {"external_trigger": False}, False),
        (NOW - timedelta(days=3), {"external_trigger": True}, True),
    ],
)
def test_only_the_latest_run_goes_on(at: datetime, facts: Any, goes_on: bool) -> None:
    day = timedelta(days=1)
    dag = make_dag(schedule=day, start_date=at - 10 * day)
    below(LatestOnlyOperator(task_id="t", dag=dag))
    outcome = Bench(dag, at=at, **facts).run("t")
    assert (outcome.rules_out == ()) is goes_on
    if not goes_on:
        assert outcome.rules_out == ("a", "b", "c", "end")


def test_without_a_schedule_every_run_is_the_latest() -> None:
    dag = make_dag(schedule=None)
    below(LatestOnlyOperator(task_id="t", dag=dag))
    assert Bench(dag, external_trigger=False).run("t").rules_out == ()


@pytest.mark.parametrize(
    ("lower", "upper", "is_so"),
    [
        (datetime(2018, 10, 2, 9, tzinfo=UTC), None, True),
        (None, datetime(2018, 10, 2, 9), False),
        (time(9), time(10), True),
        (time(10), time(9), False),  # from 10:00 until 9:00 of the next day
        (time(9, 57), time(9), False),
        (time(8), datetime(2018, 10, 3), True),
    ],
)
def test_a_branch_by_time(lower: Any, upper: Any, is_so: bool) -> None:
    dag = make_dag()
    below(
        BranchDateTimeOperator(
            task_id="t",
            dag=dag,
            target_lower=lower,
            target_upper=upper,
            follow_task_ids_if_true="b",
            follow_task_ids_if_false=["c"],
            use_task_logical_date=True,
        )
    )
    assert Bench(dag).run("t").rules_out == (("a", "c") if is_so else ("a", "b"))


@pytest.mark.parametrize(
    ("day", "is_so"),
    [
        ("Tuesday", True),
        ("monday", False),
        ({"Monday", WeekDay.TUESDAY}, True),
        (WeekDay.SUNDAY, False),
        ([2, 3], True),
    ],
)
def test_a_branch_by_day_of_week(day: Any, is_so: bool) -> None:
    dag = make_dag()
    below(
        BranchDayOfWeekOperator(
            task_id="t",
            dag=dag,
            week_day=day,
            follow_task_ids_if_true="b",
            follow_task_ids_if_false="c",
            use_task_logical_date=True,
        )
    )
    assert AT.isoweekday() == 2
    assert Bench(dag).run("t").rules_out == (("a", "c") if is_so else ("a", "b"))


@pytest.mark.parametrize("day", ["Fooday", 9, [], None])
def test_a_day_that_is_none_is_refused(day: Any) -> None:
    with pytest.raises(InvalidDag):
        BranchDayOfWeekOperator(
            task_id="t", week_day=day, follow_task_ids_if_true="b", follow_task_ids_if_false="c"
        )


def test_a_branch_by_time_needs_a_target() -> None:
    with pytest.raises(InvalidDag, match="target_lower, target_upper or both"):
        BranchDateTimeOperator(
            task_id="t",
            target_lower=None,
            target_upper=None,
            follow_task_ids_if_true="b",
            follow_task_ids_if_false="c",
        )


def test_skip_as_authors_of_operators_call_it() -> None:
    class Mine(SkipMixin, PythonOperator):
        def execute(self, context: Any) -> None:
            self.skip(context["dag_run"], context["execution_date"], self.downstream_list)

    dag = below(Mine(task_id="t", dag=make_dag(), python_callable=print))
    stage = Bench(dag)
    assert stage.run("t").rules_out == ("a", "b", "c")
    assert stage.xcom("t", "skipmixin_key") == {"skipped": ["a", "b", "c"]}
