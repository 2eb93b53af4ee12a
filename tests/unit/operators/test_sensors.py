"""Each sensor: when it succeeds, and how it waits when deferrable."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from hubflow.clock import utcnow
from hubflow.operators import (
    BashSensor,
    DateTimeSensor,
    DateTimeSensorAsync,
    DayOfWeekSensor,
    ExternalTaskMarker,
    ExternalTaskSensor,
    FileSensor,
    HttpSensor,
    PythonSensor,
    SqlSensor,
    TimeDeltaSensor,
    TimeSensor,
)
from hubflow.operators.triggers import ExternalTaskTrigger, FileTrigger
from hubflow.questions import FindRuns, FindTasks, GetDag, Question
from hubflow.sdk.exceptions import HubflowException, InvalidDag
from hubflow.sdk.runtime import use_async_answers
from hubflow.sdk.triggers import make_trigger
from hubflow.sdk.weekday import WeekDay
from hubflow.serialization.encode import encode
from unit.sdk.bench import AT, Bench, make_dag

HOUR = timedelta(hours=1)
TODAY = WeekDay(utcnow().isoweekday())
OTHER_DAYS = [day for day in WeekDay if day is not TODAY]


def bench(kind: type[Any], at: datetime = AT, run: Any = None, **options: Any) -> Bench:
    """Put one sensor into a DAG; it is rescheduled unless it succeeds at once."""
    dag = make_dag(start_date=datetime(2018, 1, 1, tzinfo=ZoneInfo("Europe/Amsterdam")))
    kind(task_id="t", dag=dag, **{"mode": "reschedule", **options})
    return Bench(dag, at=at, **(run or {}))


def is_there(stage: Bench) -> bool:
    outcome = stage.run("t")
    assert outcome.state in ("success", "rescheduled"), outcome
    return outcome.state == "success"


def test_time_of_day_is_that_of_the_dags_zone() -> None:
    now = datetime.now(ZoneInfo("Europe/Amsterdam"))
    midnight, last = time(0, 0), time(23, 59, 59, 999999)
    assert is_there(bench(TimeSensor, target_time=midnight)) is (now.time() > midnight)
    assert is_there(bench(TimeSensor, target_time=last)) is False
    waits = bench(TimeSensor, target_time=last, deferrable=True).run("t").deferral
    assert waits is not None
    assert waits.due_at == datetime.combine(now.date(), last, now.tzinfo)


def test_time_delta_counts_from_the_end_of_the_interval() -> None:
    now = utcnow()
    run = {"data_interval_end": now - HOUR}
    assert is_there(bench(TimeDeltaSensor, run=run, delta=HOUR / 2))
    assert not is_there(bench(TimeDeltaSensor, run=run, delta=2 * HOUR))
    waits = bench(TimeDeltaSensor, run=run, delta=2 * HOUR, deferrable=True).run("t").deferral
    assert waits is not None
    assert waits.due_at == now + HOUR
    assert waits.timeout_at is not None


@pytest.mark.parametrize(
    ("target", "is_so"),
    [
        ("{{ ds }}T00:00:00", True),
        (datetime(2018, 1, 1), True),
        ("2999-01-01T00:00:00+00:00", False),
        (utcnow() + HOUR, False),
    ],
)
def test_a_date_and_time(target: Any, is_so: bool) -> None:
    assert is_there(bench(DateTimeSensor, target_time=target)) is is_so


def test_async_names_defer_by_themselves() -> None:
    assert bench(DateTimeSensorAsync, target_time="2999-01-01").run("t").state == "deferred"


@pytest.mark.parametrize("target", [3, None])
def test_a_date_must_be_one(target: Any) -> None:
    with pytest.raises(TypeError):
        DateTimeSensor(task_id="t", target_time=target)
    with pytest.raises(InvalidDag):
        TimeSensor(task_id="t", target_time=target)


@pytest.mark.parametrize(
    ("options", "is_so"),
    [
        ({"week_day": TODAY}, True),
        ({"week_day": TODAY.name.title()}, True),
        ({"week_day": OTHER_DAYS}, False),
        ({"week_day": "Tuesday", "use_task_execution_day": True}, True),
        ({"week_day": {"Monday", "Friday"}, "use_task_execution_day": True}, False),
    ],
)
def test_day_of_week(options: Any, is_so: bool) -> None:
    assert is_there(bench(DayOfWeekSensor, **options)) is is_so


def test_day_of_week_waits_for_the_next_such_midnight() -> None:
    day = utcnow().date() + timedelta(days=2)
    name = WeekDay(day.isoweekday())
    waits = bench(DayOfWeekSensor, week_day=name, deferrable=True).run("t").deferral
    assert waits is not None
    assert waits.due_at == datetime(day.year, day.month, day.day, tzinfo=UTC)


def test_file(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "x.csv").touch()
    (tmp_path / "odd[1].csv").touch()
    found = {
        "absent": False,
        "empty": False,
        "deep": True,
        "deep/er/x.csv": True,
        "deep/*/*.csv": True,
        "*.txt": False,
        "odd[1].csv": True,
        "{{ 'deep' }}": True,
    }
    for name, is_so in found.items():
        assert is_there(bench(FileSensor, filepath=f"{tmp_path}/{name}")) is is_so, name


def test_a_deferred_file_sensor_waits_on_a_trigger(tmp_path: Path) -> None:
    target = tmp_path / "x"
    stage = bench(FileSensor, filepath=str(target), deferrable=True, poke_interval=0.01)
    waits = stage.run("t").deferral
    assert waits is not None
    assert waits.due_at is None
    trigger = make_trigger(waits.trigger, waits.trigger_kwargs)
    assert isinstance(trigger, FileTrigger)

    async def story() -> Any:
        firing = asyncio.ensure_future(anext(aiter(trigger.run())))
        await asyncio.sleep(0)
        assert not firing.done()
        target.touch()
        return (await firing).payload

    assert asyncio.run(story()) == str(target)
    assert stage.run_to_end("t").state == "success"


@pytest.mark.parametrize("result", [True, False, "x", None])
def test_python(result: Any) -> None:
    stage = bench(PythonSensor, python_callable=lambda n, ds: (n, ds, result)[2], op_args=[1])
    assert is_there(stage) is bool(result)


@pytest.mark.parametrize(
    ("command", "options", "state"),
    [
        ("test {{ ds }} = 2018-10-02", {}, "success"),
        ("exit 3", {}, "rescheduled"),
        ("exit 99", {}, "rescheduled"),
        ("exit $CODE", {"env": {"CODE": "5"}, "retry_exit_code": 5}, "rescheduled"),
        ("exit 6", {"retry_exit_code": 5}, "failed"),
    ],
)
def test_bash(command: str, options: Any, state: str) -> None:
    assert bench(BashSensor, bash_command=command, **options).run("t").state == state


class Web(HttpSensor):
    """Whose server is the function `serve`."""

    serve: Callable[..., Any]

    def get_hook(self) -> Any:
        run = lambda endpoint, **more: type(self).serve(endpoint, **more)  # noqa: E731
        return type("Hook", (), {"run": staticmethod(run)})


@pytest.mark.parametrize(
    ("answer", "check", "state"),
    [
        ("ok", None, "success"),
        ("ok", lambda response: response == "ok", "success"),
        ("no", lambda response: response == "ok", "rescheduled"),
        ("ok", lambda response, ds: ds == "2018-10-02", "success"),
        (HubflowException("404:Not Found"), None, "rescheduled"),
        (HubflowException("500:Broken"), None, "failed"),
    ],
)
def test_http(answer: Any, check: Any, state: str) -> None:
    asked: list[Any] = []

    def serve(endpoint: str, **more: Any) -> Any:
        asked.append((endpoint, more["data"]))
        if isinstance(answer, Exception):
            raise answer
        return answer

    kind = type("Asked", (Web,), {"serve": staticmethod(serve)})
    stage = bench(
        kind, endpoint="of/{{ ds }}", request_params={"q": "{{ ds }}"}, response_check=check
    )
    assert stage.run("t").state == state
    assert asked == [("of/2018-10-02", {"q": "2018-10-02"})]


class Sql(SqlSensor):
    """Whose database answers with `row`."""

    row: Any = None

    def get_hook(self) -> Any:
        return type("Hook", (), {"get_first": lambda _, sql, parameters: self.row})()


@pytest.mark.parametrize(
    ("row", "options", "state"),
    [
        ((1,), {}, "success"),
        (("x", None), {}, "success"),
        ((0,), {}, "rescheduled"),
        (("0",), {}, "rescheduled"),
        (("",), {}, "rescheduled"),
        ((None,), {}, "success"),
        ((None,), {"allow_null": False}, "rescheduled"),
        (None, {}, "rescheduled"),
        (None, {"fail_on_empty": True}, "failed"),
        ((3,), {"success": lambda cell: cell > 5}, "rescheduled"),
        ((0,), {"success": lambda cell: cell == 0}, "success"),
        ((3,), {"failure": lambda cell: cell == 3}, "failed"),
    ],
)
def test_sql(row: Any, options: Any, state: str) -> None:
    kind = type("Asked", (Sql,), {"row": row})
    assert bench(kind, conn_id="db", sql="SELECT 1", **options).run("t").state == state


class Other:
    """Another DAG with tasks in states, or with runs."""

    def __init__(self, states: dict[str, str] | str, at: datetime = AT) -> None:
        self.states = states
        self.at = at
        self.asked: list[Question] = []

    def __call__(self, question: Question) -> Any:
        self.asked.append(question)
        row = {"execution_date": self.at}
        match question:
            case FindRuns(execution_dates=dates) if isinstance(self.states, str):
                return [{**row, "state": self.states}] if self.at in (dates or ()) else []
            case FindTasks(execution_dates=dates, task_ids=ids) if isinstance(self.states, dict):
                return [
                    {**row, "task_id": task_id, "state": state}
                    for task_id, state in self.states.items()
                    if self.at in dates and (ids is None or task_id in ids)
                ]
            case GetDag(dag_id="other"):
                ids = list(self.states) if isinstance(self.states, dict) else []
                return {"is_active": True, "task_ids": ids}
        return None


@pytest.mark.parametrize(
    ("states", "options", "state"),
    [
        ("success", {}, "success"),
        ("running", {}, "rescheduled"),
        ("failed", {}, "rescheduled"),
        ("failed", {"allowed_states": ["failed"]}, "success"),
        ("failed", {"failed_states": ["failed"]}, "failed"),
        ("failed", {"failed_states": ["failed"], "soft_fail": True}, "skipped"),
        ({"a": "success"}, {"external_task_id": "a"}, "success"),
        ({"a": "success"}, {"external_task_id": "{{ 'b' }}"}, "rescheduled"),
        ({"a": "success", "b": "running"}, {"external_task_ids": ["a", "b"]}, "rescheduled"),
        ({"a": "success", "b": "success"}, {"external_task_ids": ["a", "b", "a"]}, "success"),
        (
            {"a": "skipped"},
            {"external_task_id": "a", "skipped_states": ["skipped"]},
            "skipped",
        ),
        (
            {"g.a": "success", "g.b": "success", "c": "failed"},
            {"external_task_group_id": "g"},
            "success",
        ),
        ({"a": "success"}, {"external_task_group_id": "g"}, "failed"),
        ({"a": "success"}, {"external_task_id": "a", "check_existence": True}, "success"),
        ({"a": "success"}, {"external_task_id": "b", "check_existence": True}, "failed"),
        (
            {"a": "success"},
            {"external_dag_id": "absent", "check_existence": True},
            "failed",
        ),
    ],
)
def test_external_task(states: Any, options: Any, state: str) -> None:
    stage = bench(ExternalTaskSensor, **{"external_dag_id": "other", **options})
    stage.answer = Other(states)
    assert stage.run("t").state == state


@pytest.mark.parametrize(
    "options",
    [
        {"execution_delta": HOUR},
        {"execution_date_fn": lambda date: date - HOUR},
        {"execution_date_fn": lambda date: [date - HOUR]},
        {"execution_date_fn": lambda date, context: context["execution_date"] - HOUR},
        {"execution_date_fn": lambda date, ds: date - HOUR if ds == "2018-10-02" else None},
        {"execution_date_fn": lambda date, **context: context["logical_date"] - HOUR},
    ],
)
def test_external_task_at_another_date(options: Any) -> None:
    stage = bench(ExternalTaskSensor, external_dag_id="other", **options)
    stage.answer = Other("success", AT - HOUR)
    assert is_there(stage)


def test_what_is_asked_can_travel() -> None:
    stage = bench(ExternalTaskSensor, external_dag_id="other")
    other = stage.answer = Other("success")
    assert is_there(stage)
    assert msgspec.msgpack.encode(other.asked)  # a pendulum date cannot


def test_external_task_at_several_dates_wants_all() -> None:
    stage = bench(
        ExternalTaskSensor,
        external_dag_id="other",
        execution_date_fn=lambda date: [date, date - HOUR],
    )
    stage.answer = Other("success")
    assert not is_there(stage)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"execution_delta": HOUR, "execution_date_fn": print}, "only one of execution_delta"),
        ({"external_task_id": "a", "external_task_ids": ["b"]}, "only one of external_task_id"),
        ({"allowed_states": ["won"]}, "'won'"),
        ({"failed_states": ["success"]}, "only be allowed, failed or skipped"),
    ],
)
def test_external_task_refuses_what_contradicts_itself(options: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        ExternalTaskSensor(task_id="t", external_dag_id="other", **options)


@pytest.mark.parametrize(
    ("last", "state"), [("success", "success"), ("failed", "failed"), ("skipped", "skipped")]
)
def test_a_deferred_external_task_sensor_hears_from_its_trigger(last: str, state: str) -> None:
    stage = bench(
        ExternalTaskSensor,
        external_dag_id="other",
        external_task_id="a",
        failed_states=["failed"],
        skipped_states=["skipped"],
        deferrable=True,
        poll_interval=0.001,
    )
    other = stage.answer = Other({"a": "running"})
    waits = stage.run("t").deferral
    assert waits is not None
    trigger = make_trigger(waits.trigger, waits.trigger_kwargs)
    assert isinstance(trigger, ExternalTaskTrigger)

    async def answer(question: Question) -> Any:
        if len(other.asked) > 3:
            other.states = {"a": last}
        return other(question)

    async def story() -> Any:
        with use_async_answers(answer):
            return (await anext(aiter(trigger.run()))).payload

    assert asyncio.run(story()) == last
    other.states = {"a": last}
    assert stage.run_to_end("t").state == state


def test_a_marker_does_nothing_and_tells_what_it_marks() -> None:
    dag = make_dag()
    marker = ExternalTaskMarker(
        task_id="m", dag=dag, external_dag_id="other", external_task_id="a", recursion_depth=3
    )
    assert marker.does_nothing()
    [task] = encode(dag, "d.py").tasks
    assert task.is_dummy
    assert task.fields == {
        "external_dag_id": "other",
        "external_task_id": "a",
        "execution_date": "{{ execution_date.isoformat() }}",
        "recursion_depth": "3",
    }
    for template in ({"execution_date": "{{ next_ds }}"}, {"external_dag_id": "{{ params.to }}"}):
        names = {"external_dag_id": "other", "external_task_id": "a", **template}
        assert not ExternalTaskMarker(task_id="x", **names).does_nothing()
    with pytest.raises(ValueError, match="positive"):
        ExternalTaskMarker(
            task_id="x", external_dag_id="o", external_task_id="a", recursion_depth=0
        )
