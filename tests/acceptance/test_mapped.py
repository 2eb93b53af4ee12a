"""Mapped tasks, task groups and teardowns with real processes."""

import json
from pathlib import Path

from engine import Engine
from hubflow.db import orm
from hubflow.states import RunState

SHOPS = Path(__file__).parents[1] / "dags" / "mapped_group.py"
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


def test_the_instances_of_a_mapped_group_go_their_own_ways(engine: Engine) -> None:
    engine.write("shops.py", SHOPS.read_text())
    engine.wait_for_dag("shops")
    assert engine.hubflow("dags", "trigger", "shops", "-r", "r").returncode == 0
    run = engine.wait_for_run("r")
    rows = engine.rows(orm.TaskInstance, orm.TaskInstance.dag_run_id == run.id)
    states = {(row.task_id, row.map_index): str(row.state) for row in rows}
    lost = "upstream_failed"
    assert states == {
        ("towns", -1): "success",
        **_indexed("shop.count", "success", "success", "failed"),
        **_indexed("shop.is_large", "success", "success", lost),
        **_indexed("shop.small", "success", "skipped", lost),
        **_indexed("shop.large", "skipped", "success", lost),
        **_indexed("shop.files.write", "success", "success", lost),
        **_indexed("shop.shout", "success", "success", lost),
        ("add", -1): "success",
    }
    (total,) = (row.id for row in rows if row.task_id == "add")
    (value,) = engine.rows(orm.XCom, orm.XCom.task_instance_id == total)
    assert json.loads(value.data) == 100
    log = engine.paths.logs.glob("shops/shop.files.write/*/map_index=1/1.log")
    assert "Bergen has 60" in next(log).read_text()


def _indexed(task_id: str, *states: str) -> dict[tuple[str, int], str]:
    return {(task_id, index): state for index, state in enumerate(states)}


def test_a_rehearsal_goes_through_a_mapped_group_by_instance(engine: Engine) -> None:
    engine.write("shops.py", SHOPS.read_text())
    engine.wait_for_dag("shops")
    done = engine.hubflow("dags", "test", "shops")
    assert "Bergen has 60" in done.stdout + done.stderr
    assert "shop.count: failed" in done.stdout
    assert "shop.large: upstream_failed" in done.stdout
    assert "add: success" in done.stdout
