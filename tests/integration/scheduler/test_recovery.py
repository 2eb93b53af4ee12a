"""What survives the death of the scheduler, of the worker, and of a transaction."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from hubflow.db import orm
from hubflow.errors import DatabaseUnusable, StaleState
from hubflow.states import RunState, TaskState
from integration.scheduler.stage import START, Stage
from waiting import until


def test_a_new_scheduler_resubmits_what_never_reached_the_worker(
    stage: Stage, line: Callable[[int], int]
) -> None:
    stage.trigger(line(2))
    stage.turn()
    lost = stage.executor.take_launches()
    stage.start_scheduler()
    stage.executor.hello(known=[])
    stage.turn()
    assert [launch.key for launch in stage.executor.launches] == [launch.key for launch in lost]
    assert stage.finish_all() == ["t0", "t1"]
    assert stage.run_states() == [RunState.SUCCESS]


def test_a_new_scheduler_adopts_what_runs(stage: Stage, line: Callable[[int], int]) -> None:
    stage.trigger(line(2))
    stage.turn()
    (launch,) = stage.executor.take_launches()
    stage.executor.started(launch.key)
    stage.turn()
    stage.start_scheduler()
    stage.executor.hello(known=[launch.key])
    stage.turn()
    assert not stage.executor.launches
    stage.executor.finished(launch.key)
    stage.turn()
    assert stage.finish_all() == ["t1"]
    assert len(stage.rows(orm.TaskTry)) == 2


def test_a_result_that_comes_twice_counts_once(stage: Stage, line: Callable[[int], int]) -> None:
    stage.trigger(line(2))
    stage.turn()
    (launch,) = stage.executor.take_launches()
    for _ in range(2):
        stage.executor.started(launch.key)
        stage.executor.finished(launch.key)
        stage.turn()
    assert len(stage.executor.launches) == 1
    assert stage.executor.acknowledged == 4


def test_a_running_try_that_a_new_worker_does_not_know_is_lost(
    stage: Stage, line: Callable[[int], int]
) -> None:
    stage.trigger(line(1))
    stage.turn()
    (launch,) = stage.executor.take_launches()
    stage.executor.started(launch.key)
    stage.turn()
    stage.executor.hello(known=[])
    stage.turn()
    assert stage.task_states() == {"t0": TaskState.FAILED}
    assert "worker" in stage.rows(orm.TaskTry)[0].error


def test_a_try_nobody_wants_is_killed(stage: Stage, line: Callable[[int], int]) -> None:
    stage.trigger(line(1))
    stage.turn()
    (launch,) = stage.executor.take_launches()
    stray = launch.key._replace(try_number=7)
    stage.executor.hello(known=[launch.key, stray])
    stage.turn()
    assert [kill.key for kill in stage.executor.kills] == [stray]


def test_running_tries_are_given_up_when_no_worker_comes(
    stage: Stage, line: Callable[[int], int]
) -> None:
    stage.trigger(line(1))
    stage.turn()
    (launch,) = stage.executor.take_launches()
    stage.executor.started(launch.key, at=START)
    stage.turn()
    stage.executor.is_connected = False
    stage.turn(later=timedelta(seconds=10))
    assert stage.task_states() == {"t0": TaskState.RUNNING}
    stage.turn(later=timedelta(seconds=31))
    assert stage.task_states() == {"t0": TaskState.FAILED}


def test_without_a_worker_ready_tasks_wait(stage: Stage, line: Callable[[int], int]) -> None:
    stage.executor.is_connected = False
    stage.trigger(line(1))
    stage.turn()
    assert stage.task_states() == {"t0": TaskState.SCHEDULED}
    stage.start_scheduler()
    stage.executor.hello()
    stage.turn()
    assert len(stage.executor.launches) == 1


def test_a_retry_is_still_due_after_a_restart(stage: Stage, line: Callable[[int], int]) -> None:
    stage.trigger(line(1))
    stage.turn()
    with stage.database.write() as session:
        session.execute(update(orm.TaskInstance).values(max_tries=2))
    stage.start_scheduler()
    stage.executor.hello(known=[stage.executor.launches[0].key])
    stage.turn()
    stage.finish("failed")
    stage.start_scheduler()
    stage.turn(later=timedelta(seconds=299))
    assert not stage.executor.launches
    stage.turn(later=timedelta(seconds=2))
    assert stage.finish() == ["t0"]
    assert stage.run_states() == [RunState.SUCCESS]


def test_a_lost_race_overwrites_nothing(stage: Stage, line: Callable[[int], int]) -> None:
    stage.trigger(line(2))
    stage.turn()
    (launch,) = stage.executor.take_launches()
    with stage.database.write() as session:
        session.execute(update(orm.TaskInstance).values(state=TaskState.SKIPPED))
    stage.executor.started(launch.key)
    with pytest.raises(StaleState):
        stage.turn()
    assert set(stage.task_states().values()) == {TaskState.SKIPPED}
    assert not stage.executor.launches


@pytest.mark.usefixtures("sqlite_only")
def test_a_full_disk_stops_a_turn_and_nothing_else(
    stage: Stage, line: Callable[[int], int]
) -> None:
    stage.trigger(line(500))
    with stage.database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(DatabaseUnusable, match="full"):
        stage.turn()
    assert stage.run_states() == [RunState.QUEUED]
    assert not stage.executor.launches
    with stage.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    stage.start_scheduler()
    stage.turn()
    assert [launch.task_id for launch in stage.executor.launches] == ["t0"]


def test_a_failed_turn_is_repeated_on_memory_read_afresh(
    stage: Stage, line: Callable[[int], int]
) -> None:
    async def story() -> None:
        stop = asyncio.Event()
        stage.executor.is_connected = False
        running = asyncio.create_task(stage.scheduler.run(stop))
        with stage.database.engine.connect() as connection:
            connection.exec_driver_sql("ALTER TABLE task_instance RENAME TO away")
            connection.commit()
            stage.trigger(key)
            stage.scheduler.poke()
            await until(lambda: stage.executor.restarts)
            connection.exec_driver_sql("ALTER TABLE away RENAME TO task_instance")
            connection.commit()
        await until(lambda: stage.run_states() == [RunState.RUNNING])
        stop.set()
        await running

    key = line(1)
    asyncio.run(story())
    assert stage.task_states() == {"t0": TaskState.SCHEDULED}
