"""Tasks that give their process back, and what is kept of them meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pendulum
import pytest

from hubflow.clock import utcnow
from hubflow.operators.triggers import DateTimeTrigger, TimeDeltaTrigger
from hubflow.sdk import (
    BaseOperator,
    BaseTrigger,
    TaskDeferralError,
    TaskDeferralTimeout,
    TaskRescheduled,
    TriggerEvent,
    stored,
)
from hubflow.sdk.exceptions import HubflowException
from hubflow.sdk.triggers import Resuming, make_trigger
from unit.sdk.bench import Bench, make_dag

LATER = datetime(2030, 1, 1, tzinfo=UTC)


class Now(BaseTrigger):
    """Fires at once, or fails."""

    def __init__(self, payload: Any) -> None:
        super().__init__()
        self.payload = payload

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return f"{__name__}.Now", {"payload": self.payload}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        if self.payload == "fail":
            raise ValueError("broken")
        yield TriggerEvent(self.payload)


class Waits(BaseOperator):
    """Defers with ``how``, and returns what it hears."""

    def __init__(self, *, how: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.how = how

    def execute(self, context: Any) -> Any:
        self.defer(**{"method_name": "go_on", **self.how})

    def go_on(self, context: Any, event: Any, **more: Any) -> Any:
        return [event, more]


def bench(**how: Any) -> Bench:
    dag = make_dag()
    Waits(task_id="t", dag=dag, how=how)
    return Bench(dag)


@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, 2.5, None, True, "x"]},
        datetime(2026, 1, 1, 12, tzinfo=UTC),
        {"day": date(2026, 1, 1), "at": time(6, 30), "for": timedelta(days=1, seconds=2)},
        {"nested": [{"s": {"a", "b"}}]},
    ],
)
def test_arguments_survive_being_stored(value: Any) -> None:
    assert stored.loads(stored.dumps(value, "it")) == value


def test_what_cannot_be_stored_is_named() -> None:
    with pytest.raises(HubflowException, match=r"the event cannot be kept.*a object is in it"):
        stored.dumps({"a": object()}, "the event")
    with pytest.raises(HubflowException, match=r"the event takes 1,\d+,\d+ bytes and may take"):
        stored.dumps("x" * stored.LIMIT_BYTES, "the event")
    with pytest.raises(HubflowException, match="conf is no JSON"):
        stored.plain_dumps({"a": datetime.now(UTC)}, "conf")


def test_a_deferral_says_how_to_go_on() -> None:
    outcome = bench(
        trigger=DateTimeTrigger(LATER), kwargs={"n": timedelta(1)}, timeout=timedelta(hours=1)
    ).run("t")
    assert outcome.state == "deferred"
    waits = outcome.deferral
    assert waits is not None
    assert (waits.method, waits.due_at, waits.run_key) == ("go_on", LATER, None)
    assert waits.timeout_at is not None
    made = make_trigger(waits.trigger, waits.trigger_kwargs)
    assert isinstance(made, DateTimeTrigger)
    assert made.moment == LATER


def test_a_deferred_task_goes_on_with_event_and_arguments() -> None:
    resume = Resuming(
        method="go_on", kwargs=stored.dumps({"n": timedelta(1)}, ""), event=b'{"x": 1}'
    )
    stage = bench()
    assert stage.run("t", leg=2, resume=resume).state == "success"
    assert stage.xcom("t") == [{"x": 1}, {"n": timedelta(1)}]


@pytest.mark.parametrize("timed_out", [False, True])
def test_a_failed_trigger_is_an_exception_in_the_task(timed_out: bool) -> None:
    kind = TaskDeferralTimeout if timed_out else TaskDeferralError
    seen: list[Any] = []
    dag = make_dag()
    Waits(task_id="t", dag=dag, how={}, on_failure_callback=lambda c: seen.append(c["exception"]))
    resume = Resuming(method="go_on", error="no luck", timed_out=timed_out)
    outcome = Bench(dag).run("t", leg=1, resume=resume)
    assert outcome.error == f"{kind.__name__}: no luck"
    assert type(seen[0]) is kind


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"trigger": "not one"}, "trigger must be a BaseTrigger, not a str"),
        ({"trigger": Now(object())}, "an argument of Now cannot be kept"),
        ({"trigger": Now(1), "kwargs": {"x": object()}}, "an argument of the deferred method"),
    ],
)
def test_a_deferral_that_cannot_be_kept_fails_the_task(how: Any, words: str) -> None:
    outcome = bench(**how).run("t")
    assert outcome.state == "failed"
    assert words in str(outcome.error)


def test_except_exception_does_not_catch_a_deferral() -> None:
    class Careful(BaseOperator):
        def execute(self, context: Any) -> None:
            try:
                self.defer(trigger=Now(1), method_name="x")
            except Exception:
                pytest.fail("it was caught")

    dag = make_dag()
    Careful(task_id="t", dag=dag)
    assert Bench(dag).run("t").state == "deferred"


def test_rescheduling_calls_back_nobody_and_keeps_the_first_start() -> None:
    calls: list[Any] = []

    class Again(BaseOperator):
        def execute(self, context: Any) -> Any:
            if context["ti"].leg == 0:
                raise TaskRescheduled(pendulum.datetime(2030, 1, 1))
            return str(context["ti"].start_date)

    dag = make_dag()
    Again(
        task_id="t",
        dag=dag,
        on_success_callback=lambda c: calls.append("success"),
        on_execute_callback=lambda c: calls.append("execute"),
    )
    stage = Bench(dag)
    outcome = stage.run("t")
    assert (outcome.state, outcome.reschedule_at) == ("rescheduled", LATER)
    assert type(outcome.reschedule_at) is datetime
    assert calls == ["execute"]
    stage.run("t", leg=1, began_at=LATER)
    assert stage.xcom("t") == str(LATER)
    assert calls == ["execute", "success"]


@pytest.mark.parametrize(
    ("trigger", "result"),
    [
        (Now({"a": 1}), [{"a": 1}, {}]),
        (TimeDeltaTrigger(timedelta(seconds=0.01)), None),
    ],
)
def test_a_deferral_is_rehearsed_in_process(trigger: BaseTrigger, result: Any) -> None:
    stage = bench(trigger=trigger)
    assert stage.run_to_end("t").state == "success"
    assert result is None or stage.xcom("t") == result


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ({"trigger": Now("fail")}, "TaskDeferralError: ValueError: broken"),
        ({"trigger": DateTimeTrigger(LATER), "timeout": 0.01}, "TaskDeferralTimeout: the task"),
    ],
)
def test_a_rehearsed_deferral_may_fail(how: Any, error: str) -> None:
    outcome = bench(**how).run_to_end("t")
    assert str(outcome.error).startswith(error)


def test_a_moment_must_be_one() -> None:
    with pytest.raises(TypeError, match="moment must be a datetime"):
        DateTimeTrigger("2030-01-01")  # type: ignore[arg-type]


def test_a_task_waits_no_longer_than_its_execution_timeout() -> None:
    dag = make_dag()
    how = {"trigger": Now(1), "timeout": timedelta(days=2)}
    Waits(task_id="long", dag=dag, how=how, execution_timeout=timedelta(hours=1))
    Waits(task_id="short", dag=dag, how={**how, "timeout": 60}, execution_timeout=3600)
    Waits(task_id="free", dag=dag, how={"trigger": Now(1)}, execution_timeout=3600)
    began = utcnow() - timedelta(minutes=30)
    until = {}
    for task_id in dag.task_ids:
        deferral = Bench(dag).run(task_id, began_at=began).deferral
        assert deferral is not None
        assert deferral.timeout_at is not None
        until[task_id] = deferral.timeout_at - began
    hour = timedelta(hours=1)
    assert hour <= min(until["long"], until["free"]) < hour + timedelta(minutes=1)
    assert max(until["long"], until["free"]) < hour + timedelta(minutes=1)
    assert timedelta(minutes=31) <= until["short"] < timedelta(minutes=32)


def test_the_time_that_a_task_waited_counts_when_it_goes_on() -> None:
    dag = make_dag()
    Waits(task_id="t", dag=dag, how={"trigger": Now(1)}, execution_timeout=timedelta(hours=1))
    late = {"began_at": utcnow() - timedelta(hours=1), "leg": 1}
    resume = Resuming(method="go_on", error="deferred for longer than its timeout", timed_out=True)
    outcome = Bench(dag).run("t", resume=resume, **late)
    assert outcome.state == "failed"
    assert outcome.error == "TaskTimeout: the task ran longer than its execution_timeout of 1:00:00"
    in_time = Bench(dag).run("t", resume=Resuming(method="go_on"), began_at=utcnow(), leg=1)
    assert in_time.state == "success"
