"""Airflow's own example DAGs, out of its published wheels: they parse, run and end as they say."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from traitlets.config import Config

import web
from acceptance.airflow_examples import CONTRIB, EXAMPLES, OLD, Example, Run
from engine import Engine
from hubflow.cli.local import local_actor
from hubflow.clock import utcnow
from hubflow.compat.dates import days_ago
from hubflow.config import Core
from hubflow.db import migrate, orm
from hubflow.db.engine import Database
from hubflow.services import dag_runs
from hubflow.services.dto import TriggerRun
from hubflow.services.unit import Backend
from hubflow.states import RUN_FINISHED
from required import is_missing
from waiting import wait_for

CACHE = Path(__file__).parents[2] / ".cache" / "airflow"
# Virtual environments are made in some of them, and sensors wait.
LIMIT_S = 280.0

RUNS = [
    pytest.param(version, dag_id, run, id=f"{version}-{dag_id}")
    for version, examples in EXAMPLES.items()
    for example in examples.values()
    for dag_id, run in example.dags.items()
    if example.needs is None and run.not_run is None
]


def wheel(version: str) -> Path:
    """Return Airflow's wheel, fetched once from the package index."""
    found = list(CACHE.glob(f"apache_airflow-{version}-*.whl"))
    if not found:
        what = ["--no-deps", "--only-binary", ":all:", "--dest", str(CACHE)]
        command = [sys.executable, "-m", "pip", "download", "--quiet", *what]
        done = subprocess.run(
            [*command, f"apache-airflow=={version}"], capture_output=True, text=True, check=False
        )
        if done.returncode:
            is_missing(f"Airflow's wheel cannot be fetched here: {done.stderr.strip()[-300:]}")
        found = list(CACHE.glob(f"apache_airflow-{version}-*.whl"))
    return found[0]


def unpack(version: str, package: str, target: Path) -> None:
    """Copy one package of the wheel, whose name has `/`, to ``target``."""
    with zipfile.ZipFile(wheel(version)) as archive:
        for info in archive.infolist():
            inside = info.filename.removeprefix(f"{package}/")
            if inside != info.filename and not info.is_dir():
                file = target / inside
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(archive.read(info))


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A DAG folder with the examples of each version."""
    found = {}
    for version in EXAMPLES:
        found[version] = tmp_path_factory.mktemp("airflow") / "dags"
        unpack(version, "airflow/example_dags", found[version])
    # Where one of the files looks for a helper.
    unpack(OLD, "airflow/contrib/example_dags/libs", found[OLD] / "contrib/example_dags/libs")
    return found


def check(folder: Path, home: Path) -> dict[str, dict[str, Any]]:
    """Return what `hubflow dags check` says, by file."""
    done = subprocess.run(
        [sys.executable, "-m", "hubflow", "dags", "check", str(folder), "-o", "json"],
        env={**os.environ, "HUBFLOW_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout, done.stderr
    return {row["file"]: row for row in json.loads(done.stdout)}


def differences(rows: dict[str, dict[str, Any]], expected: Any) -> dict[str, Any]:
    """Return the files that are not what the table says, with what was found."""
    wrong: dict[str, Any] = {}
    for file, example in expected.items():
        row = rows.get(file)
        if row is None or not _is_as_told(row, example):
            wrong[file] = row and (row["status"], row["needs"], row["message"], row["dags"])
    return wrong


def _is_as_told(row: dict[str, Any], example: Example) -> bool:
    if example.needs is not None:
        is_right = row["status"] == "needs" and row["needs"] == [example.needs]
    else:
        is_right = row["status"] == "ok"
    return is_right and row["dags"] == sorted(example.dags)


@pytest.mark.parametrize("version", EXAMPLES)
def test_every_file_parses_or_says_what_it_needs(
    folders: dict[str, Path], version: str, tmp_path: Path
) -> None:
    rows = check(folders[version], tmp_path)
    assert rows.keys() == EXAMPLES[version].keys()
    assert differences(rows, EXAMPLES[version]) == {}


def test_files_that_need_a_service_say_which(tmp_path: Path) -> None:
    unpack(OLD, "airflow/contrib/example_dags", tmp_path / "dags")
    rows = check(tmp_path / "dags", tmp_path)
    assert rows.keys() == CONTRIB.keys()
    assert differences(rows, CONTRIB) == {}


class Runs:
    """An engine with all examples of one version, in which every DAG was triggered once."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._backend = Backend(engine.database, engine.paths)
        self._at = utcnow()
        self._started: set[str] = set()

    def start(self, dag_id: str, run: Run) -> None:
        """Trigger a run, once; what it must come after is waited for first."""
        if dag_id in self._started:
            return
        self._started.add(dag_id)
        if run.after is not None:
            self.end(run.after)
        date = self._at if run.days_ago is None else days_ago(run.days_ago)
        body = TriggerRun(dag_run_id=dag_id, logical_date=date, conf=json.loads(run.conf))
        dag_runs.trigger(self._backend, local_actor(), dag_id, body)

    def end(self, dag_id: str) -> orm.DagRun:
        """Wait for the end of the run that was triggered."""

        def over() -> orm.DagRun | None:
            run = self.engine.find(orm.DagRun, orm.DagRun.run_id == dag_id)
            return run if run is not None and run.state in RUN_FINISHED else None

        try:
            return wait_for(over, f"the end of {dag_id}", LIMIT_S)
        except TimeoutError as error:
            raise AssertionError(f"{error}: {self.states(dag_id)}") from None

    def states(self, dag_id: str) -> dict[str, str]:
        run = self.engine.find(orm.DagRun, orm.DagRun.run_id == dag_id)
        rows = self.engine.rows(orm.TaskInstance, orm.TaskInstance.dag_run_id == run.id)
        return {row.task_id: str(row.state.value) for row in rows}

    def logs(self, dag_id: str) -> str:
        """Return what the tasks of a run wrote, for a test that fails."""
        files = sorted((self.engine.paths.logs / dag_id).rglob("*.log"))
        return "\n".join(f"--- {file}\n{file.read_text()[-4000:]}" for file in files)


