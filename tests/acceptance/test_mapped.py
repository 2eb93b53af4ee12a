"""Mapped tasks, task groups and teardowns with real processes."""

import json

from engine import Engine
from hubflow.db import orm
from hubflow.states import RunState

SOURCE = """
from datetime import datetime
from hubflow import dag, setup, task, task_group, teardown

@dag(schedule=None, start_date=datetime(2026, 1, 1), is_paused_upon_creation=False)
def totals(factor: int = 10):
    @task
    def numbers():
        return [1, 2, 3]

    @task
    def times(x, factor):
        print("instance", x)
        return x * factor

    @task
    def add(values):
        return sum(values)

    @setup
    def create():
        return "room"

    @teardown
    def delete(room):
        print("deleting", room)

    @task_group
    def work():
        return add(times.partial(factor=factor).expand(x=numbers()))

    with delete(create()):
        work()

totals()
"""


def test_a_function_dag_maps_adds_and_tidies_up(engine: Engine) -> None:
    engine.write("totals.py", SOURCE)
    engine.wait_for_dag("totals")
    assert (
        engine.hubflow("dags", "trigger", "totals", "-r", "r", "-c", '{"factor": 2}').returncode
        == 0
    )
    run = engine.wait_for_run("r")
    assert run.state is RunState.SUCCESS
    rows = engine.rows(orm.TaskInstance, orm.TaskInstance.dag_run_id == run.id)
    assert sorted(row.map_index for row in rows if row.task_id == "work.times") == [0, 1, 2]
    (total,) = (row.id for row in rows if row.task_id == "work.add")
    (value,) = engine.rows(orm.XCom, orm.XCom.task_instance_id == total)
    assert json.loads(value.data) == 12
    log = engine.paths.logs.glob("totals/work.times/*/map_index=2/1.log")
    assert "instance 3" in next(log).read_text()


def test_a_rehearsal_does_the_same(engine: Engine) -> None:
    engine.write("totals.py", SOURCE)
    engine.wait_for_dag("totals")
    done = engine.hubflow("dags", "test", "totals")
    assert done.returncode == 0, done.stderr
    assert "work.add: success" in done.stdout
