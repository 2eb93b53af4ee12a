"""Runs from their creation to their end."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec

from hubflow.db import orm
from hubflow.db.queries import xcom_store
from hubflow.questions import XComItem
from hubflow.serialization.model import Schedule, SerializedDag
from hubflow.states import RunState, TaskState
from integration.scheduler.stage import START, Stage, chain, task

DAILY = Schedule(kind="cron", cron="0 0 * * *", text="@daily")


def test_a_line_runs_in_order(stage: Stage, line: Callable[[int], int]) -> None:
    stage.trigger(line(3))
    stage.turn()
    assert stage.finish_all() == ["t0", "t1", "t2"]
    assert stage.run_states() == [RunState.SUCCESS]
    assert set(stage.task_states().values()) == {TaskState.SUCCESS}


def test_schedules_can_be_kept_from_starting_runs(stage: Stage) -> None:
    stage.scheduler.settings.creates_scheduled_runs = False
    key = stage.add_dag(SerializedDag(dag_id="d", path="d.py", schedule=DAILY, start_date=START))
    stage.now += timedelta(days=3)
    stage.turn()
    assert stage.run_states() == []
    stage.trigger(key)
    stage.turn()
    assert stage.run_states() == [RunState.SUCCESS]


def test_a_continuous_dag_runs_again_when_its_run_has_ended(stage: Stage) -> None:
    schedule = Schedule(kind="continuous", text="@continuous")
    tasks = (task("a"),)
    stage.add_dag(
        SerializedDag(
            dag_id="d",
            path="d.py",
            schedule=schedule,
            start_date=START - timedelta(days=9),
            tasks=tasks,
            max_active_runs=1,
        )
    )
    stage.turn()
    stage.turn(later=timedelta(hours=1))
    assert stage.run_states() == [RunState.RUNNING]
    stage.finish("failed")
    stage.turn()
    assert stage.run_states() == [RunState.FAILED, RunState.RUNNING]
    assert [run.execution_date for run in stage.runs()] == [START, stage.now]
    stage.finish()
    stage.turn()
    assert len(stage.runs()) == 2  # not before a second has passed
    stage.turn(later=timedelta(seconds=1))
    assert len(stage.runs()) == 3


def test_a_child_starts_only_after_its_parents_success_is_committed(
    stage: Stage, line: Callable[[int], int]
) -> None:
    stage.trigger(line(2))
    stage.turn()
    seen: list[TaskState] = []
    submit = stage.executor.submit
    stage.executor.submit = lambda launches: (  # type: ignore[method-assign,assignment]
        seen.extend(stage.task_states()[launch.task_id] for launch in launches),
        submit(launches),
    )
    stage.finish()
    assert seen == [TaskState.QUEUED]
    assert stage.task_states() == {"t0": TaskState.SUCCESS, "t1": TaskState.QUEUED}


def test_failure_goes_down_the_line_and_fails_the_run(
    stage: Stage, line: Callable[[int], int]
) -> None:
    stage.trigger(line(3))
    stage.turn()
    stage.finish("failed", error="boom")
    assert stage.task_states() == {
        "t0": TaskState.FAILED,
        "t1": TaskState.UPSTREAM_FAILED,
        "t2": TaskState.UPSTREAM_FAILED,
    }
    assert stage.run_states() == [RunState.FAILED]
    assert stage.rows(orm.TaskTry)[0].error == "boom"


def test_a_skipped_task_skips_what_needs_it(stage: Stage, line: Callable[[int], int]) -> None:
    stage.trigger(line(2))
    stage.turn()
    stage.finish("skipped")
    assert stage.task_states() == {"t0": TaskState.SKIPPED, "t1": TaskState.SKIPPED}
    assert stage.run_states() == [RunState.SUCCESS]


def test_a_retry_waits_its_delay_and_clears_xcoms(stage: Stage) -> None:
    dag = SerializedDag(dag_id="d", path="d.py", tasks=(task("a", retries=1, retry_delay_s=60),))
    stage.trigger(stage.add_dag(dag))
    stage.turn()
    pushed = XComItem(key="k", encoding="json", data=b"1", text="1")
    stage.finish("failed", xcoms=[pushed])
    assert stage.task_states() == {"a": TaskState.UP_FOR_RETRY}
    assert len(stage.rows(orm.XCom)) == 1
    stage.turn(later=timedelta(seconds=59))
    assert not stage.executor.launches
    stage.turn(later=timedelta(seconds=2))
    assert [launch.key.try_number for launch in stage.executor.launches] == [2]
    stage.finish()
    assert stage.run_states() == [RunState.SUCCESS]
    assert not stage.rows(orm.XCom)
    assert [row.state for row in stage.rows(orm.TaskTry)] == [TaskState.FAILED, TaskState.SUCCESS]


def test_values_pushed_before_the_start_is_known_stay(stage: Stage) -> None:
    dag = SerializedDag(dag_id="d", path="d.py", tasks=(task("a", retries=1, retry_delay_s=0),))
    stage.trigger(stage.add_dag(dag))
    stage.turn()
    stage.finish("failed")
    (launch,) = stage.executor.launches
    item = XComItem(key="k", encoding="json", data=b"2", text="2")
    with stage.database.write() as session:  # as the answer to the running task's PushXCom
        xcom_store.put(session, [(launch.key.task_instance_id, item)], stage.now)
    assert launch.key.try_number == 2
    stage.finish()
    assert [row.text for row in stage.rows(orm.XCom)] == ["2"]


def test_fail_now_does_not_retry(stage: Stage) -> None:
    dag = SerializedDag(dag_id="d", path="d.py", tasks=(task("a", retries=5),))
    stage.trigger(stage.add_dag(dag))
    stage.turn()
    stage.finish("fail_now")
    assert stage.run_states() == [RunState.FAILED]


def test_dummy_tasks_need_no_worker(stage: Stage) -> None:
    tasks = (task("a", "b", is_dummy=True), task("b", is_dummy=True))
    stage.executor.is_connected = False
    stage.trigger(stage.add_dag(SerializedDag(dag_id="d", path="d.py", tasks=tasks)))
    stage.turn()
    assert stage.run_states() == [RunState.SUCCESS]


def test_a_dag_without_tasks_succeeds(stage: Stage) -> None:
    stage.trigger(stage.add_dag(SerializedDag(dag_id="d", path="d.py")))
    stage.turn()
    assert stage.run_states() == [RunState.SUCCESS]


def test_catchup_creates_every_missed_run(stage: Stage) -> None:
    dag = SerializedDag(
        dag_id="d",
        path="d.py",
        tasks=chain(1),
        schedule=DAILY,
        start_date=START - timedelta(days=3),
        max_active_runs=2,
    )
    stage.add_dag(dag)
    for _ in range(4):
        stage.turn()
    assert len(stage.runs()) == 2  # max_active_runs
    while stage.executor.launches:
        stage.finish()
        stage.turn()
    dates = [run.execution_date for run in stage.runs()]
    assert dates == [START - timedelta(days=n) for n in (3, 2, 1)]
    assert stage.runs()[0].run_id == "scheduled__2025-12-29T00:00:00+00:00"


def test_a_scheduled_run_is_created_when_its_interval_ends(stage: Stage) -> None:
    dag = SerializedDag(dag_id="d", path="d.py", tasks=chain(1), schedule=DAILY, start_date=START)
    stage.add_dag(dag)
    stage.turn()
    assert stage.rows(orm.Dag)[0].next_due_at == START + timedelta(days=1)
    stage.turn(later=timedelta(hours=23, minutes=59))
    assert not stage.runs()
    stage.turn(later=timedelta(minutes=1))
    assert [run.execution_date for run in stage.runs()] == [START]
    context = stage.executor.launches[0].context
    assert context.next_execution_date == START + timedelta(days=1)


def test_a_trigger_just_before_a_scheduled_run_is_not_overlooked(
    stage: Stage, line: Callable[[int], int]
) -> None:
    dag = SerializedDag(dag_id="d", path="d.py", tasks=chain(1), schedule=DAILY, start_date=START)
    stage.add_dag(dag)
    other = line(1)
    stage.turn()
    stage.trigger(other)  # committed, but the scheduler is not told before its next turn
    stage.turn(later=timedelta(days=1))
    assert stage.run_states() == [RunState.RUNNING, RunState.RUNNING]


def test_a_paused_dag_creates_and_starts_nothing(stage: Stage) -> None:
    dag = SerializedDag(
        dag_id="d", path="d.py", tasks=chain(1), schedule=DAILY, start_date=START, catchup=False
    )
    key = stage.add_dag(dag, is_paused=True)
    stage.trigger(key)
    stage.turn(later=timedelta(days=5))
    assert stage.run_states() == [RunState.QUEUED]
    assert not stage.executor.launches
    stage.pause(key, False)
    stage.turn()
    stage.turn()
    assert len(stage.executor.launches) == 2
    assert stage.runs()[1].execution_date == START + timedelta(days=4)


def test_a_run_in_the_future_waits_for_its_date(stage: Stage, line: Callable[[int], int]) -> None:
    stage.trigger(line(1), at=START + timedelta(hours=1))
    stage.turn()
    assert stage.run_states() == [RunState.QUEUED]
    stage.turn(later=timedelta(hours=1))
    assert stage.run_states() == [RunState.RUNNING]


def test_a_manual_run_at_the_scheduled_date_stands_for_it(stage: Stage) -> None:
    dag = SerializedDag(dag_id="d", path="d.py", tasks=chain(1), schedule=DAILY, start_date=START)
    stage.trigger(stage.add_dag(dag), at=START)
    stage.turn(later=timedelta(days=1))
    assert len(stage.runs()) == 1


def test_concurrency_of_a_dag_and_parallelism_hold(stage: Stage) -> None:
    wide = tuple(task(f"t{n:02}") for n in range(40))
    for name in ("a", "b"):
        dag = SerializedDag(dag_id=name, path=f"{name}.py", tasks=wide, concurrency=20)
        stage.trigger(stage.add_dag(dag))
    stage.turn()
    launched = [launch.dag_id for launch in stage.executor.launches]
    assert len(launched) == 32
    assert max(launched.count("a"), launched.count("b")) <= 20
    assert list(stage.task_states().values()).count(TaskState.SCHEDULED) > 0


def test_a_run_keeps_the_version_it_started_with(stage: Stage) -> None:
    old = SerializedDag(dag_id="d", path="d.py", tasks=chain(2))
    key = stage.add_dag(old)
    first = stage.trigger(key)
    stage.turn()
    stage.add_dag(SerializedDag(dag_id="d", path="d.py", tasks=chain(1)), number=2)
    stage.finish_all()
    second = stage.trigger(key, "again", at=START + timedelta(seconds=-1))
    stage.turn()
    stage.finish_all()
    versions = {run.id: run.dag_version_id for run in stage.runs()}
    assert versions[second] != versions[first]
    assert len(stage.rows(orm.TaskInstance)) == 3


def test_every_change_of_a_run_is_an_event(stage: Stage, line: Callable[[int], int]) -> None:
    stage.trigger(line(1))
    stage.turn()
    stage.finish()
    events = [row.data for row in stage.rows(orm.Event) if row.kind == "run" and row.data]
    assert [event["run"]["state"] for event in events] == ["running", "success"]
    assert events[-1]["tasks"][0]["state"] == "success"
    assert events[-1]["run"]["task_counts"] == {"success": 1}
    assert msgspec.json.encode(events)


def test_old_events_are_pruned_and_the_newest_stays(
    stage: Stage, line: Callable[[int], int]
) -> None:
    stage.trigger(line(1))
    stage.turn()
    before = [row.id for row in stage.rows(orm.Event)]
    stage.turn(later=timedelta(days=8))
    assert [row.id for row in stage.rows(orm.Event)] == before[-1:]


def test_a_dag_at_the_end_of_the_calendar_harms_no_other(
    stage: Stage, line: Callable[[int], int]
) -> None:
    for name, start in (("first", datetime.min), ("last", datetime.max)):
        stage.add_dag(
            SerializedDag(
                dag_id=name,
                path=f"{name}.py",
                tasks=chain(1),
                schedule=DAILY,
                start_date=start.replace(tzinfo=UTC),
            )
        )
    stage.trigger(line(1))
    stage.turn()
    assert stage.finish_all() == ["t0"]


def test_conf_of_any_size_of_number_reaches_the_task(
    stage: Stage, line: Callable[[int], int]
) -> None:
    run_key = stage.trigger(line(1))
    with stage.database.write() as session:
        session.get_one(orm.DagRun, run_key).conf = {"a": 2**100}
    stage.turn()
    (launch,) = stage.executor.launches
    sent = msgspec.msgpack.encode(launch)
    conf = msgspec.msgpack.decode(sent, type=type(launch)).context.conf
    assert msgspec.json.decode(conf) == {"a": 2**100}
