"""Backfills and versions over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

import factories as make
from hubflow.clock import utcnow
from hubflow.db import orm
from integration.server.service import Service

Write = Callable[[Callable[[Session], object]], None]
RANGE = {"from_date": "2026-10-01T00:00:00Z", "to_date": "2026-10-05T00:00:00Z"}


@pytest.fixture(autouse=True)
def daily(write: Write) -> None:
    """A DAG `daily` that has a schedule."""
    definition = make.serialized("daily", schedule=make.cron("0 0 * * *"))
    write(lambda session: make.make_dag(session, "daily", definition=definition))


def test_a_backfill_is_made_listed_shown_and_cancelled(service: Service) -> None:
    body = {"dag_id": "daily", **RANGE, "dag_run_conf": {"a": 1}, "reprocess_behavior": "failed"}
    dry = service.writer.post("/backfills/dry_run", json=body).json()
    assert (dry["total_entries"], dry["before_start"], dry["unfinished"]) == (5, 0, 0)
    assert {item["action"] for item in dry["backfills"]} == {"create"}
    made = service.writer.post("/backfills", json=body)
    assert made.status_code == 200
    shown = service.reader.get(f"/backfills/{made.json()['id']}").json()
    assert shown == made.json()
    assert (shown["state"], shown["total"], shown["created_by"]) == ("queued", 5, "ada")
    assert (shown["reprocess_behavior"], shown["dag_run_conf"]) == ("failed", {"a": 1})
    again = service.writer.post("/backfills", json=body)
    assert (again.status_code, again.json()["code"]) == (409, "backfill-exists")
    listed = service.reader.get("/backfills", params={"dag_id": "daily"}).json()
    assert (listed["total_entries"], listed["backfills"]) == (1, [shown])
    cancelled = service.writer.put(f"/backfills/{shown['id']}/cancel")
    assert cancelled.json()["state"] == "cancelled"
    assert service.writer.post("/backfills", json=body).status_code == 200


def test_a_dry_run_counts_the_dates_that_may_surprise(service: Service, write: Write) -> None:
    now = utcnow()
    start = now - timedelta(days=2)
    cron = make.cron("0 0 * * *")
    definition = make.serialized("young", schedule=cron, start_date=start)
    write(lambda session: make.make_dag(session, "young", definition=definition))
    ends = {"from_date": (now - timedelta(days=5)).isoformat(), "to_date": now.isoformat()}
    dry = service.writer.post("/backfills/dry_run", json={"dag_id": "young", **ends}).json()
    assert (dry["total_entries"], dry["before_start"], dry["unfinished"]) == (5, 3, 1)


def test_a_backfill_that_cannot_be(service: Service) -> None:
    for change, status in (
        ({"dag_id": "absent"}, 404),
        ({"to_date": "2020-01-01T00:00:00Z"}, 400),
        ({"reprocess_behavior": "perhaps"}, 400),
        ({"pool": 3}, 400),
    ):
        body = {"dag_id": "daily", **RANGE, **change}
        assert service.writer.post("/backfills", json=body).status_code == status
    assert service.reader.post("/backfills", json={}).status_code == 403
    for name in ("99", "x", "9" * 30):
        missing = service.reader.get(f"/backfills/{name}")
        assert missing.status_code == 404
    assert service.reader.get("/backfills", params={"dag_id": "absent"}).status_code == 404


def test_no_date_after_the_end_of_the_dag_is_made(service: Service, write: Write) -> None:
    end = make.EPOCH - timedelta(days=1)
    definition = make.serialized(
        "over", schedule=make.cron("0 6 * * *"), start_date=end - timedelta(days=9), end_date=end
    )
    write(lambda session: make.make_dag(session, "over", definition=definition))
    first = {"dag_id": "over", "from_date": (end - timedelta(days=2)).isoformat()}
    made = service.writer.post("/backfills", json={**first, "to_date": make.EPOCH.isoformat()})
    assert (made.json()["total"], made.json()["to_date"][:10]) == (3, end.date().isoformat())
    late = {"dag_id": "over", "from_date": make.EPOCH.isoformat()}
    refused = service.writer.post("/backfills/dry_run", json=late)
    assert (refused.status_code, "end_date" in refused.json()["detail"]) == (400, True)


def test_versions_are_listed_and_compared(service: Service, write: Write) -> None:
    def change(session: Session) -> None:
        dag = session.query(orm.Dag).filter_by(dag_id="daily").one()
        newer = make.serialized(
            "daily", {"extract": ["check"], "check": []}, schedule=make.cron("0 6 * * *")
        )
        make.add_version(session, dag, newer, "# the DAG daily\nfrom hubflow import DAG, chain\n")

    write(change)
    url = "/dags/daily/dagVersions"
    listed = service.reader.get(url).json()["dag_versions"]
    assert [(row["version_number"], row["is_current"]) for row in listed] == [
        (2, True),
        (1, False),
    ]
    assert service.reader.get(f"{url}/1").json()["task_count"] == 2
    found = service.reader.get(f"{url}/1/diff/2").json()
    assert (found["tasks_added"], found["tasks_removed"]) == (["check"], ["load"])
    assert found["tasks_changed"] == [
        {
            "task_id": "extract",
            "fields": [{"name": "downstream", "before": '["load"]', "after": '["check"]'}],
        }
    ]
    assert [field["name"] for field in found["dag_changed"]] == ["schedule"]
    assert "+from hubflow import DAG, chain" in found["source_diff"]
    assert service.reader.get(f"{url}/1/diff/1").json()["source_diff"] == ""
    missing = service.reader.get(f"{url}/9")
    assert (missing.status_code, missing.json()["code"]) == (404, "version-not-found")
    assert service.reader.get(f"{url}/x").status_code == 404
