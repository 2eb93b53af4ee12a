"""The database server goes away and comes back: everybody waits, nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from traitlets.config import Config

from engine import Engine
from hubflow.config import Core
from hubflow.db import migrate, orm
from hubflow.db.engine import Database
from hubflow.states import RunState, TaskState
from integration.server.service import Service
from servers.postgres import Postgres
from waiting import wait_for

RUNS = 3
DAG = """
from datetime import datetime
from hubflow import DAG
from hubflow.operators import BashOperator

with DAG("patient", schedule=None, start_date=datetime(2026, 1, 1)) as dag:
    before = BashOperator(task_id="before", bash_command="echo before >> {log}")
    # Ends while the database is away.
    during = BashOperator(
        task_id="during",
        bash_command="touch {folder}/$RUN.started; until [ -e {folder}/away ]; do sleep 0.1; done; "
        "echo during >> {log}; touch {folder}/$RUN.done",
        env={{"RUN": "{{{{ run_id }}}}"}},
    )
    after = BashOperator(task_id="after", bash_command="echo after >> {log}")
    before >> during >> after
"""


@pytest.fixture
def server() -> Iterator[Postgres]:
    """A server of its own: it is stopped."""
    with closing(Postgres()) as server:
        yield server


@pytest.fixture
def patient(server: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    url = server.create().url
    monkeypatch.setenv("HUBFLOW_DATABASE_URL", url)
    settings = {"home": str(tmp_path / "home"), "database_url": url}
    core = Core(config=Config({"Core": settings}))
    core.paths.make()
    database = Database(core)
    migrate.upgrade(database)
    engine = Engine(core, database)
    engine.start_all()
    yield engine
    engine.close()
    database.dispose()


LINE = """
from datetime import datetime
from hubflow import DAG
from hubflow.operators import BashOperator
from hubflow.sdk import chain

with DAG("line", schedule=None, start_date=datetime(2026, 1, 1)) as dag:
    chain(*(BashOperator(task_id=f"t{n}", bash_command="true") for n in range(40)))
"""


def test_the_leader_keeps_its_connections(patient: Engine, server: Postgres) -> None:
    def sessions() -> int:
        """Return how often anybody has connected since the database was made."""
        query = "SELECT sessions FROM pg_stat_database WHERE datname = current_database()"
        with patient.database.read() as session:
            return int(session.connection().exec_driver_sql(query).scalar_one())

    service = Service(patient.core)
    patient.write("line.py", LINE)
    patient.wait_for_dag("line")
    assert service.writer.patch("/dags/line", json={"is_paused": False}).status_code == 200
    before = sessions()
    for n in range(2):
        service.writer.post("/dags/line/dagRuns", json={"dag_run_id": f"run{n}"})
        assert patient.wait_for_run(f"run{n}").state is RunState.SUCCESS
    # Each of the 80 tasks takes several transactions.
    assert sessions() - before < 30
    service.close()


def test_runs_go_on_where_they_were_when_the_server_is_back(
    patient: Engine, server: Postgres, tmp_path: Path
) -> None:
    service = Service(patient.core)
    log = tmp_path / "log"
    patient.write("patient.py", DAG.format(log=log, folder=tmp_path))
    patient.wait_for_dag("patient")
    assert service.writer.patch("/dags/patient", json={"is_paused": False}).status_code == 200
    for n in range(RUNS):
        sent = service.writer.post("/dags/patient/dagRuns", json={"dag_run_id": f"run{n}"})
        assert sent.status_code in {200, 201}, sent.text
    patient.wait_for(lambda: len(list(tmp_path.glob("*.started"))) == RUNS, "all to be amidst")

    server.stop()
    answer = service.reader.get("/dags")
    assert (answer.status_code, answer.json()["code"]) == (503, "database-unusable")
    (tmp_path / "away").touch()
    patient.wait_for(lambda: len(list(tmp_path.glob("*.done"))) == RUNS, "tasks to end meanwhile")
    patient.write("new.py", DAG.replace('"patient"', '"new"').format(log=log, folder=tmp_path))
    scheduler_log = patient.paths.logs / "scheduler.log"
    patient.wait_for(
        lambda: "check that the server runs" in scheduler_log.read_text(), "the scheduler to notice"
    )
    server.start()

    for n in range(RUNS):
        assert patient.wait_for_run(f"run{n}").state is RunState.SUCCESS
    patient.wait_for_dag("new")
    wait_for(lambda: service.reader.get("/dags").status_code == 200, "the service to answer")
    assert all(process.poll() is None for process in patient.processes.values())
    tries = patient.rows(orm.TaskTry)
    assert [(row.try_number, row.state) for row in tries] == [(1, TaskState.SUCCESS)] * 3 * RUNS
    assert sorted(log.read_text().split()) == ["after"] * 3 + ["before"] * 3 + ["during"] * 3
    service.close()
