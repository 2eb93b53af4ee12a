"""Operators that run other DAGs: what they ask for, how they wait, what they make of the end."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fakes import StoredValues
from hubflow.cli.stand_in import StandIn
from hubflow.errors import RunExists
from hubflow.operators import (
    DagOperator,
    DummyOperator,
    SkippableDagOperator,
    SubDagOperator,
    TriggerDagRunOperator,
)
from hubflow.questions import GetDag, Question, TriggerRun
from hubflow.sdk.exceptions import InvalidDag
from hubflow.sdk.loader import load_source
from hubflow.sdk.triggers import Resuming
from hubflow.serialization.encode import encode
from unit.sdk.bench import AT, Bench, make_dag

DATE = "2018-10-02T09:56:05.289457+00:00"


class Scheduler:
    """Answers as the scheduler does; remembers what it was asked."""

    def __init__(self, *, created: bool = True, is_paused: bool = False) -> None:
        self.created = created
        self.is_paused = is_paused
        self.asked: list[TriggerRun] = []

    def __call__(self, question: Question) -> Any:
        if isinstance(question, GetDag):
            return {"is_paused": self.is_paused}
        assert isinstance(question, TriggerRun)
        self.asked.append(question)
        if question.if_exists == "fail" and not self.created:
            raise RunExists(question.dag_id, "there")
        return {
            "id": 7,
            "run_id": question.run_id,
            "execution_date": question.execution_date,
            "state": "queued",
            "is_paused": self.is_paused,
            "created": self.created,
        }

    @property
    def conf(self) -> Any:
        return msgspec.json.decode(self.asked[0].conf)


def bench(kind: type[Any], scheduler: Scheduler | None = None, **options: Any) -> Bench:
    dag = make_dag()
    kind(task_id="t", dag=dag, **options)
    stage = Bench(dag, conf=options.pop("run_conf", {}))
    stage.answer = scheduler or Scheduler()
    return stage


def ended(state: str) -> Resuming:
    event = {"dag_id": "child", "run_id": "r", "execution_date": DATE, "state": state}
    return Resuming(method="run_ended", event=msgspec.json.encode(event))


def test_triggering_a_dag() -> None:
    scheduler = Scheduler()
    stage = bench(
        TriggerDagRunOperator,
        scheduler,
        trigger_dag_id="child",
        conf={"day": "{{ ds }}"},
        execution_date="{{ execution_date }}",
    )
    assert stage.run("t").state == "success"
    [asked] = scheduler.asked
    assert (asked.dag_id, asked.run_id) == ("child", f"trig__{DATE}")
    assert (asked.execution_date, asked.if_exists, asked.waits) == (AT, "fail", False)
    assert scheduler.conf == {"day": "2018-10-02"}
    assert stage.xcom("t", "trigger_run_id") == f"trig__{DATE}"


def test_a_callable_decides_about_the_run_and_its_payload() -> None:
    def decide(context: Any, dag_run_obj: Any) -> Any:
        dag_run_obj.payload = {"message": context["params"]["message"]}
        return dag_run_obj

    scheduler = Scheduler()
    stage = bench(
        TriggerDagRunOperator,
        scheduler,
        trigger_dag_id="child",
        python_callable=decide,
        params={"message": "hello"},
    )
    assert stage.run("t").state == "success"
    assert scheduler.conf == {"message": "hello"}
    assert str(scheduler.asked[0].run_id).startswith("trig__20")


@pytest.mark.parametrize("kind", [TriggerDagRunOperator, DagOperator])
def test_a_callable_that_returns_nothing_starts_nothing(kind: type[Any]) -> None:
    scheduler = Scheduler()
    name = "trigger_dag_id" if kind is TriggerDagRunOperator else "run_dag_id"
    stage = bench(kind, scheduler, **{name: "child"}, python_callable=lambda c, obj: None)
    assert stage.run("t").state == "success"
    assert scheduler.asked == []


@pytest.mark.parametrize(
    ("options", "state"),
    [
        ({}, "failed"),
        ({"reset_dag_run": True}, "success"),
        ({"skip_when_already_exists": True}, "skipped"),
    ],
)
def test_a_run_that_is_there(options: Any, state: str) -> None:
    stage = bench(TriggerDagRunOperator, Scheduler(created=False), trigger_dag_id="c", **options)
    outcome = stage.run("t")
    assert outcome.state == state
    if state == "failed":
        assert "already has a run" in str(outcome.error)


@pytest.mark.parametrize(
    ("options", "state"),
    [({}, "success"), ({"fail_when_dag_is_paused": True}, "failed")],
)
def test_a_paused_dag(options: Any, state: str, caplog: pytest.LogCaptureFixture) -> None:
    stage = bench(TriggerDagRunOperator, Scheduler(is_paused=True), trigger_dag_id="c", **options)
    assert stage.run("t").state == state
    assert "paused" in caplog.text


def test_waiting_for_the_run_takes_no_process() -> None:
    scheduler = Scheduler()
    stage = bench(TriggerDagRunOperator, scheduler, trigger_dag_id="c", wait_for_completion=True)
    outcome = stage.run("t")
    assert outcome.deferral is not None
    assert (outcome.state, outcome.deferral.run_key) == ("deferred", 7)
    assert outcome.deferral.method == "run_ended"
    assert (scheduler.asked[0].waits, scheduler.asked[0].leads) == (True, False)


@pytest.mark.parametrize(
    ("options", "end", "state"),
    [
        ({}, "success", "success"),
        ({}, "failed", "failed"),
        ({"allowed_states": ["failed"], "failed_states": ["success"]}, "failed", "success"),
        ({"allowed_states": ["failed"]}, "success", "failed"),
        ({"allowed_states": ["failed"], "failed_states": []}, "failed", "success"),
    ],
)
def test_how_the_awaited_run_ended(options: Any, end: str, state: str) -> None:
    stage = bench(TriggerDagRunOperator, trigger_dag_id="c", **options)
    assert stage.run("t", leg=2, resume=ended(end)).state == state


@pytest.mark.parametrize("date", [3, ["2026"]])
def test_a_date_must_be_one(date: Any) -> None:
    with pytest.raises(TypeError, match="execution_date"):
        TriggerDagRunOperator(task_id="t", trigger_dag_id="c", execution_date=date)


@pytest.mark.parametrize("conf", [[1], "x", {"x": {1, 2}}])
def test_a_conf_that_is_no_json_object_fails_the_task(conf: Any) -> None:
    outcome = bench(TriggerDagRunOperator, trigger_dag_id="c", conf=conf).run("t")
    assert outcome.state == "failed"
    assert "the conf of a run" in str(outcome.error)


def test_a_master_dag_runs_its_child_at_its_own_date() -> None:
    def decide(context: Any, dag_run_obj: Any) -> Any:
        dag_run_obj.payload = {"a": "payload", "b": "payload", "c": "payload"}
        return dag_run_obj

    scheduler = Scheduler()
    dag = make_dag()
    task = DagOperator(
        task_id="t",
        dag=dag,
        run_dag_id="{{ 'child' }}",
        python_callable=decide,
        dag_run_conf={"c": "{{ ds }}"},
        retries=3,
        description="a member",
    )
    stage = Bench(dag, conf={"b": "conf", "c": "conf"})
    stage.answer = scheduler
    outcome = stage.run("t")
    assert outcome.deferral is not None
    assert outcome.deferral.run_key == 7
    [asked] = scheduler.asked
    assert (asked.dag_id, asked.execution_date, asked.if_exists) == ("child", AT, "join")
    assert (asked.waits, asked.leads) == (True, True)
    assert asked.run_id == f"dag_operator__{DATE}"
    assert scheduler.conf == {"a": "payload", "b": "conf", "c": "2018-10-02"}
    assert msgspec.msgpack.encode(asked)
    assert task.retries == 0
    assert encode(dag, "d.py").tasks[0].run_dag_id == "{{ 'child' }}"


@pytest.mark.parametrize(("end", "state"), [("success", "success"), ("failed", "failed")])
def test_a_master_takes_the_outcome_of_its_child(end: str, state: str) -> None:
    outcome = bench(DagOperator, run_dag_id="child").run("t", leg=2, resume=ended(end))
    assert outcome.state == state
    if end == "failed":
        assert "the run r of the DAG 'child' has failed; clear" in str(outcome.error)


def test_a_payload_must_be_a_dict() -> None:
    def decide(context: Any, dag_run_obj: Any) -> Any:
        dag_run_obj.payload = "text"
        return dag_run_obj

    outcome = bench(DagOperator, run_dag_id="c", python_callable=decide).run("t")
    assert "payload must be a dict" in str(outcome.error)


@pytest.mark.parametrize(
    ("skip", "state"),
    [
        (True, "success"),
        ("{{ ds == '2018-10-02' }}", "success"),
        (False, "deferred"),
        ("{{ ds == '1999-01-01' }}", "deferred"),
    ],
)
def test_a_member_may_be_skipped(skip: Any, state: str) -> None:
    assert bench(SkippableDagOperator, run_dag_id="c", skip_dag=skip).run("t").state == state


def sub_dag(parent: Any, dag_id: str = "demo.t") -> SubDagOperator:
    sub = make_dag(dag_id, schedule="@daily")
    DummyOperator(task_id="inner", dag=sub)
    return SubDagOperator(task_id="t", dag=parent, subdag=sub)


def test_a_sub_dag_runs_at_the_same_date() -> None:
    dag = make_dag()
    sub_dag(dag)
    scheduler = Scheduler()
    stage = Bench(dag, conf={"a": 1})
    stage.answer = scheduler
    assert stage.run("t").state == "deferred"
    [asked] = scheduler.asked
    assert (asked.dag_id, asked.run_id) == ("demo.t", f"backfill_{DATE}")
    assert scheduler.conf == {"a": 1}
    assert stage.run("t", leg=2, resume=ended("failed")).state == "failed"


def test_the_id_of_a_sub_dag_is_prescribed() -> None:
    with pytest.raises(InvalidDag, match=r"Expected 'demo\.t'; received 'other'"):
        sub_dag(make_dag(), "other")
    with pytest.raises(InvalidDag, match="pass in the `dag` param"):
        SubDagOperator(task_id="t", subdag=make_dag("x.t"))


def test_a_sub_dag_has_no_schedule_of_its_own_and_comes_with_its_parent(tmp_path: Path) -> None:
    source = """
