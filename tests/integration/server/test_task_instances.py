"""Task instances, their logs and XComs over HTTP."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import select

from factories import EPOCH, make_run, make_task_instance
from hubflow.config import Core
from hubflow.db import orm
from hubflow.db.engine import Database
from hubflow.tasklog import relative_path
from integration.server.conftest import RUN
from integration.server.service import Service

pytestmark = pytest.mark.usefixtures("etl")
BASE = f"/dags/etl/dagRuns/{quote(RUN, safe='')}/taskInstances"


@pytest.fixture
def log(core: Core) -> Path:
    file = core.paths.logs / relative_path("etl", "extract", EPOCH, 1)
    file.parent.mkdir(parents=True)
    file.write_text("one\ntwo ü\n")
    return file


def test_list_and_one(service: Service) -> None:
    body = service.reader.get(BASE).json()
    assert [ti["task_id"] for ti in body["task_instances"]] == ["extract", "load"]
    load = service.reader.get(f"{BASE}/load").json()
    assert (load["state"], load["duration"], load["try_number"]) == ("failed", 10.0, 1)
    assert load["pool"] == "default_pool"
    missing = service.reader.get(f"{BASE}/nothing")
    assert (missing.status_code, missing.json()["code"]) == (404, "task-not-found")


def test_log_of_a_finished_try_ends(service: Service, log: Path) -> None:
    body = service.reader.get(f"{BASE}/extract/logs/1").json()
    assert body == {"content": "one\ntwo ü\n", "continuation_token": "11", "is_complete": True}
    rest = service.reader.get(f"{BASE}/extract/logs/1", params={"token": "4"}).json()
    assert rest["content"] == "two ü\n"


def test_log_as_text(service: Service, log: Path) -> None:
    answer = service.reader.get(f"{BASE}/extract/logs/1", headers={"Accept": "text/plain"})
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.text == "one\ntwo ü\n"


def test_the_log_of_a_run_that_was_thinned_says_so(
    service: Service, log: Path, database: Database
) -> None:
    with database.write() as session:
        for run in session.scalars(select(orm.DagRun)):
            run.is_thinned = True
    body = service.reader.get(f"{BASE}/extract/logs/1").json()
    assert ("was removed" in body["content"], body["is_complete"]) == (True, True)
    token = body["continuation_token"]
    rest = service.reader.get(f"{BASE}/extract/logs/1", params={"token": token}).json()
    assert rest["content"] == ""


def test_large_log_comes_in_pages(service: Service, log: Path) -> None:
    log.write_text("line\n" * 100_000)
    token, read, page = "0", 0, {"is_complete": False}
    while not page["is_complete"]:
        page = service.reader.get(f"{BASE}/extract/logs/1", params={"token": token}).json()
        read += len(page["content"])
        token = page["continuation_token"]
    assert read == 500_000
    whole = service.reader.get(f"{BASE}/extract/logs/1", params={"full_content": True}).json()
    text = service.reader.get(f"{BASE}/extract/logs/1", headers={"Accept": "text/plain"}).text
    assert (len(text), whole["content"], whole["is_complete"]) == (500_000, text, True)


@pytest.mark.parametrize("number", ["0", "2", "x", "99999999999"])
def test_log_of_a_try_that_never_was_is_404(service: Service, number: str) -> None:
    assert service.reader.get(f"{BASE}/extract/logs/{number}").status_code == 404


def test_xcoms(service: Service) -> None:
    listed = service.reader.get(f"{BASE}/extract/xcomEntries").json()
    assert [entry["key"] for entry in listed["xcom_entries"]] == ["return_value"]
    value = service.reader.get(f"{BASE}/extract/xcomEntries/return_value").json()
    assert value["value"] == '{"rows":3}'
    assert service.reader.get(f"{BASE}/extract/xcomEntries/nothing").status_code == 404


def test_each_instance_of_a_mapped_task_has_its_own_log(
    service: Service, core: Core, database: Database, etl: orm.Dag
) -> None:
    with database.write() as session:
        run = make_run(session, etl, execution_date=EPOCH + timedelta(days=9))
        for index in range(2):
            instance = make_task_instance(session, run, f"m{index}")
            instance.task_id, instance.map_index = "m", index
            instance.try_number = 1
        run_id, date = run.run_id, run.execution_date
    for index in range(2):
        file = core.paths.logs / relative_path("etl", "m", date, 1, index)
        file.parent.mkdir(parents=True)
        file.write_text(f"instance {index}\n")
    url = f"/dags/etl/dagRuns/{quote(run_id, safe='')}/taskInstances/m/logs/1"
    texts = [
        service.reader.get(url, params=params).json()["content"]
        for params in ({}, {"map_index": 0}, {"map_index": 1})
    ]
    assert texts == ["instance 0\n", "instance 0\n", "instance 1\n"]
    assert service.reader.get(url, params={"map_index": 2}).status_code == 404
