"""Lists that are too long to be counted: the same pages, whichever way they are found."""

from __future__ import annotations

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

import factories as make
from hubflow.db import orm
from hubflow.db.engine import Database
from hubflow.db.queries import bounded, instance_search
from hubflow.db.queries.instance_search import ORDERS, InstanceFilter
from hubflow.states import TaskState

BOTH = [f"{sign}{name}" for name in ORDERS for sign in ("", "-")]


def add_instances(session: Session, run: orm.DagRun, count: int) -> None:
    rows = [
        {
            "dag_run_id": run.id,
            "task_id": f"t{number * 7 % count:05}",
            "state": TaskState.FAILED if number % 3 else TaskState.SUCCESS,
            "operator": f"Operator{number % 4}",
            "pool": f"pool_{number % 2}",
            "priority_weight": number % 5,
            "start_date": make.EPOCH,
        }
        for number in range(count)
    ]
    session.execute(insert(orm.table(orm.TaskInstance)), rows)


def page(
    session: Session, wanted: InstanceFilter, order_by: str = "id", limit: int = 5, offset: int = 0
) -> tuple[list[int], int]:
    found, total = instance_search.list_page(
        session, wanted, order_by=order_by, limit=limit, offset=offset
    )
    return [one.instance.id for one in found], total


@pytest.mark.parametrize(
    "wanted",
    [
        InstanceFilter(dag_ids=["one"], states=[TaskState.FAILED]),
        InstanceFilter(pools=["pool_1"]),
        InstanceFilter(run_ids=["first"], task_ids=["t00001", "t00003", "t00006"]),
    ],
    ids=["dag and state", "pool", "run and tasks"],
)
def test_walking_and_sorting_give_the_same_page(
    database: Database, monkeypatch: pytest.MonkeyPatch, wanted: InstanceFilter
) -> None:
    with database.write() as session:
        for dag_id in ("one", "two"):
            dag = make.make_dag(session, dag_id)
            for run_id, day in (("first", 1), ("second", 2)):
                date = make.EPOCH.replace(day=day)
                run = make.make_run(session, dag, run_id=run_id, execution_date=date)
                add_instances(session, run, 20)
    with database.read() as session:
        sorted_pages = {order: page(session, wanted, order, 4, 2)[0] for order in BOTH}
        monkeypatch.setattr(instance_search, "MOST_COUNTED", 0)
        walked_pages = {order: page(session, wanted, order, 4, 2)[0] for order in BOTH}
    assert all(sorted_pages.values())
    assert walked_pages == sorted_pages


def test_list_with_more_rows_than_are_counted_is_read_to_its_end(database: Database) -> None:
    with database.write() as session:
        run = make.make_run(session, make.make_dag(session))
        add_instances(session, run, bounded.MOST_COUNTED + 5)
    with database.read() as session:
        seen: list[int] = []
        total = 1
        while len(seen) < total:
            keys, total = page(session, InstanceFilter(), limit=5_000, offset=len(seen))
            seen += keys
    assert len(set(seen)) == len(seen) == total == bounded.MOST_COUNTED + 5


def test_total_is_exact_up_to_the_bound(database: Database) -> None:
    with database.write() as session:
        run = make.make_run(session, make.make_dag(session))
        add_instances(session, run, 12)
    with database.read() as session:
        assert page(session, InstanceFilter(states=[TaskState.FAILED]))[1] == 8
        assert page(session, InstanceFilter(states=[TaskState.FAILED]), offset=100) == ([], 8)
