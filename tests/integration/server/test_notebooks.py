"""Notebooks over HTTP: inspect, schedule (with the real DAG processor), output."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import factories as make
import seed
from hubflow.clock import isoformat, parse_iso, utcnow
from hubflow.config import Core
from hubflow.db import orm
from hubflow.db.engine import Database
from hubflow.serialization.model import NotebookSpec
from hubflow.states import TaskState
from hubflow_server.handlers import notebooks as handlers
from integration.server.service import Service
from waiting import wait_for

PATH = "reports/churn.ipynb"


@pytest.fixture
def notebook(core: Core) -> Path:
    return seed.write_notebook(core.paths)


@pytest.fixture
def processor(core: Core, database: Database) -> Iterator[None]:
    """The real DAG processor of this home."""
    with running("processor", core.home):
        yield


@pytest.fixture
def scheduler(core: Core, processor: None) -> Iterator[None]:
    """The real scheduler of this home, beside its processor; nobody runs tasks."""
    with running("scheduler", core.home):
        yield


@pytest.fixture
def nothing_written(core: Core, database: Database) -> Iterator[None]:
    """Look afterwards that the test left no DAG file and no trace in the database."""
    yield
    assert not [file for file in core.paths.dags.rglob("*") if file.is_file()]
    with database.read() as session:
        assert session.scalars(select(orm.AuditEvent)).all() == []
        assert session.scalars(select(orm.Event)).all() == []


@contextmanager
def running(command: str, home: str) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-P", "-m", "hubflow", command, f"--home={home}"])
    yield
    process.terminate()
    process.wait(20)


def due_at(database: Database) -> datetime:
    """Wait until the scheduler has said when the only DAG is due."""

    def next_due() -> datetime | None:
        with database.read() as session:
            return session.scalars(select(orm.Dag)).one().next_due_at

    due = wait_for(next_due, "the next due time")
    assert due is not None
    return due


def schedule(service: Service, **body: Any) -> Any:
    return service.writer.post("/notebooks/schedule", json={"path": PATH, **body})


@pytest.mark.usefixtures("notebook")
def test_inspect_shows_kernel_and_parameters(service: Service) -> None:
    for path in (PATH, f"common_workspace/{PATH}"):
        body = service.reader.get("/notebooks/inspect", params={"path": path}).json()
        assert (body["path"], body["suggested_dag_id"]) == (PATH, "churn")
    assert (body["kernel_name"], body["kernel_installed"]) == ("python3", True)
    assert (body["cells"], body["code_cells"], body["has_parameters_cell"]) == (4, 3, True)
    kinds = {parameter["name"]: parameter["kind"] for parameter in body["parameters"]}
    assert kinds == {"month": "text", "top_n": "integer", "ratio": "number", "verbose": "boolean"}
    assert body["scheduled_as"] == []


@pytest.mark.usefixtures("notebook")
def test_inspect_names_the_dags_that_run_the_notebook(
    service: Service, write: Callable[[Callable[[Session], object]], None]
) -> None:
    spec = NotebookSpec(input_notebook=f"common_workspace/{PATH}")
    definition = make.serialized("churn_daily", {"run": []}, notebook=spec)
    write(lambda s: make.make_dag(s, "churn_daily", definition=definition, kind="notebook"))
    body = service.reader.get("/notebooks/inspect", params={"path": PATH}).json()
    assert body["scheduled_as"] == ["churn_daily"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("../secret.ipynb", "path-outside-workspace"),
        ("/etc/passwd", "path-outside-workspace"),
        ("reports/../../x.ipynb", "path-outside-workspace"),
        ("out/x.ipynb", "path-outside-workspace"),
        ("missing.ipynb", "notebook-invalid"),
        ("data.csv", "notebook-invalid"),
        ("bad.ipynb", "notebook-invalid"),
    ],
)
def test_notebook_that_cannot_be_shown_is_400(
    service: Service, core: Core, tmp_path: Path, path: str, code: str
) -> None:
    workspace = core.paths.common_workspace
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x.ipynb").write_text(json.dumps(seed.notebook()))
    (workspace / "out").symlink_to(tmp_path / "elsewhere")
    (workspace / "data.csv").write_text("a,b\n")
    (workspace / "bad.ipynb").write_text("{")
    answer = service.reader.get("/notebooks/inspect", params={"path": path})
    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"when": "cron", "cron": "61 * * * *"}, 400, "schedule-invalid"),
        ({"when": "cron"}, 400, "schedule-invalid"),
        ({"when": "cron", "cron": "@once"}, 400, "schedule-invalid"),
        ({"when": "cron", "cron": "@daily", "timezone": "Mars/X"}, 400, "schedule-invalid"),
        ({"when": "once"}, 400, "bad-request"),
        ({"when": "once", "at": "2026-01-01T00:00:00Z"}, 400, "bad-request"),
        ({"when": "once", "at": "2126-01-01T00:00:00"}, 400, "bad-request"),
        ({"when": "later"}, 400, "bad-request"),
        ({"when": "now", "dag_id": "a b"}, 400, "bad-request"),
        ({"when": "now", "dag_id": "etl"}, 409, "dag-exists"),
        ({"when": "now", "retries": -1}, 400, "bad-request"),
        ({"when": "now", "parameters": {"a b": 1}}, 400, "bad-request"),
        ({"when": "now", "parameters": {"class": 1}}, 400, "bad-request"),
        ({"when": "now", "parameters": [1]}, 400, "bad-request"),
        ({"when": "now", "output": "../x.ipynb"}, 400, "path-outside-workspace"),
        ({"when": "now", "output": "x.txt"}, 400, "bad-request"),
    ],
)
@pytest.mark.usefixtures("notebook", "etl", "nothing_written")
def test_bad_schedule_is_refused_and_writes_nothing(
    service: Service, body: dict[str, Any], status: int, code: str
) -> None:
    answer = schedule(service, **body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("name", ["{{ ds }}.ipynb", "a{% if %}.ipynb", "{# x #}/churn.ipynb"])
@pytest.mark.usefixtures("nothing_written")
def test_path_that_reads_as_a_template_is_refused(
    service: Service, core: Core, notebook: Path, name: str
) -> None:
    odd = core.paths.common_workspace / name
    odd.parent.mkdir(exist_ok=True)
    odd.write_bytes(notebook.read_bytes())
    for field, body in (("path", {"path": name}), ("output", {"output": name})):
        answer = schedule(service, when="now", **body)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad-request")
        assert answer.json()["detail"].startswith(f"{field}: {name!r} contains one of {{{{, {{%")


@pytest.mark.parametrize(
    ("kernel", "code"), [("", "notebook-invalid"), ("cobol", "kernel-unknown")]
)
def test_notebook_without_a_usable_kernel_is_refused(
    service: Service, notebook: Path, kernel: str, code: str
) -> None:
    notebook.write_text(json.dumps(seed.notebook(kernel=kernel)))
    answer = schedule(service, when="now")
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    inspected = service.reader.get("/notebooks/inspect", params={"path": PATH}).json()
    assert inspected["kernel_installed"] is False


@pytest.mark.usefixtures("notebook")
def test_reader_may_not_schedule(service: Service) -> None:
    body = {"path": PATH, "when": "now"}
    assert service.reader.post("/notebooks/schedule", json=body).status_code == 403


@pytest.mark.usefixtures("notebook", "processor")
def test_scheduled_now_is_indexed_unpaused_and_triggered(
    service: Service, core: Core, database: Database
) -> None:
    answer = schedule(service, when="now", parameters={"top_n": 3, "text": '"""\n{{ x }}'})
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert (body["dag_id"], body["path"]) == ("churn", "notebooks/churn.py")
    with database.read() as session:
        dag = session.scalars(select(orm.Dag)).one()
        run = session.scalars(select(orm.DagRun)).one()
        events = [audit.event for audit in session.scalars(select(orm.AuditEvent))]
    assert (dag.kind, dag.is_paused, dag.schedule_text) == ("notebook", False, None)
    assert (run.run_id, run.triggered_by) == (body["run_id"], "ada")
    assert events == ["schedule_notebook", "trigger"]
    inspected = service.reader.get("/notebooks/inspect", params={"path": PATH}).json()
    assert inspected["scheduled_as"] == ["churn"]
    structure = service.reader.get("/views/dags/churn/structure").json()
    assert structure["tasks"][0]["notebook"]["parameters"] == {"top_n": 3, "text": '"""\n{{ x }}'}


