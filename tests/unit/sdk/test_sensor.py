"""What all sensors have in common: poking, waiting, giving up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from hubflow.clock import utcnow
from hubflow.operators import DummyOperator
from hubflow.sdk.exceptions import (
    AirflowFailException,
    AirflowSensorTimeout,
    AirflowSkipException,
    InvalidDag,
)
from hubflow.sdk.sensor import BaseSensorOperator, PokeReturnValue
from hubflow.sdk.triggers import Resuming
from unit.sdk.bench import Bench, make_dag

SHORT: dict[str, Any] = {"poke_interval": 0.01}


class Sensor(BaseSensorOperator):
    """Pokes with what is given, one after another; an exception is raised."""

    def __init__(self, *, answers: list[Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.answers = answers

    def poke(self, context: Any) -> Any:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def bench(*answers: Any, **options: Any) -> Bench:
    dag = make_dag()
    sensor = Sensor(task_id="t", dag=dag, answers=list(answers), **{**SHORT, **options})
    sensor >> DummyOperator(task_id="next", dag=dag) >> DummyOperator(task_id="last", dag=dag)
    return Bench(dag)


def ago(seconds: float) -> datetime:
    return utcnow() - timedelta(seconds=seconds)


def test_it_pokes_until_something_is_true() -> None:
    stage = bench(False, None, 0, "found")
    assert stage.run("t").state == "success"
    assert stage.xcom("t") is None


@pytest.mark.parametrize("mode", ["poke", "reschedule"])
def test_a_poke_may_hand_on_a_value(mode: str) -> None:
    stage = bench(PokeReturnValue(False, 1), PokeReturnValue(True, {"rows": 3}), mode=mode)
    assert stage.run_to_end("t").state == "success"
    assert stage.xcom("t") == {"rows": 3}


def test_reschedule_gives_the_slot_back_between_pokes() -> None:
    outcome = bench(False, mode="reschedule", poke_interval=timedelta(minutes=5)).run("t")
    assert outcome.state == "rescheduled"
    assert outcome.reschedule_at is not None
    left = outcome.reschedule_at - utcnow()
    assert timedelta(minutes=4) < left <= timedelta(minutes=5)


def test_a_deferrable_sensor_without_a_trigger_gives_its_process_back() -> None:
    assert bench(False, deferrable=True).run("t").state == "rescheduled"


@pytest.mark.parametrize("mode", ["poke", "reschedule"])
def test_its_time_counts_from_the_first_poke_of_the_try(mode: str) -> None:
    outcome = bench(False, timeout=60, mode=mode).run("t", began_at=ago(61), leg=3)
    assert outcome.state == "failed"
    assert isinstance(outcome.exception, AirflowSensorTimeout)
    assert "Snap. Time is OUT." in str(outcome.error)


def test_what_comes_after_its_time_but_is_there_counts() -> None:
    assert bench(True, timeout=60).run("t", began_at=ago(61)).state == "success"


@pytest.mark.parametrize(
    ("attempt", "state"),
    [({"try_number": 1, "max_tries": 2}, "failed"), ({"try_number": 2, "max_tries": 2}, "skipped")],
)
def test_soft_fail_skips_all_that_follows_when_no_retry_is_left(
    attempt: dict[str, int], state: str
) -> None:
    outcome = bench(False, timeout=0, soft_fail=True).run("t", began_at=ago(1), **attempt)
    assert outcome.state == state
    assert outcome.rules_out == (("last", "next") if state == "skipped" else ())


@pytest.mark.parametrize(
    ("options", "error", "state"),
    [
        ({}, ValueError("x"), "failed"),
        ({"soft_fail": True}, ValueError("x"), "failed"),
        ({"never_fail": True}, ValueError("x"), "skipped"),
        ({"never_fail": True}, AirflowSensorTimeout("x"), "skipped"),
        ({"silent_fail": True}, ValueError("x"), "success"),
        ({"silent_fail": True}, AirflowFailException("x"), "fail_now"),
        ({"soft_fail": True}, AirflowSensorTimeout("x"), "skipped"),
        ({}, AirflowSkipException("x"), "skipped"),
        ({"silent_fail": True}, AirflowSkipException("x"), "skipped"),
    ],
)
def test_an_exception_in_a_poke(options: Any, error: Exception, state: str) -> None:
    assert bench(error, True, **options).run("t").state == state


def test_never_fail_skips_when_the_time_is_over() -> None:
    assert bench(False, timeout=0, never_fail=True).run("t", began_at=ago(1)).state == "skipped"


@pytest.mark.parametrize(
    ("options", "resume", "state"),
    [
        ({}, {"timed_out": True}, "failed"),
        ({"soft_fail": True}, {"timed_out": True}, "skipped"),
        ({"never_fail": True}, {}, "skipped"),
        ({"soft_fail": True}, {}, "failed"),
    ],
)
def test_a_trigger_that_failed(options: Any, resume: Any, state: str) -> None:
    resuming = Resuming(method="trigger_fired", error="no luck", **resume)
    outcome = bench(**options).run("t", leg=1, resume=resuming)
    assert outcome.state == state
    if resume and not options:
        assert isinstance(outcome.exception, AirflowSensorTimeout)


def test_waits_double_at_a_place_that_stays_the_same() -> None:
    dag = make_dag()
    sensor = Sensor(
        task_id="t", dag=dag, answers=[], poke_interval=10, exponential_backoff=True, max_wait=35
    )
    ti = type("ti", (), dict.fromkeys(("dag_id", "task_id", "execution_date", "try_number"), "x"))
    waits = [sensor.next_wait({"ti": ti}, n).total_seconds() for n in (1, 2, 3, 4)]
    assert 10 <= waits[0] < 20 <= waits[1] <= 35
    assert waits[2:] == [35, 35]
    assert waits == [sensor.next_wait({"ti": ti}, n).total_seconds() for n in (1, 2, 3, 4)]


def test_backoff_ends_at_a_day() -> None:
    sensor = Sensor(task_id="t", answers=[], poke_interval=3600, exponential_backoff=True)
    ti = type("ti", (), dict.fromkeys(("dag_id", "task_id", "execution_date", "try_number"), "x"))
    assert sensor.next_wait({"ti": ti}, 90) == timedelta(days=1)


@pytest.mark.parametrize(
    "options",
    [
        {"poke_interval": -1},
        {"poke_interval": "often"},
        {"timeout": -5},
        {"timeout": None},
        {"mode": "sleep"},
        {"max_wait": -1},
        {"soft_fail": True, "never_fail": True},
    ],
)
def test_bad_arguments_are_refused(options: Any) -> None:
    with pytest.raises(InvalidDag):
        Sensor(task_id="t", answers=[], **options)


def test_a_sensor_needs_a_poke() -> None:
    dag = make_dag()
    BaseSensorOperator(task_id="t", dag=dag)
    assert "BaseSensorOperator has no poke()" in str(Bench(dag).run("t").error)
