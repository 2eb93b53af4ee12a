"""What all routes have in common, and the small ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from sqlalchemy.orm import Session

import factories as make
import hubflow
from hubflow.clock import utcnow
from hubflow.config import Core
from hubflow.db import orm
from hubflow.db.queries import leases, process_beats
from hubflow.db.queries.process_beats import Beat
from hubflow.process_identity import ProcessId
from hubflow.services.access import READING
from hubflow_server.routes import ROUTES
from integration.server.service import Service

Write = Callable[[Callable[[Session], object]], None]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_every_method_of_every_route_checks_its_permission(service: Service, route) -> None:  # type: ignore[no-untyped-def]
    url = route.path.replace("{map_index}", "0").replace("{", "").replace("}", "")
    for method, operation in route.operations.items():
        anonymous = service.stranger.request(method, url)
        assert (anonymous.status_code == 401) is (operation.permission is not None)
        if operation.permission not in {None, *READING}:
            assert service.reader.request(method, url, json={}).status_code == 403


def test_unknown_path_and_method_are_problems(service: Service) -> None:
    missing = service.reader.get("/nothing/here")
    assert (missing.status_code, missing.json()["code"]) == (404, "not-found")
    wrong = service.reader.delete("/dags")
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "GET, PATCH")
    assert wrong.headers["Content-Type"] == "application/problem+json"


@pytest.mark.usefixtures("etl")
@pytest.mark.parametrize("url", ["/health", "/dags", "/dags/etl", "/openapi.json"])
def test_head_says_what_get_would(service: Service, url: str) -> None:
    head, get = service.reader.head(url), service.reader.get(url)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("Content-Type", "Content-Length"):
        assert head.headers[name] == get.headers[name]
    assert service.stranger.head("/dags").status_code == 401
    assert service.reader.head("/notebooks/schedule").status_code == 405


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("/dags?limit=0", "limit"),
        ("/dags?limit=x", "limit"),
        ("/views/dags?paused=maybe", "paused"),
        ("/events?after=-1", "after"),
        ("/notebooks/inspect", "path"),
    ],
)
def test_bad_query_is_400_and_names_the_field(service: Service, url: str, named: str) -> None:
    answer = service.reader.get(url)
    assert answer.status_code == 400
    assert named in answer.json()["detail"]


def test_health_counts_and_tells_dead_from_living(service: Service, write: Write) -> None:
    assert service.stranger.get("/health").json()["scheduler"]["status"] is None

    def beats(session: Session) -> None:
        for kind, age in (("scheduler", 1), ("processor", 60), ("worker", 1)):
            at = utcnow() - timedelta(seconds=age)
            session.add(
                orm.Process(
                    kind=kind,
                    hostname="h",
                    pid=1,
                    version="0",
                    slots=8,
                    started_at=at,
                    heartbeat_at=at,
                )
            )

    write(beats)
    body = service.stranger.get("/health").json()
    assert httpx.get(f"{service.origin}/hubflow/health").json() == body
    assert body["scheduler"]["status"] == "healthy"
    assert body["dag_processor"]["status"] == "unhealthy"
    assert body["worker"]["slots"] == 8


def test_health_tells_which_scheduler_leads_and_who_would_take_over(
    service: Service, write: Write
) -> None:
    def schedulers(session: Session) -> None:
        leader = ProcessId("h/1", 1, 1)
        seen = leases.get(session, leases.SCHEDULER)
        assert leases.take(session, leases.SCHEDULER, seen, leader, "0", utcnow())
        for pid in (1, 2):
            process_beats.beat(session, Beat("scheduler", "h", pid, "0"), utcnow())

    write(schedulers)
    scheduler = service.stranger.get("/health").json()["scheduler"]
    assert (scheduler["leader"], scheduler["standing_by"]) == ("h:1", 1)
    write(lambda session: process_beats.stop(session, "scheduler", "h", 1, utcnow()))
    assert service.stranger.get("/health").json()["scheduler"]["status"] == "unhealthy"


def test_health_shows_versions_that_differ(service: Service, write: Write) -> None:
    def mixed(session: Session) -> None:
        leader = ProcessId("h/1", 1, 1)
        assert leases.take(
            session, leases.SCHEDULER, leases.get(session, leases.SCHEDULER), leader, "2", utcnow()
        )
        for kind, pid, version in (
            ("scheduler", 1, "2"),
            ("scheduler", 2, "1"),
            ("worker", 3, "1"),
        ):
            process_beats.beat(session, Beat(kind, "h", pid, version), utcnow())

    write(mixed)
    body = service.stranger.get("/health").json()
    assert (body["scheduler"]["version"], body["scheduler"]["standing_by_versions"]) == ("2", ["1"])
    assert (body["worker"]["version"], body["worker"]["status"]) == ("1", "unhealthy")


def test_version_and_me(service: Service) -> None:
    assert service.stranger.get("/version").json()["version"] == hubflow.__version__
    me = service.reader.get("/me").json()
    assert (me["name"], me["permissions"]) == ("bob", ["audit.read", "dags.read", "pools.read"])
    assert me["dag_folder"] is None
    told = service.writer.get("/me").json()["dag_folder"]
    assert told == str(service.site.backend.paths.dags)


def test_import_errors_and_sources(service: Service, write: Write) -> None:
    write(make.make_failure)
    errors = service.reader.get("/importErrors").json()
    assert errors["total_entries"] == 1
    id = errors["import_errors"][0]["import_error_id"]
    assert service.reader.get(f"/importErrors/{id}").json()["line"] == 1
    assert service.reader.get("/importErrors/999").status_code == 404
    assert service.reader.get("/importErrors/x").status_code == 404


def test_dag_source_as_json_and_text(service: Service, etl: orm.Dag) -> None:
    token = service.reader.get("/dags/etl").json()["file_token"]
    assert service.reader.get(f"/dagSources/{token}").json()["content"].startswith("# the DAG")
    text = service.reader.get(f"/dagSources/{token}", headers={"Accept": "text/plain"})
    assert text.text.startswith("# the DAG")
    assert service.reader.get("/dagSources/..%2Fetc").status_code == 404


def test_audit_log_lists_what_was_done(service: Service, etl: orm.Dag) -> None:
    service.writer.post("/dags/etl/dagRuns", json={"dag_run_id": "mine"})
    logs = service.reader.get("/eventLogs", params={"dag_id": "etl"}).json()["event_logs"]
    assert [(log["event"], log["owner"]) for log in logs] == [("trigger", "ada")]
    assert logs[0]["extra"] == '{"run_id":"mine"}'


def test_schedule_is_explained(service: Service) -> None:
    query = {"cron": "0 6 * * 1-5", "timezone": "Europe/Berlin"}
    body = service.reader.get("/schedules/explain", params=query).json()
    assert (body["reading"], len(body["next"])) == ("Every weekday at 06:00", 5)
    for wrong in ({"cron": "61 * * * *"}, {"cron": "@daily", "timezone": "Mars/Base"}):
        answer = service.reader.get("/schedules/explain", params=wrong)
        assert (answer.status_code, answer.json()["code"]) == (400, "schedule-invalid")
    assert service.reader.get("/schedules/explain").status_code == 400
    assert "Europe/Berlin" in service.reader.get("/timezones").json()["timezones"]


def test_openapi_document_describes_every_route(service: Service) -> None:
    document = service.stranger.get("/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    beside = {path for path in document["paths"] if path.startswith("/experimental")}
    assert set(document["paths"]) - beside == {"/dags/", *(f"/{route.path}" for route in ROUTES)}
    trigger = document["paths"]["/dags/{dag_id}/dagRuns"]["post"]
    assert trigger["x-permission"] == "runs.trigger"
    assert trigger["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith(
        "TriggerRun"
    )


@pytest.mark.usefixtures("sqlite_only")
def test_database_that_is_gone_is_503_not_500(service: Service, core: Core) -> None:
    service.site.backend.database.engine.dispose()
    for file in core.paths.home.glob("hubflow.db*"):
        file.unlink()
    answer: httpx.Response = service.reader.get("/dags")
    assert (answer.status_code, answer.json()["code"]) == (503, "database-unusable")