@pytest.mark.usefixtures("notebook", "scheduler")
def test_cron_schedule_is_due_at_the_next_tick_and_can_be_changed(
    service: Service, database: Database
) -> None:
    cron = {"when": "cron", "cron": "0 6 * * *", "timezone": "Europe/Berlin"}
    assert schedule(service, **cron, dag_id="daily").json()["run_id"] is None
    query = {"cron": cron["cron"], "timezone": cron["timezone"]}
    promised = service.reader.get("/schedules/explain", params=query).json()["next"][0]
    assert due_at(database) == parse_iso(promised)
    changed = schedule(service, when="cron", cron="0 7 * * *", dag_id="daily")
    assert changed.status_code == 201
    row = service.reader.get("/views/dags/daily").json()
    assert (row["schedule_text"], row["version"]) == ("0 7 * * *", 2)
    again = schedule(service, when="now").json()
    assert again["dag_id"] == "churn"  # no name given: a new DAG beside the first


@pytest.mark.usefixtures("notebook", "scheduler")
def test_once_is_due_at_its_time(service: Service, database: Database) -> None:
    at = (utcnow() + timedelta(days=2)).replace(microsecond=0)
    assert schedule(service, when="once", at=isoformat(at)).status_code == 201
    assert due_at(database) == at


@pytest.mark.usefixtures("notebook")
def test_schedule_without_processor_says_so(
    service: Service, core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "INDEX_LIMIT_S", 0.2)
    answer = schedule(service, when="now")
    assert (answer.status_code, answer.json()["code"]) == (503, "engine-away")
    assert (core.paths.dags / "notebooks" / "churn.py").exists()


