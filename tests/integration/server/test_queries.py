"""What a query string asks for is done, or refused: nothing in it is ignored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy.orm import Session

import factories as make
from hubflow.db import orm
from hubflow.states import TaskState
from integration.server.conftest import RUN
from integration.server.service import Service

Write = Callable[[Callable[[Session], object]], None]
ETL = f"/dags/etl/dagRuns/{quote(RUN, safe='')}"
TASKS = f"{ETL}/taskInstances"


@pytest.fixture
def others(write: Write, etl: orm.Dag) -> None:
    """Two more DAGs, of which one has a warning, a run and an XCom; two broken files."""

    def fill(session: Session) -> None:
        odd = make.serialized("sales", warnings=("odd has no use",))
        sales = make.make_dag(session, "sales", definition=odd, is_paused=True)
        sales.description = "as etl, but other"
        make.make_dag(session, "web", definition=make.serialized("web", warnings=("b", "a")))
        copy = make.make_task_instance(session, make.make_run(session, sales), "copy")
        make.make_xcom(session, copy, key="rows", value=[1])
        for path in ("b.py", "a.py"):
            make.make_failure(session, path)

    write(fill)


@pytest.mark.usefixtures("others")
@pytest.mark.parametrize(
    ("path", "rows", "field", "query", "expected"),
    [
        ("/dags", "dags", "dag_id", {"order_by": "-dag_id"}, ["web", "sales", "etl"]),
        ("/dags", "dags", "dag_id", {"order_by": "-is_paused", "limit": 1}, ["sales"]),
        ("/importErrors", "import_errors", "filename", {"order_by": "filename"}, ["a.py", "b.py"]),
        ("/importErrors", "import_errors", "filename", {"order_by": "-filename"}, ["b.py", "a.py"]),
        (
            "/dagWarnings",
            "dag_warnings",
            "message",
            {"order_by": "-message", "limit": 2},
            ["odd has no use", "b"],
        ),
    ],
)
def test_lists_come_in_the_order_asked_for(
    service: Service, path: str, rows: str, field: str, query: dict[str, Any], expected: list[str]
) -> None:
    answer = service.reader.get(path, params=query)
    assert [row[field] for row in answer.json()[rows]] == expected
    assert service.reader.get(path, params={"order_by": "luck"}).status_code == 400


@pytest.mark.usefixtures("etl")
@pytest.mark.parametrize(
    "path", ["/dags", "/dags/etl", "/dags/etl/details", "/dags/etl/dagRuns", ETL]
)
def test_fields_that_are_named_are_those_that_come(service: Service, path: str) -> None:
    body = service.reader.get(path, params={"fields": "dag_id"}).json()
    rows = next((body[name] for name in ("dags", "dag_runs") if name in body), [body])
    assert rows == [{"dag_id": "etl"}]
    answer = service.reader.get(path, params={"fields": ["dag_id", "luck"]})
    assert (answer.status_code, "'luck'" in answer.json()["detail"]) == (400, True)


@pytest.mark.usefixtures("etl")
@pytest.mark.parametrize("path", ["/dags?dag_id_pattern=~&", "/dags/etl?"])
def test_mask_of_what_cannot_be_changed_is_refused(service: Service, path: str) -> None:
    answer = service.writer.patch(f"{path}update_mask=bogus", json={"is_paused": True})
    assert (answer.status_code, "'bogus'" in answer.json()["detail"]) == (400, True)
    done = service.writer.patch(f"{path}update_mask=is_paused", json={"is_paused": True})
    assert done.status_code == 200


@pytest.mark.usefixtures("others")
@pytest.mark.parametrize("query", ["", "?dag_id_pattern=", "?dag_id_pattern=%25", "?paused=false"])
def test_no_pattern_never_means_every_dag(service: Service, query: str) -> None:
    assert service.writer.patch(f"/dags{query}", json={"is_paused": True}).status_code == 400
    assert service.reader.get("/dags/etl").json()["is_paused"] is False


@pytest.mark.usefixtures("others")
def test_pattern_is_looked_for_in_ids_only(service: Service) -> None:
    answer = service.writer.patch("/dags?dag_id_pattern=etl", json={"is_paused": True})
    assert [dag["dag_id"] for dag in answer.json()["dags"]] == ["etl"]
    assert service.reader.get("/dags/web").json()["is_paused"] is False
    all_of_them = service.writer.patch("/dags?dag_id_pattern=~", json={"is_paused": False})
    assert all_of_them.json()["total_entries"] == 3
    for odd in ("%00", "e%0Atl"):
        assert service.reader.get(f"/dags?dag_id_pattern={odd}").status_code == 400
        answer = service.writer.patch(f"/dags?dag_id_pattern={odd}", json={"is_paused": True})
        assert answer.status_code == 400


def test_tries_come_in_pages(service: Service, write: Write, etl: orm.Dag) -> None:
    def try_again(session: Session) -> None:
        instance = session.query(orm.TaskInstance).filter_by(task_id="load").one()
        for number in (2, 3):
            session.add(
                orm.TaskTry(task_instance_id=instance.id, try_number=number, state=TaskState.FAILED)
            )

    write(try_again)
    query = {"order_by": "-try_number", "limit": 1, "offset": 1}
    page = service.reader.get(f"{TASKS}/load/tries", params=query).json()
    assert [one["try_number"] for one in page["task_instances"]] == [2]
    assert page["total_entries"] == 3
    assert service.reader.get(f"{TASKS}/load/tries?order_by=luck").status_code == 400


def test_audit_log_is_narrowed_to_a_run(service: Service, etl: orm.Dag) -> None:
    for run_id in ("mine", 'mi"ne%'):
        service.writer.post("/dags/etl/dagRuns", json={"dag_run_id": run_id, "note": "x"})
    for run_id in ("mine", 'mi"ne%'):
        entries = service.reader.get("/eventLogs", params={"run_id": run_id}).json()["event_logs"]
        assert [entry["run_id"] for entry in entries] == [run_id]
    assert service.reader.get("/eventLogs", params={"run_id": "min"}).json()["event_logs"] == []


def test_xcom_comes_as_text_or_as_it_is(service: Service, etl: orm.Dag) -> None:
    url = f"{TASKS}/extract/xcomEntries/return_value"
    assert service.reader.get(url).json()["value"] == '{"rows":3}'
    assert service.reader.get(url, params={"stringify": False}).json()["value"] == {"rows": 3}
    assert service.reader.get(url, params={"deserialize": True}).status_code == 400


@pytest.mark.usefixtures("others")
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("dags/~/dagRuns/~/taskInstances/~", [("etl", "return_value"), ("sales", "rows")]),
        ("dags/~/dagRuns/~/taskInstances/copy", [("sales", "rows")]),
        (f"dags/~/dagRuns/{quote(RUN)}/taskInstances/extract", [("etl", "return_value")]),
        ("dags/etl/dagRuns/~/taskInstances/~", [("etl", "return_value")]),
    ],
)
def test_xcoms_of_any_dag_run_or_task(
    service: Service, path: str, expected: list[tuple[str, str]]
) -> None:
    body = service.reader.get(f"/{path}/xcomEntries").json()
    assert [(one["dag_id"], one["key"]) for one in body["xcom_entries"]] == expected
    assert body["total_entries"] == len(expected)
    page = service.reader.get(f"/{path}/xcomEntries", params={"limit": 1}).json()
    assert len(page["xcom_entries"]) == 1
    assert service.reader.get("/dags/no/dagRuns/~/taskInstances/~/xcomEntries").status_code == 404


@pytest.mark.usefixtures("etl")
@pytest.mark.parametrize(
    "path", ["/dags?order=x", "/eventLogs?map_index=1", "/health?x=", "/dags/etl/dagRuns?x=1"]
)
def test_what_no_query_knows_is_refused(service: Service, path: str) -> None:
    answer = service.writer.get(path)
    assert (answer.status_code, "query knows no" in answer.json()["detail"]) == (400, True)


def test_what_jupyter_and_logins_add_to_queries_is_let_through(service: Service) -> None:
    assert service.reader.get("/dags?1764132296000&_xsrf=2|a&token=x").status_code == 200


def test_next_interval_of_a_dag_is_shown(service: Service, write: Write) -> None:
    def fill(session: Session) -> None:
        dag = make.make_dag(session, "hourly")
        dag.next_execution_date, dag.next_due_at = make.EPOCH, make.EPOCH + timedelta(hours=1)

    write(fill)
    dag = service.reader.get("/dags/hourly").json()
    shown = [dag[f"next_dagrun{name}"] for name in ("", *NEXT)]
    assert shown == [shown[0], shown[0], shown[3], shown[3]]
    assert shown[0] < shown[3]


NEXT = ("_data_interval_start", "_data_interval_end", "_create_after")
