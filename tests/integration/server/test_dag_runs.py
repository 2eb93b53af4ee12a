"""Runs over HTTP: list, one, trigger."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from sqlalchemy import select

import factories as make
from hubflow.db import orm
from hubflow.db.engine import Database
from hubflow.services import dag_runs
from hubflow.states import RunState
from integration.server.conftest import RUN
from integration.server.service import Service

pytestmark = pytest.mark.usefixtures("etl")
AT = "2026-11-20T00:00:00+00:00"


def test_trigger_queues_a_manual_run(service: Service, database: Database) -> None:
    answer = service.writer.post("/dags/etl/dagRuns", json={"conf": {"a": 1}, "note": "why"})
    assert answer.status_code == 200
    body = answer.json()
    assert body["state"] == "queued"
    assert body["dag_run_id"].startswith("manual__20")
    assert body["external_trigger"] is True
    assert body["conf"] == {"a": 1}
    with database.read() as session:
        run = session.scalars(select(orm.DagRun).where(orm.DagRun.state == RunState.QUEUED)).one()
        dag = session.scalars(select(orm.Dag)).one()
        event = session.scalars(select(orm.Event)).one()
        audit = session.scalars(select(orm.AuditEvent)).one()
    assert run.triggered_by == "ada"
    assert dag.last_run_id == run.id
    assert (event.kind, event.data["run"]["run_id"]) == ("run", run.run_id)
    assert (audit.event, audit.execution_date) == ("trigger", run.execution_date)


def test_a_run_by_hand_covers_the_last_interval_that_is_over(
    service: Service, database: Database
) -> None:
    daily = make.serialized("daily", schedule=make.cron("0 6 * * *"))
    with database.write() as session:
        make.make_dag(session, "daily", definition=daily)
    run = service.writer.post("/dags/daily/dagRuns", json={"logical_date": AT}).json()
    assert run["data_interval_start"] == "2026-11-18T06:00:00Z"
    assert run["data_interval_end"] == "2026-11-19T06:00:00Z"


@pytest.mark.parametrize(
    "again", [{"dag_run_id": "mine"}, {"dag_run_id": "other", "logical_date": AT}]
)
def test_second_trigger_with_same_id_or_date_is_409(
    service: Service, database: Database, again: dict[str, str]
) -> None:
    first = {"dag_run_id": "mine", "logical_date": AT}
    assert service.writer.post("/dags/etl/dagRuns", json=first).status_code == 200
    answer = service.writer.post("/dags/etl/dagRuns", json=again)
    assert answer.status_code == 409
    assert answer.json()["code"] == "run-exists"
    with database.read() as session:
        assert len(session.scalars(select(orm.DagRun)).all()) == 2  # the fixture's, and mine


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"conf": [1]}, "conf"),
        ({"conf": "x"}, "conf"),
        ({"logical_date": "2026-11-20T00:00:00"}, "logical_date has no time zone"),
        ({"logical_date": "yesterday"}, "logical_date"),
        ({"logical_date": AT, "execution_date": "2026-11-21T00:00:00Z"}, "differ"),
        ({"data_interval_start": AT}, "data_interval_end"),
        ({"dag_run_id": "scheduled__x"}, "scheduled__"),
        ({"dag_run_id": "x" * 251}, "250"),
        ({"dag_run_id": "a\nb"}, "printable"),
        ({"nonsense": 1}, "nonsense"),
        ({"conf": {"text": "x" * dag_runs.MAX_CONF_BYTES}}, "conf is larger than 64 KiB"),
        ({"conf": {"text": "é" * (dag_runs.MAX_CONF_BYTES // 2)}}, "conf is larger than 64 KiB"),
    ],
)
def test_bad_trigger_is_400_and_writes_nothing(
    service: Service, database: Database, body: dict[str, object], named: str
) -> None:
    answer = service.writer.post("/dags/etl/dagRuns", json=body)
    assert answer.status_code == 400
    assert named in answer.json()["detail"]
    with database.read() as session:
        assert len(session.scalars(select(orm.DagRun)).all()) == 1  # the fixture's
        assert session.scalars(select(orm.AuditEvent)).all() == []
        assert session.scalars(select(orm.Event)).all() == []


@pytest.mark.parametrize(
    ("conf", "named"),
    [
        ({"n": 99, "day": "mon"}, "param 'n': 99 is greater than the maximum of 10"),
        ({"n": "1", "day": "mon"}, "param 'n': '1' is not of type 'integer'"),
        ({}, "param 'day' has no default: the conf must give it"),
        ({"day": None}, "param 'day': None is not of type 'string'"),
        ({"day": "mon", "on": "nope"}, "param 'on': 'nope' is not a 'date'"),
        ({"day": "mon", "on": "2026-11-26"}, None),
        ({"day": "mon", "at": "25:99"}, "param 'at': '25:99' is not a 'time'"),
        ({"day": "mon", "at": "12:13:14"}, None),
        ({"day": "mon", "far": 1}, "refers to what is not there: https://example.org/schema"),
        ({"day": "mon", "odd": 1}, "param 'odd': its schema in the DAG file is wrong"),
        ({"day": "mon"}, None),
        ({"day": "mon", "n": 10, "more": {}}, None),
    ],
)
def test_the_params_of_a_run_must_fit_their_schemas(
    service: Service, database: Database, conf: dict[str, object], named: str | None
) -> None:
    schemas = {
        "n": {"type": "integer", "maximum": 10},
        "day": {"type": "string"},
        **({"on": {"type": "string", "format": "date"}} if "on" in conf else {}),
        **({"at": {"type": "string", "format": "time"}} if "at" in conf else {}),
        **({"far": {"$ref": "https://example.org/schema"}} if "far" in conf else {}),
        **({"odd": {"type": "nonsense"}} if "odd" in conf else {}),
    }
    definition = make.serialized("strict", params={"n": 1, "day": None}, param_schemas=schemas)
    with database.write() as session:
        make.make_dag(session, "strict", definition=definition)
    answer = service.writer.post("/dags/strict/dagRuns", json={"conf": conf})
    assert answer.status_code == (200 if named is None else 400)
    assert named is None or named in answer.json()["detail"]


def test_conf_may_have_64_kib(service: Service) -> None:
    conf = {"text": "x" * (dag_runs.MAX_CONF_BYTES - len('{"text":""}'))}
    answer = service.writer.post("/dags/etl/dagRuns", json={"conf": conf})
    assert answer.json()["conf"] == conf


def test_trigger_needs_permission_and_a_dag(service: Service) -> None:
    assert service.reader.post("/dags/etl/dagRuns", json={}).status_code == 403
    assert service.stranger.post("/dags/etl/dagRuns", json={}).status_code == 401
    assert service.writer.post("/dags/nothing/dagRuns", json={}).status_code == 404


def test_run_is_found_by_its_encoded_id(service: Service) -> None:
    answer = service.reader.get(f"/dags/etl/dagRuns/{quote(RUN, safe='')}")
    assert answer.json()["dag_run_id"] == RUN
    assert answer.json()["state"] == "failed"
    missing = service.reader.get("/dags/etl/dagRuns/nothing")
    assert (missing.status_code, missing.json()["code"]) == (404, "dag-run-not-found")


def test_runs_of_all_dags_are_ordered_and_narrowed(service: Service) -> None:
    service.writer.post("/dags/etl/dagRuns", json={"dag_run_id": "mine"})
    query = {"order_by": "-execution_date"}
    found = service.reader.get("/dags/~/dagRuns", params=query).json()
    assert [run["dag_run_id"] for run in found["dag_runs"]] == ["mine", RUN]
    failed = service.reader.get("/dags/etl/dagRuns", params={"state": "failed"}).json()
    assert failed["total_entries"] == 1
    assert service.reader.get("/dags/~/dagRuns", params={"order_by": "x"}).status_code == 400
    assert service.reader.get("/dags/~/dagRuns", params={"state": "blue"}).status_code == 400
