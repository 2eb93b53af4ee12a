"""The manual's own snippets: every one is read, and runs wherever it needs no cluster."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from engine import Engine
from hubflow.config import Core
from hubflow.db import orm
from hubflow.db.engine import Database

SNIPPETS = Path(__file__).parents[1] / "dags" / "manual"
CLUSTER = [
    "a Spark cluster",
    "a YARN cluster with Dask",
    "an environment with TensorFlow",
]
# File -> the DAGs in it, and what they need from outside.
TABLE: dict[str, tuple[list[str], list[str]]] = {
    "cluster.py": (["PySpark"], CLUSTER),
    "context_and_xcom.py": (["parsing_recipes"], []),
    "editor.py": (["CoutureExample"], ["a Spark cluster"]),
    "first_dag.py": (["dag"], []),
    "master.py": (["ExampleSchemaGeneration", "master_dag"], []),
    "notebook.py": (["JupyterDAG"], []),
    "variables.py": (["variables"], []),
}
VARIABLES = {"foo": "text", "bar": '{"a": 1}', "db_config": "x"}
RUNS = ["parsing_recipes", "dag", "JupyterDAG", "master_dag", "variables"]


@pytest.fixture(autouse=True)
def _variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(f"AIRFLOW_VAR_{name.upper()}", value)


def check(home: Path) -> dict[str, dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "hubflow", "dags", "check", str(SNIPPETS), "-o", "json"],
        env={**os.environ, "HUBFLOW_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return {row["file"]: row for row in json.loads(done.stdout)}


def test_every_snippet_is_read(tmp_path: Path) -> None:
    rows = check(tmp_path)
    assert rows.keys() == TABLE.keys()
    wrong = {
        file: rows[file]
        for file, (dags, needs) in TABLE.items()
        if (rows[file]["dags"], rows[file]["needs"]) != (dags, needs)
        or rows[file]["status"] != ("needs" if needs else "ok")
    }
    assert wrong == {}


def _file_of(dag_id: str) -> str:
    return next(file for file, (dags, _) in TABLE.items() if dag_id in dags)


@pytest.fixture
def engine(core: Core, database: Database) -> Iterator[Engine]:
    engine = Engine(core, database)
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell("a = 1", metadata={"tags": ["parameters"]}),
            nbformat.v4.new_code_cell("assert a == 10"),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(notebook, core.paths.common_workspace / "testFile2.ipynb")
    engine.start("scheduler", "--Scheduler.creates_scheduled_runs=False")
    engine.start("processor", "--Dags.are_paused_at_creation=False")
    engine.start("worker", "--Worker.warm_kernels=0")
    yield engine
    engine.close()


@pytest.mark.parametrize("dag_id", RUNS)
def test_snippet_runs(engine: Engine, dag_id: str) -> None:
    shutil.copy(SNIPPETS / _file_of(dag_id), engine.paths.dags)
    engine.wait_for_dag(dag_id)
    done = engine.hubflow("dags", "trigger", dag_id, "--run-id", "r", "--wait")
    assert done.returncode == 0, (done.stdout, engine.logs())
    states = {row.state.value for row in engine.rows(orm.TaskInstance)}
    assert states == {"success"}


def test_task_that_needs_a_cluster_says_so(engine: Engine) -> None:
    shutil.copy(SNIPPETS / "cluster.py", engine.paths.dags)
    engine.wait_for_dag("PySpark")
    warnings = engine.hubflow("dags", "test", "PySpark").stderr
    assert "CouturePySparkOperator needs a Spark cluster" in warnings
