"""P1 and P2: many short tasks in lines, against GNU make on the same graph."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select

from benchmarks.stage import SLOTS, Row, Stage, engine, median
from hubflow.db import orm

DAGS, LENGTH, ROUNDS = 100, 10, 3
PYTHON_LENGTH = 40
P1_GOAL, P2_GOAL_S = 4.0, 1.0

SOURCE = f"""
from datetime import datetime
from hubflow import DAG
from hubflow.operators import BashOperator, PythonOperator

for n in range({DAGS}):
    with DAG(f"line_{{n:03}}", schedule_interval=None, start_date=datetime(2026, 1, 1),
             is_paused_upon_creation=False) as dag:
        tasks = [BashOperator(task_id=f"t{{k}}", bash_command="true") for k in range({LENGTH})]
        for first, second in zip(tasks, tasks[1:]):
            first >> second
    globals()[dag.dag_id] = dag

with DAG("python_line", schedule_interval=None, start_date=datetime(2026, 1, 1),
         is_paused_upon_creation=False) as python_line:
    tasks = [PythonOperator(task_id=f"t{{k}}", python_callable=int)
             for k in range({PYTHON_LENGTH})]
    for first, second in zip(tasks, tasks[1:]):
        first >> second
"""


def measure() -> Iterator[Row]:
    """Yield the rows of P1 and P2."""
    with engine() as stage:
        stage.write_dags(SOURCE, DAGS + 1)
        yield _p1(stage)
        yield _p2(stage)


def _p1(stage: Stage) -> Row:
    names = [f"line_{n:03}" for n in range(DAGS)]
    ours, makes = [], []
    for number in range(ROUNDS):
        makes.append(_make())
        begin = time.time()
        stage.trigger(*names, run_id=f"p1-{number}")
        ours.append(stage.wait_for_runs(f"p1-{number}") - begin)
    ratio = median(ours) / median(makes)
    return Row(
        f"P1 {DAGS * LENGTH} Bash tasks, {DAGS} DAGs x {LENGTH} in a line, SQLite",
        f"<= {P1_GOAL} x make",
        f"{median(ours):.2f} s = {ratio:.2f} x",
        f"GNU make -j{SLOTS}: {median(makes):.2f} s",
        ratio <= P1_GOAL,
    )


def _make() -> float:
    """Run the same graph with GNU make; returns seconds."""
    with tempfile.TemporaryDirectory() as folder:
        lines = ["SHELL := /bin/bash", ".PHONY: all", "all:"]
        for n in range(DAGS):
            lines[2] += f" d{n}t{LENGTH - 1}"
            for k in range(LENGTH):
                lines += [f"d{n}t{k}:" + (f" d{n}t{k - 1}" if k else ""), "\t@bash -c true"]
        Path(folder, "Makefile").write_text("\n".join(lines) + "\n", encoding="utf-8")
        begin = time.time()
        subprocess.run(["make", f"-j{SLOTS}", "-C", folder], check=True, capture_output=True)
        return time.time() - begin


def _p2(stage: Stage) -> Row:
    seconds = []
    for number in range(ROUNDS + 1):
        run_id = f"p2-{number}"
        stage.trigger("python_line", run_id=run_id)
        end = stage.wait_for_runs(run_id)
        with stage.database.read() as session:
            starts = session.scalars(
                select(orm.TaskInstance.start_date)
                .join(orm.DagRun, orm.TaskInstance.dag_run_id == orm.DagRun.id)
                .where(orm.DagRun.run_id == run_id)
            ).all()
        seconds.append(end - min(start.timestamp() for start in starts if start))
    total = median(seconds[1:])  # the first run imports the DAG file
    return Row(
        f"P2 {PYTHON_LENGTH} Python tasks in a line",
        f"<= {P2_GOAL_S} s",
        f"{total:.2f} s = {1000 * total / PYTHON_LENGTH:.0f} ms a task",
        f"first run, with the import: {seconds[0]:.2f} s",
        total <= P2_GOAL_S,
    )
