"""`hubflow doctor` on healthy and on broken installations."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta

import pytest
from sqlalchemy import delete

from command import Command
from factories import make_dag, make_run
from hubflow.cli.checks import FAILED, OK, WARNING
from hubflow.clock import utcnow
from hubflow.config import Core
from hubflow.db import migrate, orm
from hubflow.db.engine import Database
from hubflow.db.queries import alert_store, process_beats
from hubflow.db.queries.process_beats import Beat

Findings = dict[str, tuple[str, str]]


@pytest.fixture
def hubflow(core: Core, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(core, capsys)


def examine(hubflow: Command, *options: str) -> tuple[int | str | None, Findings]:
    """Return the exit status, and (status, message) by check; the worst of several."""
    said = hubflow("doctor", "--output=json", *options)
    found: Findings = {}
    for row in json.loads(said.out):
        if row["check"] not in found or row["status"] != OK:
            found[row["check"]] = (row["status"], row["message"])
        assert row["advice"] or row["status"] == OK, row
    return said.status, found


def alive(database: Database, version: str) -> None:
    with database.write() as session:
        for pid, kind in enumerate(("scheduler", "processor", "worker"), 1):
            process_beats.beat(session, Beat(kind, "h", pid, version), utcnow())


def test_a_healthy_installation(hubflow: Command, database: Database) -> None:
    alive(database, "0.1.0")
    status, found = examine(hubflow)
    assert {name: state for name, (state, _) in found.items() if state == FAILED} == {}
    assert status == 0
    assert found["database"][1].endswith("0 runs")


def test_silent_parts_and_old_ones_are_named(hubflow: Command, database: Database) -> None:
    alive(database, "0.0.9")
    with database.write() as session:
        session.execute(delete(orm.Process).where(orm.Process.kind == "worker"))
    status, found = examine(hubflow)
    assert (status, found["worker"][0]) == (1, FAILED)
    assert found["scheduler"] == (WARNING, "the scheduler with pid 1 runs hubflow 0.0.9")


def test_values_of_a_lost_key_are_named(hubflow: Command, core: Core, database: Database) -> None:
    hubflow("variables", "set", "city", "Oslo")
    hubflow("connections", "add", "dwh", "--conn-uri=postgres://u:p@h/d")
    shutil.rmtree(core.paths.keys)
    _, found = examine(hubflow)
    assert found["keys"] == (FAILED, "no key decrypts variable city, connection dwh")


def test_a_database_of_another_schema_says_which_command(
    hubflow: Command, database: Database
) -> None:
    migrate.downgrade(database, "0001")
    status, found = examine(hubflow)
    assert (status, found["database"][0]) == (1, FAILED)
    assert "hubflow db upgrade" in found["database"][1]
    assert "keys" not in found


def test_alerts_that_were_given_up_are_named(hubflow: Command, database: Database) -> None:
    with database.write() as session:
        run = make_run(session, make_dag(session, "sales"))
        for age, error in ((30, "long ago"), (2, "550 no such mailbox"), (1, "no route to host")):
            values = {
                "kind": alert_store.MAIL,
                "reason": "task_failure",
                "dag_id": run.dag_id,
                "dag_run_id": run.id,
                "data": {"to": ["ann@example.org"], "facts": {}},
                "state": alert_store.FAILED,
                "error": error,
            }
            alert_store.add(session, values, utcnow() - timedelta(days=age))
    _, found = examine(hubflow)
    assert found["alerts"] == (
        WARNING,
        "2 given up in the last 7 days; the newest is mail 3 (task_failure) of sales: "
        "no route to host",
    )


@pytest.mark.usefixtures("sqlite_only")
def test_a_damaged_file_is_found(hubflow: Command, core: Core, database: Database) -> None:
    database.dispose()
    with core.paths.database.open("r+b") as file:
        file.seek(8 * 4096)
        file.write(b"\xff" * 40 * 4096)
    _, found = examine(hubflow)
    assert found["database"][0] == FAILED


@pytest.mark.usefixtures("database")
def test_a_mail_server_that_does_not_answer(hubflow: Command) -> None:
    _, found = examine(hubflow, "--Email.smtp_host=127.0.0.1", "--Email.smtp_port=1")
    assert found["mail"][0] == FAILED
    assert found["mail"][1].startswith("127.0.0.1:1: ")


@pytest.mark.usefixtures("database")
def test_a_folder_that_others_may_enter(hubflow: Command, core: Core) -> None:
    core.paths.keys.chmod(0o755)
    _, found = examine(hubflow)
    assert found["home"] == (WARNING, f"others may enter {core.paths.keys}")


@pytest.mark.usefixtures("database")
def test_people_read_lines_with_advice(hubflow: Command) -> None:
    said = hubflow("doctor")
    assert "FAILED   worker: the worker never ran here" in said.out
    assert "→ start `hubflow engine`" in said.out
