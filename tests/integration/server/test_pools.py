"""Pools over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

import factories as make
from hubflow.states import RunState, TaskState
from integration.server.service import Service

Write = Callable[[Callable[[Session], object]], None]


def add(service: Service, **values: Any) -> dict[str, Any]:
    answer = service.writer.post("/pools", json={"name": "db", "slots": 4} | values)
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_the_default_pool_is_there_and_stays(service: Service) -> None:
    pool = service.reader.get("/pools/default_pool").json()
    assert (pool["slots"], pool["open_slots"], pool["occupied_slots"]) == (128, 128, 0)
    answer = service.writer.delete("/pools/default_pool")
    assert answer.status_code == 400
    assert "default_pool" in answer.json()["detail"]
    assert service.writer.patch("/pools/default_pool", json={"name": "x"}).status_code == 400
    assert service.writer.patch("/pools/default_pool", json={"slots": 64}).json()["slots"] == 64


def test_a_pool_is_added_changed_and_removed(service: Service) -> None:
    made = add(service, description="one at a time")
    assert (made["slots"], made["description"], made["include_deferred"]) == (
        4,
        "one at a time",
        False,
    )
    body = {"slots": 8, "description": None, "include_deferred": True}
    changed = service.writer.patch("/pools/db?update_mask=slots,description", json=body).json()
    assert (changed["slots"], changed["description"], changed["include_deferred"]) == (
        8,
        None,
        False,
    )
    renamed = service.writer.patch("/pools/db", json={"name": "database"}).json()
    assert renamed["name"] == "database"
    assert service.writer.delete("/pools/database").status_code == 204
    gone = service.writer.get("/pools/database")
    assert (gone.status_code, gone.json()["code"]) == (404, "pool-not-found")


def test_occupancy_is_counted_in_slots_by_state(service: Service, write: Write) -> None:
    add(service, slots=8)

    def occupy(session: Session) -> None:
        run = make.make_run(session, make.make_dag(session, "etl"), state=RunState.RUNNING)
        states = {
            "a": (TaskState.RUNNING, 2),
            "b": (TaskState.QUEUED, 3),
            "c": (TaskState.SCHEDULED, 1),
            "d": (TaskState.DEFERRED, 2),
            "e": (TaskState.SUCCESS, 4),
            "f": (TaskState.RESTARTING, 1),
        }
        for task_id, (state, slots) in states.items():
            instance = make.make_task_instance(session, run, task_id, state=state)
            instance.pool, instance.pool_slots = "db", slots
        make.make_task_instance(session, run, "g", state=TaskState.RUNNING)

    write(occupy)
    pool = service.reader.get("/pools/db").json()
    counts = {
        name: pool[f"{name}_slots"] for name in ("running", "queued", "scheduled", "deferred")
    }
    assert counts == {"running": 3, "queued": 3, "scheduled": 1, "deferred": 2}
    assert (pool["occupied_slots"], pool["open_slots"]) == (6, 2)
    deferred = service.writer.patch("/pools/db", json={"include_deferred": True}).json()
    assert (deferred["occupied_slots"], deferred["open_slots"]) == (8, 0)
    assert service.reader.get("/pools/default_pool").json()["running_slots"] == 1
    smaller = service.writer.patch("/pools/db", json={"slots": 1}).json()
    assert (smaller["occupied_slots"], smaller["open_slots"]) == (8, 0)


def test_no_limit_and_no_slots_are_both_possible(service: Service) -> None:
    assert add(service, name="free", slots=-1)["open_slots"] == -1
    closed = add(service, name="closed", slots=0)
    assert (closed["slots"], closed["open_slots"]) == (0, 0)


@pytest.mark.parametrize("slots", [-2, 2**31, 1.5, "4", None])
def test_a_number_of_slots_that_cannot_be_is_400(service: Service, slots: object) -> None:
    answer = service.writer.post("/pools", json={"name": "db", "slots": slots})
    assert answer.status_code == 400
    assert "slots" in answer.json()["detail"]
    patched = service.writer.patch("/pools/default_pool", json={"slots": slots})
    assert patched.status_code == 400


def test_a_name_that_is_taken_is_409(service: Service) -> None:
    add(service)
    assert service.writer.post("/pools", json={"name": "db", "slots": 1}).status_code == 409
    taken = service.writer.patch("/pools/db", json={"name": "default_pool"})
    assert (taken.status_code, taken.json()["code"]) == (409, "pool-exists")


def test_the_page_is_ordered_and_narrowed(service: Service) -> None:
    add(service, name="b", slots=1)
    add(service, name="a", slots=2)

    def names(query: str) -> list[str]:
        return [pool["name"] for pool in service.reader.get(f"/pools?{query}").json()["pools"]]

    assert names("order_by=-slots") == ["default_pool", "a", "b"]
    assert names("pool_name_pattern=default") == ["default_pool"]
    assert names("limit=1&offset=1") == ["b"]


def test_changes_are_told_to_whoever_follows(service: Service) -> None:
    with service.stream() as stream:
        assert stream.next()["kind"] == "hello"
        add(service)
        assert stream.next("pool")["data"] == {"name": "db", "change": "added"}
        service.writer.patch("/pools/db", json={"slots": 1})
        assert stream.next("pool")["data"] == {"name": "db", "change": "changed"}
        service.writer.patch("/pools/db", json={"name": "x"})
        assert stream.next("pool")["data"] == {"name": "db", "change": "removed"}
        assert stream.next("pool")["data"] == {"name": "x", "change": "changed"}


def test_readers_may_look_and_not_touch(service: Service) -> None:
    assert service.reader.get("/pools").status_code == 200
    assert service.reader.post("/pools", json={"name": "x", "slots": 1}).status_code == 403
