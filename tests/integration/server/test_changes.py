"""Clear, mark, run, annotate and delete over HTTP, in the shape of Airflow 2's stable API."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import factories as make
from hubflow.db import orm
from hubflow.db.engine import Database
from hubflow.states import RunState, TaskState
from integration.server.conftest import RUN
from integration.server.service import Service

pytestmark = pytest.mark.usefixtures("etl")
Write = Callable[[Callable[[Session], object]], None]
RUN_URL = f"/dags/etl/dagRuns/{quote(RUN, safe='')}"
TASK_URL = f"{RUN_URL}/taskInstances/load"
MARKED = {"task_id", "dag_id", "dag_run_id", "execution_date"}
AT = "2026-11-01T06:00:00+00:00"


def states(database: Database) -> dict[str, TaskState]:
    with database.read() as session:
        rows = session.execute(select(orm.TaskInstance.task_id, orm.TaskInstance.state))
        return {task_id: state for task_id, state in rows}


def test_clear_lists_first_and_clears_when_told(service: Service, database: Database) -> None:
    listed = service.writer.post("/dags/etl/clearTaskInstances", json={}).json()
    assert listed["task_instances"] == [
        {
            "task_id": "load",
            "dag_id": "etl",
            "dag_run_id": RUN,
            "execution_date": AT.replace("+00:00", "Z"),
            "map_index": -1,
            "state": "failed",
            "change": "cleared",
        }
    ]
    assert states(database)["load"] is TaskState.FAILED
    body = {"dry_run": False, "only_failed": False, "task_ids": ["extract"]}
    done = service.writer.post(
        "/dags/etl/clearTaskInstances", json={**body, "include_downstream": True}
    ).json()
    assert (done["total_entries"], done["dag_runs"]) == (2, 1)
    assert set(states(database).values()) == {TaskState.NONE}
    with database.read() as session:
        run = session.scalars(select(orm.DagRun)).one()
        event = session.scalars(select(orm.Event)).one()
        audit = session.scalars(select(orm.AuditEvent)).one()
    assert (run.state, run.change_id) == (RunState.QUEUED, event.id)
    assert {cell["task_id"] for cell in event.data["tasks"]} == {"extract", "load"}
    assert (audit.event, audit.owner) == ("clear", "ada")


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        ({"only_running": True}, 400, "only_failed and only_running"),
        ({"task_ids": ["nothing"]}, 404, "nothing"),
        ({"dag_run_id": "nothing"}, 404, "nothing"),
        ({"dag_run_id": RUN, "start_date": AT}, 400, "not both"),
        ({"include_past": True}, 400, "dag_run_id"),
        ({"start_date": "2026-11-01T00:00:00"}, 400, "time zone"),
        ({"start_date": AT, "end_date": "2020-01-01T00:00:00Z"}, 400, "swap"),
        ({"nonsense": 1}, 400, "nonsense"),
    ],
)
def test_a_clear_that_makes_no_sense(
    service: Service, body: dict[str, object], status: int, named: str
) -> None:
    answer = service.writer.post("/dags/etl/clearTaskInstances", json=body)
    assert (answer.status_code, named in answer.json()["detail"]) == (status, True)


def test_dates_narrow_a_clear(service: Service) -> None:
    for body, count in (({"end_date": AT}, 1), ({"start_date": "2026-11-02T00:00:00Z"}, 0)):
        answer = service.writer.post("/dags/etl/clearTaskInstances", json=body)
        assert answer.json()["total_entries"] == count


def test_tasks_are_marked_by_run_or_date(service: Service, database: Database) -> None:
    body = {"task_id": "load", "execution_date": AT, "new_state": "success"}
    listed = service.writer.post("/dags/etl/updateTaskInstancesState", json=body)
    assert listed.json()["total_entries"] == 1
    done = service.writer.patch(TASK_URL, json={"new_state": "success", "dry_run": False})
    assert (done.json()["task_id"], done.json().keys()) == ("load", MARKED)
    dry = service.writer.patch(TASK_URL, json={"new_state": "failed"})
    assert dry.json() == done.json()
    assert states(database)["load"] is TaskState.SUCCESS
    wrong = service.writer.patch(TASK_URL, json={"new_state": "running"})
    assert (wrong.status_code, "new_state" in wrong.json()["detail"]) == (400, True)


def test_a_run_is_marked_cleared_and_queued(service: Service, database: Database) -> None:
    marked = service.writer.patch(RUN_URL, json={"state": "success"})
    assert (marked.status_code, marked.json()["state"]) == (200, "success")
    assert set(states(database).values()) == {TaskState.SUCCESS}
    listed = service.writer.post(f"{RUN_URL}/clear", json={})
    assert listed.json()["total_entries"] == 2
    assert service.reader.get(RUN_URL).json()["state"] == "success"
    service.writer.post(f"{RUN_URL}/clear", json={"dry_run": False})
    assert service.reader.get(RUN_URL).json()["state"] == "queued"
    assert service.writer.patch(RUN_URL, json={"state": "queued"}).json()["state"] == "queued"
    assert service.writer.patch(RUN_URL, json={"state": "lost"}).status_code == 400


def test_notes(service: Service) -> None:
    for url in (RUN_URL, TASK_URL):
        answer = service.writer.patch(f"{url}/setNote", json={"note": "seen"})
        assert answer.json()["note"] == "seen"
        assert service.reader.get(url).json()["note"] == "seen"
        assert service.writer.patch(f"{url}/setNote", json={"note": None}).json()["note"] is None


def test_one_task_is_run_or_refused_with_every_reason(service: Service) -> None:
    refused = service.writer.post(f"{TASK_URL}/run", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "dependencies-not-met")
    assert "the task has failed; clear it" in refused.json()["detail"]
    done = service.writer.post(f"{TASK_URL}/run", json={"ignore_task_state": True})
    assert done.json()["state"] == "scheduled"
    assert service.reader.get(RUN_URL).json()["state"] == "queued"


def test_a_run_is_deleted(service: Service, database: Database) -> None:
    answer = service.writer.delete(RUN_URL)
    assert (answer.status_code, answer.content) == (204, b"")
    assert service.reader.get(RUN_URL).status_code == 404
    assert service.writer.delete(RUN_URL).status_code == 404
    with database.read() as session:
        event = session.scalars(select(orm.Event)).one()
    assert (event.kind, event.data["run_id"]) == ("deleted", RUN)


def test_a_dag_is_deleted_with_its_history(service: Service, write: Write) -> None:
    assert service.writer.delete("/dags/etl").status_code == 204
    assert service.reader.get("/dags/etl/dagRuns").json()["total_entries"] == 0
    write(lambda session: make.make_dag(session, "gone", is_active=False))
    assert service.writer.delete("/dags/gone").status_code == 204
    assert service.reader.get("/dags/gone").status_code == 404


def test_a_dag_that_runs_is_not_deleted(service: Service, write: Write) -> None:
    def running(session: Session) -> None:
        dag = make.make_dag(session, "busy")
        make.make_run(session, dag, state=RunState.RUNNING, tasks={"extract": TaskState.RUNNING})

    write(running)
    answer = service.writer.delete("/dags/busy")
    assert (answer.status_code, answer.json()["code"]) == (409, "dag-busy")


@pytest.mark.parametrize(("state", "touched"), [("success", ["load"]), ("failed", [])])
def test_mark_of_a_run_lists_first(
    service: Service, database: Database, state: str, touched: list[str]
) -> None:
    url = f"/views/dags/etl/runs/{quote(RUN, safe='')}/mark"
    before = states(database)
    listed = service.writer.get(url, params={"state": state}).json()
    assert [item["task_id"] for item in listed["task_instances"]] == touched
    assert states(database) == before
    service.writer.patch(RUN_URL, json={"state": state})
    after = states(database)
    assert [task_id for task_id in before if after[task_id] is not before[task_id]] == touched
    assert service.reader.get(url, params={"state": state}).status_code == 403


def everything_of(database: Database) -> list[dict[str, object]]:
    """Read the run, its task instances and their tries, but not what is kept about them."""
    kept = {"change_id": None, "task_counts": None, "updated_at": None}
    with database.read() as session:
        return [
            {**row, **kept}
            for table in (orm.DagRun, orm.TaskInstance, orm.TaskTry)
            for row in session.execute(select(orm.table(table))).mappings()
        ]


def test_a_mark_of_what_is_over_is_taken_back_exactly(service: Service, database: Database) -> None:
    url = "/dags/etl/updateTaskInstancesState"
    body = {"task_id": "load", "dag_run_id": RUN, "dry_run": False}
    before = everything_of(database)
    service.writer.post(url, json={**body, "new_state": "success"})
    assert everything_of(database) != before
    service.writer.post(url, json={**body, "new_state": "failed"})
    assert everything_of(database) == before
