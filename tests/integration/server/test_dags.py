"""DAGs over HTTP: list, one, pause."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import factories as make
from hubflow.db import orm
from hubflow.db.engine import Database
from integration.server.service import Service

pytestmark = pytest.mark.usefixtures("etl")


def test_list_has_the_shape_of_the_stable_api(service: Service) -> None:
    body = service.reader.get("/dags").json()
    assert body["total_entries"] == 1
    dag = body["dags"][0]
    assert dag["dag_id"] == "etl"
    assert dag["is_paused"] is False
    assert dag["schedule_interval"] is None
    assert dag["tags"] == []


def test_list_is_narrowed_by_tag_pattern_and_pause(
    service: Service, write: Callable[[Callable[[Session], object]], None]
) -> None:
    tagged = make.serialized("sales", tags=("money",), schedule=make.cron("0 6 * * *"))
    write(lambda s: make.make_dag(s, "sales", definition=tagged, is_paused=True))
    ids = [
        [dag["dag_id"] for dag in service.reader.get("/dags", params=query).json()["dags"]]
        for query in ({"tags": "money"}, {"dag_id_pattern": "%etl%"}, {"paused": "true"}, {})
    ]
    assert ids == [["sales"], ["etl"], ["sales"], ["etl", "sales"]]


def test_details_say_where_owners_lead(
    service: Service, write: Callable[[Callable[[Session], object]], None]
) -> None:
    links = {"ann": "https://example.com/ann"}
    linked = make.serialized("sales", owner_links=links)
    write(lambda s: make.make_dag(s, "sales", definition=linked))
    assert service.reader.get("/dags/sales/details").json()["owner_links"] == links
    assert service.reader.get("/dags/etl/details").json()["owner_links"] == {}


def test_unknown_dag_is_404(service: Service) -> None:
    answer = service.reader.get("/dags/nothing")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "dag-not-found"


def test_pause_is_stored_told_and_audited(service: Service, database: Database) -> None:
    with service.stream() as stream:
        assert stream.next()["kind"] == "hello"
        answer = service.writer.patch("/dags/etl", json={"is_paused": True})
        assert answer.json()["is_paused"] is True
        event = stream.next("dag")
    assert event["data"] == {"dag_id": "etl", "change": "paused"}
    with database.read() as session:
        dag = session.scalars(select(orm.Dag)).one()
        audit = session.scalars(select(orm.AuditEvent)).one()
    assert dag.change_id == event["id"]
    assert (audit.event, audit.owner, audit.dag_id) == ("paused", "ada", "etl")
    assert audit.source_ip == "127.0.0.1" or audit.source_ip is None


def test_reader_may_not_pause(service: Service) -> None:
    answer = service.reader.patch("/dags/etl", json={"is_paused": True})
    assert answer.status_code == 403
    assert answer.json()["code"] == "permission-denied"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"{", "not JSON"),
        (b"{}", "is_paused"),
        (b'{"is_paused": "yes"}', "is_paused"),
        (b'{"is_paused": true, "x": 1}', "x"),
    ],
)
def test_bad_body_is_400_and_names_the_field(service: Service, body: bytes, named: str) -> None:
    answer = service.writer.patch("/dags/etl", content=body)
    assert answer.status_code == 400
    assert named in answer.json()["detail"]