from hubflow import DAG
from hubflow.operators import DummyOperator, SubDagOperator

def make(parent, child):
    dag = DAG(f"{parent}.{child}", schedule_interval="@daily")
    DummyOperator(task_id="inner", dag=dag)
    return dag

with DAG("main", schedule_interval=None) as dag:
    SubDagOperator(task_id="part", subdag=make("main", "part"))
"""
    main, part = load_source("d.py", source, tmp_path)
    assert (main.dag_id, part.dag_id) == ("main", "main.part")
    assert main.subdags == [part]
    stored = encode(part, "d.py")
    assert (stored.parent_dag_id, stored.schedule.kind) == ("main", "none")
    assert encode(main, "d.py").tasks[0].run_dag_id == "main.part"


def test_callables_are_checked_when_the_file_is_read() -> None:
    for kind, name in ((TriggerDagRunOperator, "trigger_dag_id"), (DagOperator, "run_dag_id")):
        with pytest.raises(InvalidDag, match="must be callable"):
            kind(task_id="t", python_callable="x", **{name: "c"})


def test_other_dags_run_in_a_rehearsal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "child.py").write_text(
        """
from hubflow import DAG
from hubflow.operators import PythonOperator

def work(dag_run):
    assert dag_run.conf["ok"], dag_run.conf

with DAG("child", schedule_interval=None):
    PythonOperator(task_id="work", python_callable=work)
"""
    )
    (tmp_path / "master.py").write_text(
        """
from hubflow import DAG
from hubflow.operators import *

def decide(context, order):
    order.payload = {"ok": context["dag_run"].conf["ok"]}
    return order

with DAG("master", schedule_interval=None):
    branch = BranchPythonOperator(task_id="branch", python_callable=lambda: "run")
    run = DagOperator(task_id="run", run_dag_id="child", python_callable=decide)
    seen = ExternalTaskSensor(task_id="seen", external_dag_id="child", check_existence=True)
    branch >> run >> seen
    branch >> DummyOperator(task_id="not_taken")
"""
    )
    date = datetime(2026, 1, 1, tzinfo=UTC)
    for ok in (True, False):
        stand_in = StandIn(
            tmp_path, {"master": "master.py", "child": "child.py"}, StoredValues().answer
        )
        states = stand_in.run(stand_in.load("master"), date, {"ok": ok})
        assert states["run"] == ("success" if ok else "failed")
        assert states["seen"] == ("success" if ok else "upstream_failed")
        assert states["not_taken"] == "skipped"
    assert "child.work: failed" in capsys.readouterr().out
