"""kill -9 of the scheduler and of the worker in the middle: nothing lost, nothing twice."""

import signal
from pathlib import Path

from engine import Engine
from hubflow.db import orm
from hubflow.states import RunState, TaskState
from waiting import is_alive

SOURCE = """
from datetime import datetime, timedelta
from hubflow import DAG
from hubflow.operators import BashOperator, PythonOperator

def note(ti, **context):
    with open({notes!r}, "a") as file:
        file.write(f"{{ti.dag_id}} {{ti.task_id}} {{ti.try_number}}\\n")

for n in range(6):
    with DAG(f"line{{n}}", schedule_interval=None, start_date=datetime(2026, 1, 1),
             is_paused_upon_creation=False) as dag:
        before = None
        for k in range(8):
            task = PythonOperator(task_id=f"t{{k}}", python_callable=note, provide_context=True)
            if before is not None:
                before >> task
            before = task
    globals()[dag.dag_id] = dag

with DAG("slow", schedule_interval=None, start_date=datetime(2026, 1, 1),
         is_paused_upon_creation=False) as slow:
    BashOperator(task_id="sleep", bash_command="sleep {seconds}; echo up", retries=1,
                 retry_delay=timedelta(seconds=0.1))
"""


def write(engine: Engine, seconds: float = 2) -> Path:
    notes = engine.paths.home / "notes.txt"
    notes.touch()
    engine.write("lines.py", SOURCE.format(notes=str(notes), seconds=seconds))
    engine.wait_for_dag("slow")
    return notes


def test_killing_the_scheduler_loses_nothing_and_repeats_nothing(engine: Engine) -> None:
    notes = write(engine)
    for n in range(6):
        assert engine.hubflow("dags", "trigger", f"line{n}", "--run-id", f"r{n}").returncode == 0
        if n % 2:
            engine.kill("scheduler")
            engine.start("scheduler")
    for n in range(6):
        assert engine.wait_for_run(f"r{n}").state is RunState.SUCCESS
    lines = notes.read_text().splitlines()
    assert sorted(lines) == sorted(f"line{n} t{k} 1" for n in range(6) for k in range(8))
    for n in range(6):
        order = [line.split()[1] for line in lines if line.startswith(f"line{n} ")]
        assert order == [f"t{k}" for k in range(8)]


def test_a_try_that_ends_while_the_scheduler_is_away_counts(engine: Engine) -> None:
    write(engine, seconds=1)
    engine.hubflow("dags", "trigger", "slow", "--run-id", "r")
    engine.wait_for_start()
    engine.kill("scheduler")
    (log,) = engine.paths.logs.glob("slow/sleep/*/1.log")
    engine.wait_for(lambda: "Marking task as SUCCESS" in log.read_text(), "the end of the try")
    engine.start("scheduler")
    assert engine.wait_for_run("r").state is RunState.SUCCESS
    assert [row.try_number for row in engine.rows(orm.TaskTry)] == [1]


def test_a_killed_worker_costs_the_try_and_leaves_no_process(engine: Engine) -> None:
    write(engine, seconds=30)
    engine.hubflow("dags", "trigger", "slow", "--run-id", "r")
    running = engine.wait_for_start()
    engine.kill("worker")
    engine.start("worker", "--Worker.warm_kernels=0")
    retried = engine.wait_for(
        lambda: engine.find(orm.TaskTry, orm.TaskTry.try_number == 2), "the second try"
    )
    first = engine.find(orm.TaskTry, orm.TaskTry.try_number == 1)
    assert first.state is TaskState.FAILED
    assert "worker" in first.error
    assert retried.pid != running.pid
    assert not is_alive(running.pid)


def test_every_process_stops_at_once_when_asked(engine: Engine) -> None:
    write(engine, seconds=30)
    engine.hubflow("dags", "trigger", "slow", "--run-id", "r")
    engine.wait_for_start()
    for name in ("scheduler", "processor", "worker"):
        process = engine.processes.pop(name)
        process.terminate()
        assert process.wait(30) == 0


def leader(engine: Engine) -> int:
    """Return the pid of the scheduler that leads."""
    lease = engine.wait_for(lambda: engine.find(orm.Lease, orm.Lease.host.is_not(None)), "a leader")
    return int(lease.pid)


def start_second(engine: Engine) -> int:
    """Start another scheduler and wait until it stands by; returns its pid."""
    leader(engine)
    first = engine.processes["scheduler"]
    second = engine.start("scheduler")
    engine.processes["first"] = first
    engine.wait_for(lambda: engine.find(orm.Process, orm.Process.pid == second.pid), "a standby")
    return second.pid


def test_a_second_scheduler_takes_over_from_a_killed_one(engine: Engine) -> None:
    notes = write(engine)
    second = start_second(engine)
    for n in range(6):
        assert engine.hubflow("dags", "trigger", f"line{n}", "--run-id", f"r{n}").returncode == 0
        if n == 3:
            engine.kill("first")
    for n in range(6):
        assert engine.wait_for_run(f"r{n}").state is RunState.SUCCESS
    engine.wait_for(lambda: leader(engine) == second, "the second to lead")
    lines = notes.read_text().splitlines()
    assert sorted(lines) == sorted(f"line{n} t{k} 1" for n in range(6) for k in range(8))


def test_a_frozen_scheduler_is_followed_and_stands_by_when_it_wakes(engine: Engine) -> None:
    notes = write(engine)
    second = start_second(engine)
    first = engine.processes["first"]
    first.send_signal(signal.SIGSTOP)
    try:
        engine.wait_for(lambda: leader(engine) == second, "the second to lead")
        for n in range(6):
            engine.hubflow("dags", "trigger", f"line{n}", "--run-id", f"r{n}")
        for n in range(6):
            assert engine.wait_for_run(f"r{n}").state is RunState.SUCCESS
    finally:
        first.send_signal(signal.SIGCONT)
    engine.kill("scheduler")
    # It leads again once the second is gone; had it been killed for a lock, it would be dead.
    if first.poll() is None:
        engine.wait_for(lambda: leader(engine) == first.pid, "the first to lead again")
    lines = notes.read_text().splitlines()
    assert sorted(lines) == sorted(f"line{n} t{k} 1" for n in range(6) for k in range(8))


def test_a_scheduler_that_stands_by_stops_when_asked(engine: Engine) -> None:
    start_second(engine)
    standby = engine.processes.pop("scheduler")
    standby.terminate()
    assert standby.wait(30) == 0