def test_output_is_isolated_html_or_the_file(
    service: Service, core: Core, database: Database
) -> None:
    kept = "etl/run/x/1.ipynb"
    with database.write() as session:
        dag = make.make_dag(session)
        run = make.make_run(session, dag)
        make.make_task_instance(session, run, "run", artifacts={"notebook": kept})
        make.make_task_instance(session, run, "none", state=TaskState.FAILED)
        make.make_task_instance(session, run, "evil", artifacts={"notebook": "../../etc/passwd"})
    file = core.paths.artifacts / kept
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(seed.notebook(executed=True)))
    query = {"dag_id": "etl", "run_id": run.run_id, "task_id": "run", "try_number": "1"}
    html = service.reader.get("/notebooks/output", params=query)
    assert html.headers["Content-Type"].startswith("text/html")
    assert html.headers["Content-Security-Policy"].startswith("sandbox allow-scripts;")
    assert "default-src 'none'" in html.headers["Content-Security-Policy"]
    assert "hello" in html.text
    assert "https://" not in html.text
    assert file.with_suffix(".html").exists()
    assert '<html lang="en" data-theme="light">' in html.text
    dark = service.reader.get("/notebooks/output", params=query | {"theme": "dark"})
    assert dark.text == html.text.replace('data-theme="light"', 'data-theme="dark"', 1)
    assert dark.headers["Content-Security-Policy"] == html.headers["Content-Security-Policy"]
    raw = service.reader.get("/notebooks/output", params=query | {"format": "ipynb"})
    assert raw.json() == json.loads(file.read_text())
    assert raw.headers["Content-Disposition"].startswith("attachment")
    for task_id in ("none", "evil", "nothing"):
        missing = service.reader.get("/notebooks/output", params=query | {"task_id": task_id})
        assert missing.status_code == 404
