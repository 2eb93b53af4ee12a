"""Mails, callbacks and missed SLAs are stored with what caused them, once."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from hubflow.db import orm
from hubflow.execution.messages import TryKey
from hubflow.scheduler.alerts import CALLBACK_TIMEOUT_S
from hubflow.serialization.model import Schedule, SerializedDag
from hubflow.states import RunState, TaskState
from integration.scheduler.stage import START, Stage, task

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def daily(*tasks: object, **values: object) -> SerializedDag:
    return SerializedDag(
        dag_id="sales",
        path="sales.py",
        tasks=tasks,  # type: ignore[arg-type]
        schedule=Schedule(kind="cron", cron="0 0 * * *"),
        start_date=START,
        **values,  # type: ignore[arg-type]
    )


def test_a_failure_is_mailed_with_what_failed_and_why(stage: Stage) -> None:
    stage.trigger(stage.add_dag(daily(task("a", email=("ann@example.org",)))))
    stage.turn()
    stage.finish("failed", error="KeyError: 'price'", error_text="KeyError: 'price'\nin line 2")
    (alert,) = stage.rows(orm.Alert)
    assert (alert.kind, alert.reason, alert.state) == ("mail", "task_failure", "pending")
    assert alert.data["to"] == ["ann@example.org"]
    assert alert.data["facts"]["error"] == "KeyError: 'price'"
    assert alert.data["facts"]["error_text"] == "KeyError: 'price'\nin line 2"
    assert alert.data["facts"]["map_index"] == -1
    assert alert.data["facts"]["state"] == "failed"


def test_a_retry_is_mailed_and_then_the_failure(stage: Stage) -> None:
    mailed = task("a", retries=1, retry_delay_s=60.0, email=("ann@example.org",))
    stage.trigger(stage.add_dag(daily(mailed)))
    stage.turn()
    stage.finish("failed")
    stage.turn(later=timedelta(minutes=2))
    stage.finish("failed")
    assert [alert.reason for alert in stage.rows(orm.Alert)] == ["task_retry", "task_failure"]


def test_a_task_without_recipients_mails_nobody(stage: Stage) -> None:
    stage.trigger(stage.add_dag(daily(task("a"))))
    stage.turn()
    stage.finish("failed")
    assert stage.rows(orm.Alert) == []


def test_the_callback_of_a_dag_is_called_once_after_its_run(stage: Stage) -> None:
    stage.trigger(stage.add_dag(daily(task("a", "b"), task("b"), callbacks=("on_failure",))))
    stage.turn()
    stage.finish("failed")
    assert stage.run_states() == [RunState.FAILED]
    (order,) = stage.executor.take_launches()
    assert order.callback is not None
    assert order.timeout_s == CALLBACK_TIMEOUT_S
    assert (order.callback.name, order.callback.reason, order.task_id) == (
        "on_failure",
        "task_failure",
        "a",
    )
    stage.executor.started(order.key, at=stage.now)
    stage.executor.finished(order.key, "success", at=stage.now)
    stage.turn()
    assert [alert.state for alert in stage.rows(orm.Alert)] == ["done"]
    stage.turn(later=HOUR)
    assert stage.executor.take_launches() == []


def test_a_callback_that_raises_is_shown_as_failed(stage: Stage) -> None:
    stage.trigger(stage.add_dag(daily(task("a"), callbacks=("on_success",))))
    stage.turn()
    stage.finish()
    (order,) = stage.executor.take_launches()
    stage.executor.finished(order.key, "failed", at=stage.now, error="ValueError: no channel")
    stage.turn()
    (alert,) = stage.rows(orm.Alert)
    assert (alert.state, alert.error) == ("failed", "ValueError: no channel")
    assert stage.run_states() == [RunState.SUCCESS]


def test_a_new_scheduler_launches_a_callback_that_no_worker_knows(stage: Stage) -> None:
    stage.trigger(stage.add_dag(daily(task("a"), callbacks=("on_success",))))
    stage.turn()
    stage.finish()
    (before,) = stage.executor.take_launches()
    stage.start_scheduler()
    stage.executor.hello()
    stage.turn()
    (again,) = stage.executor.take_launches()
    assert (again.key, again.callback) == (before.key, before.callback)


def test_a_callback_that_the_worker_still_runs_is_not_launched_again(stage: Stage) -> None:
    stage.trigger(stage.add_dag(daily(task("a"), callbacks=("on_success",))))
    stage.turn()
    stage.finish()
    (order,) = stage.executor.take_launches()
    stage.start_scheduler()
    stage.executor.hello([order.key])
    stage.turn()
    assert stage.executor.take_launches() == []
    assert stage.executor.kills == []


def test_a_task_whose_process_was_killed_has_its_callback_called_in_another(
    stage: Stage,
) -> None:
    stage.trigger(stage.add_dag(daily(task("a", callbacks=("task_on_failure",)))))
    stage.turn()
    stage.finish("failed", error="killed", has_called_back=False)
    (order,) = stage.executor.take_launches()
    assert order.callback is not None
    assert order.callback.name == "task_on_failure"
    assert order.callback.data == {"error": "killed"}


def test_a_callback_sees_how_its_task_and_run_ended(stage: Stage) -> None:
    stage.trigger(stage.add_dag(daily(task("a", retries=1), callbacks=("on_failure",))))
    stage.turn()
    stage.finish("failed")
    stage.turn(later=HOUR)
    stage.finish("failed")
    (order,) = stage.executor.take_launches()
    assert order.callback is not None
    facts = order.callback.instance
    assert facts is not None
    assert (facts.state, facts.try_number, facts.max_tries) == ("failed", 2, 2)
    assert (facts.start_date, facts.end_date) == (stage.now, stage.now)
    assert facts.log_path.endswith("2.log")
    assert (order.callback.run_state, order.callback.run_end_date) == ("failed", stage.now)


def test_a_callback_that_raised_in_the_tasks_own_process_needs_attention(stage: Stage) -> None:
    stage.trigger(stage.add_dag(daily(task("a"))))
    stage.turn()
    stage.finish(callback_error="ValueError: no channel")
    (alert,) = stage.rows(orm.Alert)
    assert (alert.kind, alert.reason, alert.state) == ("callback", "task_callback", "failed")
    assert alert.error == "ValueError: no channel"
    assert stage.run_states() == [RunState.SUCCESS]
    assert stage.executor.take_launches() == []


def test_a_task_that_called_back_itself_is_left_alone(stage: Stage) -> None:
    stage.trigger(stage.add_dag(daily(task("a", callbacks=("task_on_failure",)))))
    stage.turn()
    stage.finish("failed")
    assert stage.executor.take_launches() == []


# ---- SLA -----------------------------------------------------------------------------------


def late_dag() -> SerializedDag:
    slow = task("slow", sla_s=3600.0, email=("ann@example.org",))
    return daily(slow, task("other"), callbacks=("sla_miss",))


def test_a_task_that_still_runs_at_its_deadline_is_recorded_and_told_once(stage: Stage) -> None:
    stage.add_dag(late_dag())
    stage.turn(later=DAY)
    stage.executor.take_launches()
    stage.turn(later=HOUR - timedelta(seconds=1))
    assert stage.rows(orm.SlaMiss) == []
    stage.turn(later=timedelta(seconds=1))
    stage.turn(later=HOUR)
    (miss,) = stage.rows(orm.SlaMiss)
    assert (miss.task_id, miss.deadline) == ("slow", START + DAY + HOUR)
    assert stage.task_states()["slow"] is TaskState.QUEUED
    assert sorted(alert.kind for alert in stage.rows(orm.Alert)) == ["callback", "mail"]


def test_a_run_that_could_not_meet_its_deadline_is_recorded_and_not_told(stage: Stage) -> None:
    dag = msgspec.structs.replace(late_dag(), catchup=False)
    stage.add_dag(dag, is_paused=True)
    stage.turn(later=DAY + 5 * HOUR)
    stage.pause(1, False)
    stage.turn()
    stage.turn()
    assert stage.task_states()["slow"] is TaskState.QUEUED
    assert [miss.task_id for miss in stage.rows(orm.SlaMiss)] == ["slow"]
    assert stage.rows(orm.Alert) == []


def test_a_run_that_others_held_up_is_told(stage: Stage) -> None:
    stage.add_dag(msgspec.structs.replace(late_dag(), max_active_runs=1))
    stage.turn(later=DAY)
    stage.turn(later=DAY + 5 * HOUR)  # the second run waits for the first, beyond its deadline
    before = len(stage.rows(orm.Alert))
    stage.finish_all()
    stage.turn()
    stage.turn()
    late = [miss.execution_date for miss in stage.rows(orm.SlaMiss)]
    assert late == [START, START + DAY]
    assert len(stage.rows(orm.Alert)) > before


def test_a_callback_about_a_miss_names_what_was_missed_and_what_blocks(stage: Stage) -> None:
    stage.add_dag(late_dag())
    stage.turn(later=DAY)
    stage.executor.take_launches()
    stage.turn(later=HOUR)
    (order,) = stage.executor.take_launches()
    assert order.callback is not None
    assert order.callback.data["tasks"] == ["slow"]
    assert [item["task_id"] for item in order.callback.data["blocking"]] == ["slow", "other"]
    stage.executor.finished(order.key, "success", at=stage.now)
    stage.turn()
    assert [miss.notification_sent for miss in stage.rows(orm.SlaMiss)] == [True]


def test_a_task_that_is_done_in_time_misses_nothing(stage: Stage) -> None:
    stage.add_dag(late_dag())
    stage.turn(later=DAY)
    stage.finish_all()
    stage.turn(later=2 * HOUR)
    assert stage.rows(orm.SlaMiss) == []


def test_a_task_that_failed_before_its_deadline_misses_it(stage: Stage) -> None:
    stage.add_dag(late_dag())
    stage.turn(later=DAY)
    stage.finish("failed")
    assert stage.run_states() == [RunState.FAILED]
    stage.turn(later=HOUR)
    assert [miss.task_id for miss in stage.rows(orm.SlaMiss)] == ["slow"]


def test_a_new_scheduler_watches_the_deadlines_of_the_former(stage: Stage) -> None:
    stage.add_dag(late_dag())
    stage.turn(later=DAY)
    stage.start_scheduler()
    stage.turn(later=HOUR)
    assert [miss.task_id for miss in stage.rows(orm.SlaMiss)] == ["slow"]


def test_a_miss_of_long_ago_is_recorded_without_telling(stage: Stage) -> None:
    stage.add_dag(late_dag())
    stage.turn(later=10 * DAY)
    stage.turn()
    oldest = stage.rows(orm.SlaMiss)[0]
    assert (oldest.deadline, oldest.notification_sent) == (START + DAY + HOUR, False)
    assert stage.rows(orm.Alert) == []


def test_a_manual_run_has_no_deadline(stage: Stage) -> None:
    stage.trigger(stage.add_dag(msgspec.structs.replace(late_dag(), start_date=START + 9 * DAY)))
    stage.turn()
    stage.turn(later=2 * HOUR)
    assert stage.rows(orm.SlaMiss) == []


def test_the_key_of_a_callback_is_the_negative_alert(stage: Stage) -> None:
    stage.trigger(stage.add_dag(daily(task("a"), callbacks=("on_success",))))
    stage.turn()
    stage.finish()
    (alert,) = stage.rows(orm.Alert)
    assert [order.key for order in stage.executor.take_launches()] == [TryKey(-alert.id, 1)]
