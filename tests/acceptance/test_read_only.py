"""A home or a database that cannot be written: said in words, and mended without a restart."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

import factories as make
from engine import Engine
from file_modes import obey_file_modes, read_only
from hubflow.config import Core, Paths
from hubflow.db import orm
from hubflow.db.engine import Database
from hubflow.states import RunState
from integration.server.jupyter import HEADERS, JupyterServer

LIMIT_S = 60
ADVICE = "attempt to write a readonly database; make the file and its folder writable"
COMMANDS = ["up", "up --no-hub", "db upgrade", "engine", "scheduler", "processor", "worker"]


def refusal(command: str, home: Path) -> str:
    """Run a command that cannot work with this home; return what it says."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "hubflow", *command.split(), f"--home={home}"],
        preexec_fn=obey_file_modes,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_home_that_cannot_be_made_is_named(tmp_path: Path, command: str) -> None:
    (tmp_path / "file").touch()
    home = tmp_path / "file" / "home"
    said = refusal(command, home)
    assert said.startswith(f"hubflow: {home} cannot be written: Not a directory")
    assert "--home" in said
    (tmp_path / "closed").mkdir()
    with read_only(tmp_path / "closed"):
        said = refusal(command, tmp_path / "closed")
    assert said.startswith(f"hubflow: {tmp_path / 'closed'} cannot be written: Permission denied")


@pytest.mark.parametrize("command", COMMANDS)
def test_home_that_may_not_be_written_any_more_is_named(core: Core, command: str) -> None:
    home = core.paths.home
    with read_only(home, *home.iterdir()):
        said = refusal(command, home)
    if command == "db upgrade":  # needs nothing but the file
        assert f"{core.paths.database}: unable to open database file; name the folder" in said
    else:
        assert said.startswith(f"hubflow: {home} cannot be written: Permission denied")


DAG = """
from datetime import datetime
from hubflow import DAG
from hubflow.operators import BashOperator

with DAG("one", schedule_interval=None, start_date=datetime(2026, 1, 1),
         is_paused_upon_creation=False) as dag:
    BashOperator(task_id="only", bash_command="until test -e {go}; do sleep 0.05; done")
"""


def test_engine_goes_on_when_the_database_may_be_written_again(engine: Engine) -> None:
    go = engine.paths.home / "go"
    engine.write("one.py", DAG.format(go=go))
    engine.wait_for_dag("one")
    engine.hubflow("dags", "trigger", "one", "--run-id", "r")
    engine.wait_for_start()
    for name in ("scheduler", "processor"):
        engine.kill(name)
    with read_only(*database_files(engine.paths)):
        started = [engine.start(name) for name in ("scheduler", "processor")]
        for name in ("scheduler", "processor"):
            log = engine.paths.logs / f"{name}.log"
            engine.wait_for(lambda log=log: ADVICE in log.read_text(), f"{log} to say why")
            assert "Traceback" not in log.read_text()
        refused = engine.hubflow("dags", "trigger", "one")
        assert refused.returncode == 1
        assert ADVICE in refused.stderr
        go.touch()
        (log,) = engine.paths.logs.glob("one/only/*/1.log")
        engine.wait_for(lambda: "Marking task as SUCCESS" in log.read_text(), "the end of the try")
    assert engine.wait_for_run("r").state is RunState.SUCCESS
    assert [row.try_number for row in engine.rows(orm.TaskTry)] == [1]
    assert [process.poll() for process in started] == [None, None]


def test_service_reads_and_goes_on_when_the_database_may_be_written_again(
    core: Core, database: Database, tmp_path: Path
) -> None:
    with database.write() as session:
        make.make_dag(session, "etl")
    with read_only(*database_files(core.paths)):
        server = JupyterServer(
            tmp_path, {"HUBFLOW_HOME": str(core.home)}, "--HubflowExtension.start_engine=False"
        )
        url = f"{server.url}/hubflow/api/v1/dags/etl"
        read = httpx.get(url, headers=HEADERS)
        refused = httpx.post(f"{url}/dagRuns", json={"dag_run_id": "r"}, headers=HEADERS)
    again = httpx.post(f"{url}/dagRuns", json={"dag_run_id": "r"}, headers=HEADERS)
    server.stop()
    assert (read.status_code, refused.status_code, again.status_code) == (200, 503, 200)
    assert refused.json()["code"] == "database-unusable"
    assert ADVICE in refused.json()["detail"]
    assert "Traceback" not in server.log.read_text()


def database_files(paths: Paths) -> list[Path]:
    """Return the database with the two files beside it that it has while it is open."""
    return sorted(paths.home.glob(f"{paths.database.name}*"))