@pytest.fixture(scope="module")
def runs(
    folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Runs]]:
    """Start an engine for each version, and trigger what can be triggered at once."""
    found: dict[str, Runs] = {}
    with _httpbin(), contextlib.ExitStack() as stack:
        for version, folder in folders.items():
            home = tmp_path_factory.mktemp("home")
            core = Core(config=Config({"Core": {"home": str(home)}}))
            core.paths.make()
            shutil.copytree(folder, core.paths.dags, dirs_exist_ok=True)
            # Tasks look for Airflow's sources below the folder in which its worker was started.
            (home / "airflow").mkdir()
            (home / "airflow" / "example_dags").symlink_to(core.paths.dags)
            database = Database(core)
            migrate.upgrade(database)
            engine = Engine(core, database)
            found[version] = Runs(engine)
            stack.callback(database.dispose)
            stack.callback(engine.close)
            engine.start("scheduler", "--Scheduler.creates_scheduled_runs=False")
            engine.start("processor", "--Dags.are_paused_at_creation=False")
            engine.start("worker", "--Worker.warm_kernels=0", "--Worker.slots=8", cwd=home)
        for version, version_runs in found.items():
            _trigger_all(version_runs, EXAMPLES[version])
        yield found


@contextlib.contextmanager
def _httpbin() -> Iterator[None]:
    """Answer as far as the example asks what the service httpbin would."""
    with web.serve() as server, pytest.MonkeyPatch.context() as patch:
        server.answers["/"] = (200, "httpbin")
        server.answers["/post"] = (200, json.dumps({"json": {"priority": 5}}))
        patch.setenv("AIRFLOW_CONN_HTTP_DEFAULT", server.url)
        yield


def _trigger_all(runs: Runs, examples: Mapping[str, Example]) -> None:
    for example in examples.values():
        for dag_id, run in example.dags.items():
            if example.needs is None and run.not_run is None:
                runs.engine.wait_for_dag(dag_id)
                if run.after is None:
                    runs.start(dag_id, run)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("version", "dag_id", "run"), RUNS)
def test_run_ends_as_the_example_says(
    runs: dict[str, Runs], version: str, dag_id: str, run: Run
) -> None:
    here = runs[version]
    here.start(dag_id, run)
    ended = here.end(dag_id)
    states = here.states(dag_id)
    assert ended.state.value == run.state, f"{states}\n{here.logs(dag_id)}"
    assert {task_id: states[task_id] for task_id in run.tasks} == dict(run.tasks)
    if run.triggers is not None:
        target = here.engine.find(orm.Dag, orm.Dag.dag_id == run.triggers)
        triggered = here.engine.rows(orm.DagRun, orm.DagRun.dag_id == target.id)
        assert any(other.run_id != run.triggers for other in triggered)
