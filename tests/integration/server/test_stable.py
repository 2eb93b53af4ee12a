"""What only clients of Airflow's stable API ask for, where it can go wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy.orm import Session

import factories as make
from hubflow.db import orm
from hubflow.serialization.model import SerializedDag, SerializedTask
from hubflow.states import TaskState
from integration.server.conftest import RUN
from integration.server.service import Service

Write = Callable[[Callable[[Session], object]], None]
TASKS = f"/dags/etl/dagRuns/{quote(RUN, safe='')}/taskInstances"


@pytest.fixture
def many(write: Write, etl: orm.Dag) -> None:
    """A second DAG with two runs of a mapped task, an argument without effect and a lost pool."""

    def fill(session: Session) -> None:
        tasks = (SerializedTask(task_id="copy", operator="PythonOperator", pool="lost"),)
        definition = SerializedDag(
            dag_id="copies", path="copies.py", tasks=tasks, warnings=("task copy: odd has no use",)
        )
        dag = make.make_dag(session, "copies", definition=definition)
        for days in (1, 2):
            run = make.make_run(session, dag, execution_date=make.EPOCH + timedelta(days=days))
            for index in range(3):
                one = make.make_task_instance(session, run, "copy", seconds=60.0 * (index + 1))
                one.map_index, one.pool = index, "lost"

    write(fill)


def found(answer: Any) -> list[tuple[str, int]]:
    assert answer.status_code == 200, answer.text
    return [(one["task_id"], one["map_index"]) for one in answer.json()["task_instances"]]


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"duration_gte": 120.0}, 4),
        ({"duration_gte": 120.0, "duration_lte": 120.0}, 2),
        ({"pool": ["lost"], "execution_date_lte": "2026-11-02T06:00:00Z"}, 3),
        ({"state": ["failed", "running"]}, 1),
        ({"state": [None]}, 0),
        ({"dag_ids": ["etl", "copies"], "task_ids": ["load", "copy"]}, 7),
        ({"queue": ["other"]}, 0),
        ({"start_date_gte": "2026-11-03T00:00:00Z"}, 3),
    ],
)
def test_task_instances_of_all_dags_are_narrowed(
    service: Service, query: dict[str, Any], expected: int
) -> None:
    url = "/dags/~/dagRuns/~/taskInstances/list"
    answer = service.reader.post(url, json={**query, "page_limit": 2})
    assert answer.json()["total_entries"] == expected, answer.text
    assert len(found(answer)) == min(2, expected)


@pytest.mark.usefixtures("many")
def test_task_instances_are_ordered_and_paged(service: Service) -> None:
    url = "/dags/copies/dagRuns/~/taskInstances"
    first = service.reader.get(url, params={"order_by": "-duration", "limit": 2})
    assert found(first) == [("copy", 2), ("copy", 2)]
    rest = service.reader.get(url, params={"order_by": "-duration", "limit": 9, "offset": 4})
    assert found(rest) == [("copy", 0), ("copy", 0)]
    assert service.reader.get(url, params={"order_by": "luck"}).status_code == 400
    assert service.reader.get("/dags/no/dagRuns/~/taskInstances").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"page_limit": 0},
        {"states": ["odd"]},
        {"execution_date_gte": "2026-11-01T00:00:00"},
        {"order_by": "luck"},
        {"unknown": 1},
    ],
)
def test_bad_batch_is_400(service: Service, body: dict[str, Any]) -> None:
    assert service.reader.post("/dags/~/dagRuns/list", json=body).status_code == 400


@pytest.mark.usefixtures("many")
def test_mapped_instances_are_found_by_their_index(service: Service) -> None:
    run = quote(f"scheduled__{make.EPOCH + timedelta(days=1)}".replace(" ", "T"), safe="")
    url = f"/dags/copies/dagRuns/{run}/taskInstances/copy"
    assert found(service.reader.get(f"{url}/listMapped")) == [("copy", n) for n in range(3)]
    assert service.reader.get(f"{url}/2").json()["duration"] == 180.0
    assert service.reader.get(f"{url}/3").status_code == 404
    noted = service.writer.patch(f"{url}/1/setNote", json={"note": "odd"})
    assert (noted.json()["map_index"], noted.json()["note"]) == (1, "odd")
    body = {"dry_run": False, "new_state": "failed"}
    assert service.writer.patch(f"{url}/1", json=body).json()["task_id"] == "copy"
    states = service.reader.get(f"{url}/listMapped").json()["task_instances"]
    assert [one["state"] for one in states] == ["success", "failed", "success"]
    assert service.reader.get(f"{url}/1/tries/1").json()["map_index"] == 1


def test_pools_that_are_too_small_are_warnings(service: Service, write: Write) -> None:
    def fill(session: Session) -> None:
        session.add(orm.Pool(name="two", slots=2))
        tasks = tuple(
            SerializedTask(task_id=f"t{slots}", operator="O", pool="two", pool_slots=slots)
            for slots in (2, 3)
        )
        definition = SerializedDag(dag_id="big", path="big.py", tasks=tasks)
        make.make_dag(session, "big", definition=definition)

    write(fill)
    (warning,) = service.reader.get("/dagWarnings", params={"dag_id": "big"}).json()["dag_warnings"]
    assert warning["warning_type"] == "insufficient pool"
    assert "needs 3 slots" in warning["message"]


@pytest.mark.usefixtures("many")
def test_odd_definitions_are_warnings(service: Service) -> None:
    warnings = service.reader.get("/dagWarnings").json()["dag_warnings"]
    assert [(one["warning_type"], one["dag_id"]) for one in warnings] == [
        ("definition", "copies"),
        ("non-existent pool", "copies"),
    ]
    assert "'lost'" in warnings[1]["message"]
    query = {"dag_id": "copies", "warning_type": "definition"}
    assert service.reader.get("/dagWarnings", params=query).json()["total_entries"] == 1


@pytest.mark.usefixtures("many")
def test_statistics_name_every_state(service: Service) -> None:
    stats = service.reader.get("/dagStats", params={"dag_ids": "copies,nothing"}).json()["dags"]
    assert [one["dag_id"] for one in stats] == ["copies"]
    assert {one["state"]: one["count"] for one in stats[0]["stats"]} == {
        "queued": 0,
        "running": 0,
        "success": 2,
        "failed": 0,
    }


def test_rendered_fields_are_shown_where_there_are_any(
    service: Service, write: Write, etl: orm.Dag
) -> None:
    first = service.reader.get(f"{TASKS}/extract").json()
    assert first["rendered_fields"] == {"bash_command": "echo extract"}

    def store(session: Session) -> None:
        instance = session.query(orm.TaskInstance).filter_by(task_id="extract").one()
        fields = {"bash_command": "echo 2026"}
        session.add(orm.RenderedFields(task_instance_id=instance.id, fields=fields, at=make.EPOCH))
        instance.state = TaskState.SUCCESS

    write(store)
    then = service.reader.get(f"{TASKS}/extract").json()
    assert then["rendered_fields"] == {"bash_command": "echo 2026"}


def test_a_file_is_asked_for_again(service: Service, etl: orm.Dag) -> None:
    token = service.reader.get("/dags/etl").json()["file_token"]
    asked = service.writer.put(f"/parseDagFile/{token}")
    assert (asked.status_code, asked.json()) == (201, {"path": "etl.py"})
    assert service.writer.put("/parseDagFile/999").status_code == 404
    assert service.writer.put("/parseDagFile/x").status_code == 404
