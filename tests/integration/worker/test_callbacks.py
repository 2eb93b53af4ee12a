"""Callbacks of DAGs in real processes, and what tasks mail."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hubflow.execution.messages import Callback, Finished, InstanceFacts, Launch, TryKey

from .fake_scheduler import FakeScheduler, make_launch
from .harness import Home

DAG_FILE = """
from datetime import datetime
from hubflow.sdk import DAG
from hubflow.operators import PythonOperator

def tell(context):
    print("told", context["dag"].dag_id, context["reason"], context["ti"].task_id)
    if context["reason"] == "boom":
        raise ValueError("no channel")

def tell_failure(context):
    ti, run = context["ti"], context["dag_run"]
    print("task told", ti.state, repr(context["exception"]))
    print("try", ti.try_number, ti.max_tries, ti.end_date.hour, ti.log_filepath, ti.hostname)
    print("run", run.state, run.end_date.hour)

def late(dag, task_list, blocking_task_list, slas, blocking_tis):
    print("late", dag.dag_id, repr(task_list), repr(blocking_task_list))
    print("objects", slas[0].task_id, blocking_tis[0].task_id, blocking_tis[0].state)

with DAG("d", start_date=datetime(2026, 1, 1), schedule_interval="@daily",
         on_success_callback=tell, on_failure_callback=[tell], sla_miss_callback=late):
    PythonOperator(task_id="t", python_callable=print, on_failure_callback=tell_failure)
"""


def call(home: Home, **callback: Any) -> tuple[str, Finished]:
    """Have a callback called; returns its log and the result."""

    async def story(scheduler: FakeScheduler) -> tuple[Launch, Finished]:
        await scheduler.hello()
        source_hash = scheduler.add_source(DAG_FILE)
        launch = make_launch(
            key=TryKey(-7, 1),
            source_hash=source_hash,
            log_path="d/.callbacks/x.log",
            callback=Callback(**callback),
        )
        scheduler.send(launch)
        return launch, await scheduler.result(launch.key)

    launch, result = home.run(story)
    return home.log(launch), result


def test_a_callback_of_the_dag_sees_the_context_and_the_reason(home: Home) -> None:
    log, result = call(home, name="on_success", reason="success")
    assert result.outcome == "success"
    assert "told d success t" in log


def test_what_a_callback_raises_is_its_outcome(home: Home) -> None:
    log, result = call(home, name="on_failure", reason="boom")
    assert (result.outcome, result.error) == ("failed", "ValueError: no channel")
    assert "told d boom t" in log


def test_a_callback_of_a_task_sees_what_ended_its_process(home: Home) -> None:
    log, _ = call(
        home,
        name="task_on_failure",
        reason="failed",
        data={"error": "killed by signal 9"},
        instance=InstanceFacts(
            state="failed",
            try_number=3,
            max_tries=3,
            log_path="d/t/3.log",
            end_date=datetime(2026, 1, 1, 7, tzinfo=UTC),
            hostname="w1",
        ),
        run_state="failed",
        run_end_date=datetime(2026, 1, 1, 8, tzinfo=UTC),
    )
    assert "task told failed HubflowException('killed by signal 9')" in log
    assert "try 3 2 7 d/t/3.log w1" in log
    assert "run failed 8" in log


def test_the_sla_callback_gets_lists_and_objects(home: Home) -> None:
    date = "2026-01-01T00:00:00+00:00"
    facts = {
        "execution_date": date,
        "tasks": ["t"],
        "deadlines": {"t": "2026-01-02T01:00:00+00:00"},
        "blocking": [{"task_id": "t", "state": "running"}],
    }
    log, result = call(home, name="sla_miss", reason="sla_miss", data=facts)
    assert result.outcome == "success"
    assert f"late d 't on {date}' 't on {date}'" in log
    assert "objects t t running" in log
