"""Alerts and SLA misses over the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from factories import EPOCH, make_dag, make_run
from hubflow.clock import utcnow
from hubflow.db import orm
from hubflow.db.engine import Database
from hubflow.db.queries import alert_store
from integration.server.service import Service


@pytest.fixture
def mail(database: Database) -> int:
    """A mail that could not be sent; returns its id."""
    with database.write() as session:
        dag = make_dag(session, "sales")
        run = make_run(session, dag, execution_date=EPOCH)
        values = {
            "kind": "mail",
            "reason": "task_failure",
            "dag_id": dag.id,
            "dag_run_id": run.id,
            "task_instance_id": None,
            "try_number": 1,
            "data": {"to": ["ann@example.org"], "facts": {"task_id": "load"}},
        }
        key = alert_store.add(session, values, utcnow())
        alert = session.get_one(orm.Alert, key)
        alert.state, alert.attempts, alert.error = "failed", 8, "connection refused"
        session.add(
            orm.SlaMiss(
                dag_id=dag.id, task_id="load", execution_date=EPOCH, deadline=EPOCH, at=utcnow()
            )
        )
        return key


def test_an_unsent_mail_says_to_whom_and_why(service: Service, mail: int) -> None:
    (found,) = service.reader.get("/alerts?state=failed").json()["alerts"]
    assert (found["alert_id"], found["recipients"]) == (mail, ["ann@example.org"])
    assert (found["task_id"], found["error"]) == ("load", "connection refused")
    assert service.reader.get("/alerts?state=pending").json()["total_entries"] == 0


def test_an_unsent_mail_can_be_sent_again(service: Service, mail: int) -> None:
    assert service.reader.post(f"/alerts/{mail}/retry").status_code == 403
    again = service.writer.post(f"/alerts/{mail}/retry")
    assert (again.status_code, again.json()["state"]) == (200, "pending")
    twice = service.writer.post(f"/alerts/{mail}/retry")
    assert twice.status_code == 400
    assert "only failed mails" in twice.json()["detail"]


@pytest.mark.parametrize("key", ["0", "999", "x", "1" * 30])
def test_an_unknown_alert_is_404(service: Service, mail: int, key: str) -> None:
    assert service.writer.post(f"/alerts/{key}/retry").status_code == 404
    assert service.writer.patch(f"/slaMisses/{key}", json={"description": ""}).status_code == 404


def test_an_sla_miss_is_listed_and_described(service: Service, mail: int) -> None:
    (miss,) = service.reader.get("/slaMisses?dag_id=sales").json()["sla_misses"]
    assert (miss["task_id"], miss["dag_run_id"] is not None) == ("load", True)
    path = f"/slaMisses/{miss['sla_miss_id']}"
    assert service.reader.patch(path, json={"description": "disk"}).status_code == 403
    described = service.writer.patch(path, json={"description": "the disk was full"})
    assert described.json()["description"] == "the disk was full"
    assert service.reader.get("/slaMisses?dag_id=other").json()["total_entries"] == 0


def test_what_was_late_and_what_is_unsent_needs_attention(service: Service, mail: int) -> None:
    items = service.reader.get("/views/attention").json()["items"]
    assert {item["kind"]: item["detail"] for item in items} == {
        "late_task": "load not done by 06:00 UTC",
        "failed_alert": "a mail to ann@example.org is unsent: connection refused",
    }


def test_a_dag_that_is_late_again_and_again_is_one_line(
    service: Service, database: Database, mail: int
) -> None:
    with database.write() as session:
        dag = session.scalars(select(orm.Dag)).one()
        for number in (1, 2):
            date = EPOCH + number * timedelta(hours=1)
            make_run(session, dag, execution_date=date, run_id=f"late{number}")
            facts = {"execution_date": date, "deadline": date, "at": utcnow()}
            session.add(orm.SlaMiss(dag_id=dag.id, task_id="load", **facts))
    (late,) = [item for item in attention(service) if item["kind"] == "late_task"]
    assert late["detail"] == "load not done by 08:00 UTC; 2 earlier runs late, too"
    assert (late["run_id"], len(late["sla_miss_ids"])) == ("late2", 3)
    body = {"sla_miss_ids": late["sla_miss_ids"]}
    assert service.writer.post("/slaMisses/dismiss", json=body).json()["total_entries"] == 3


def test_a_mail_that_is_tried_again_needs_attention_until_it_is_sent(
    service: Service, database: Database, mail: int
) -> None:
    def become(state: str, error: str | None) -> list[str]:
        with database.write() as session:
            alert = session.get_one(orm.Alert, mail)
            alert.state, alert.error, alert.next_at = state, error, utcnow() + timedelta(minutes=5)
        return [one["detail"] for one in attention(service) if one["kind"] == "failed_alert"]

    unsent = "a mail to ann@example.org is unsent, and is tried again: connection refused"
    assert become("pending", "connection refused") == [unsent]
    assert become("pending", None) == []
    assert become("done", None) == []


def test_a_dismissed_miss_needs_no_attention_and_stays_in_the_list(
    service: Service, database: Database, mail: int
) -> None:
    (late,) = [item for item in attention(service) if item["kind"] == "late_task"]
    body = {"sla_miss_ids": late["sla_miss_ids"]}
    assert service.reader.post("/slaMisses/dismiss", json=body).status_code == 403
    unknown = {"sla_miss_ids": [*late["sla_miss_ids"], 999]}
    assert service.writer.post("/slaMisses/dismiss", json=unknown).status_code == 404
    assert "late_task" in {item["kind"] for item in attention(service)}
    assert service.writer.post("/slaMisses/dismiss", json=body).json()["total_entries"] == 1
    assert {item["kind"] for item in attention(service)} == {"failed_alert"}
    (miss,) = service.reader.get("/slaMisses?dag_id=sales").json()["sla_misses"]
    assert (miss["dismissed_by"], miss["dismissed_at"] is not None) == ("ada", True)
    with database.read() as session:
        audit = session.scalars(
            select(orm.AuditEvent).where(orm.AuditEvent.event == "sla_misses_dismissed")
        ).one()
    assert '"dag_ids":["sales"]' in (audit.extra or "")


def test_who_dismissed_a_miss_first_is_kept(service: Service, mail: int) -> None:
    (late,) = [item for item in attention(service) if item["kind"] == "late_task"]
    body = {"sla_miss_ids": late["sla_miss_ids"]}
    first, again = (service.writer.post("/slaMisses/dismiss", json=body) for _ in range(2))
    assert first.json() == again.json()
    assert service.writer.post("/slaMisses/dismiss", json={"sla_miss_ids": []}).status_code == 400


def attention(service: Service) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = service.reader.get("/views/attention").json()["items"]
    return items
