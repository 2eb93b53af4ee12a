"""P1 against Airflow 3 with its LocalExecutor; `make bench-peers`, because it installs Airflow."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from benchmarks import chains
from benchmarks.report import Row, median
from benchmarks.stage import SLOTS, engine

GOAL = 150
DAGS, LENGTH = 8, 5
"""As wide as the slots, so that Airflow is as busy as with the whole graph, for half a minute."""
LIMIT_S = 600
PEERS = Path(__file__).parent / ".peers"
WANTED = "apache-airflow>=3,<4"

SOURCE = f"""
from datetime import datetime
from airflow.sdk import DAG
from airflow.providers.standard.operators.bash import BashOperator

for n in range({DAGS}):
    with DAG(f"line_{{n:03}}", schedule="@once", start_date=datetime(2026, 1, 1),
             is_paused_upon_creation=False) as dag:
        tasks = [BashOperator(task_id=f"t{{k}}", bash_command="true") for k in range({LENGTH})]
        for first, second in zip(tasks, tasks[1:]):
            first >> second
    globals()[dag.dag_id] = dag
"""


def measure() -> Iterator[Row]:
    """Yield the row against Airflow."""
    airflow = _installed()
    with tempfile.TemporaryDirectory(prefix="airflow-bench-") as folder:
        theirs = _airflow(airflow, Path(folder))
    with engine() as stage:
        stage.write_dags(chains.SOURCE, chains.DAGS + 1)
        rounds = [chains.ours(stage, f"peer-{number}").wall_s for number in range(chains.ROUNDS)]
    ours = median(rounds) / (chains.DAGS * chains.LENGTH)
    per_task = theirs / (DAGS * LENGTH)
    yield Row(
        "P1 Bash tasks in lines, SQLite, against Airflow 3 with LocalExecutor",
        GOAL,
        per_task / ours,
        "× faster",
        f"Airflow {_version(airflow)}: {DAGS} DAGs × {LENGTH} in a line, {SLOTS} at once, took "
        f"{theirs:.1f} s = {1000 * per_task:,.0f} ms a task; the whole graph would take "
        f"{per_task * chains.DAGS * chains.LENGTH / 60:.0f} min",
        f"{1000 * ours:.1f} ms a task over {chains.DAGS * chains.LENGTH:,} tasks",
        is_floor=True,
    )


def _installed() -> Path:
    """Return Airflow's command, in an environment of its own that is made at the first call."""
    command = PEERS / "airflow" / "bin" / "airflow"
    if not command.exists():
        uv = str(Path(sys.executable).with_name("uv"))
        home = PEERS / "airflow"
        subprocess.run([uv, "venv", "--quiet", "--clear", home], check=True)
        subprocess.run(
            [uv, "pip", "install", "--quiet", "--python", home / "bin" / "python", WANTED],
            check=True,
        )
    return command


def _version(airflow: Path) -> str:
    code = "import importlib.metadata; print(importlib.metadata.version('apache-airflow'))"
    python = airflow.with_name("python")
    return subprocess.check_output([python, "-c", code], text=True).strip()


def _airflow(airflow: Path, home: Path) -> float:
    """Run the reduced graph; return the seconds from the first run's start to the last task's end.

    Starting up, reading the DAG file and creating the runs are not counted.
    """
    (home / "dags").mkdir()
    environment = {
        **os.environ,
        "PATH": f"{airflow.parent}:{os.environ['PATH']}",
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": str(SLOTS),
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "5",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "5",
    }
    with (home / "standalone.log").open("wb") as log:
        process = subprocess.Popen(
            [airflow, "standalone"],
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            (home / "dags" / "bench.py").write_text(SOURCE, encoding="utf-8")
            return _wait(home / "airflow.db", process)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(30)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            shutil.copy(home / "standalone.log", PEERS / "airflow.log")


def _wait(database: Path, process: subprocess.Popen[bytes]) -> float:
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline and process.poll() is None:
        time.sleep(1)
        with suppress(sqlite3.Error), closing(sqlite3.connect(database, timeout=1)) as found:
            count, seconds = found.execute(
                "SELECT count(*), 86400 * (max(julianday(t.end_date)) - "
                "(SELECT min(julianday(start_date)) FROM dag_run)) "
                "FROM task_instance t WHERE t.state = 'success'"
            ).fetchone()
            if count == DAGS * LENGTH:
                return float(seconds)
    raise SystemExit(f"Airflow did not finish; see {PEERS / 'airflow.log'}")
