"""P1 and P2: many short tasks in lines, against GNU make on the same graph."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select

from benchmarks import processes
from benchmarks.postgres import NotAvailable, server
from benchmarks.report import Row, median
from benchmarks.stage import SLOTS, Stage, engine
from hubflow.db import orm

DAGS, LENGTH, ROUNDS = 100, 10, 3
PYTHON_LENGTH = 40
P1_GOAL, P1_POSTGRES_GOAL, P2_GOAL_S = 1.5, 2.0, 0.4
P1_NAME = f"P1 {DAGS * LENGTH:,} Bash tasks, {DAGS} DAGs × {LENGTH} in a line, "

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


class Cost(NamedTuple):
    """What one round took: seconds on the clock, and seconds of CPU."""

    wall_s: float
    cpu_s: float


def measure() -> Iterator[Row]:
    """Yield the rows of P1 on SQLite, of P2, and of P1 on PostgreSQL."""
    with engine() as stage:
        stage.write_dags(SOURCE, DAGS + 1)
        yield _p1(stage, f"{P1_NAME}SQLite", P1_GOAL)
        yield _p2(stage)
    try:
        with server() as url, engine(database_url=url) as stage:
            stage.write_dags(SOURCE, DAGS + 1)
            yield _p1(stage, f"{P1_NAME}PostgreSQL", P1_POSTGRES_GOAL)
    except NotAvailable as why:
        name = f"{P1_NAME}PostgreSQL"
        yield Row(name, P1_POSTGRES_GOAL, None, "× make", "GNU make", str(why))


def _p1(stage: Stage, name: str, goal: float) -> Row:
    found, makes = [], []
    for number in range(ROUNDS):
        makes.append(make())
        found.append(ours(stage, f"p1-{number}"))
    wall, made = median([one.wall_s for one in found]), median([one.wall_s for one in makes])
    cpu, make_cpu = median([one.cpu_s for one in found]), median([one.cpu_s for one in makes])
    return Row(
        name,
        goal,
        wall / made,
        "× make",
        f"GNU make -j{SLOTS}, nothing durable: {made:.2f} s, {make_cpu:.2f} s of CPU",
        f"{wall:.2f} s, {cpu:.2f} s of CPU = {cpu / make_cpu:.2f} ×",
    )


def ours(stage: Stage, run_id: str) -> Cost:
    """Run the graph with hubflow."""
    names = [f"line_{n:03}" for n in range(DAGS)]
    before, begin = processes.cpu_s(stage.pids.values()), time.time()
    stage.trigger(*names, run_id=run_id)
    wall_s = stage.wait_for_runs(run_id) - begin
    return Cost(wall_s, processes.cpu_s(stage.pids.values()) - before)


def make() -> Cost:
    """Run the same graph with GNU make."""
    with tempfile.TemporaryDirectory() as folder:
        lines = ["SHELL := /bin/bash", ".PHONY: all", "all:"]
        for n in range(DAGS):
            lines[2] += f" d{n}t{LENGTH - 1}"
            for k in range(LENGTH):
                lines += [f"d{n}t{k}:" + (f" d{n}t{k - 1}" if k else ""), "\t@bash -c true"]
        Path(folder, "Makefile").write_text("\n".join(lines) + "\n", encoding="utf-8")
        before, begin = _children_cpu_s(), time.time()
        subprocess.run(["make", f"-j{SLOTS}", "-C", folder], check=True, capture_output=True)
        return Cost(time.time() - begin, _children_cpu_s() - before)


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _p2(stage: Stage) -> Row:
    seconds, interpreters = [], []
    for number in range(ROUNDS + 1):
        interpreters.append(_interpreters())
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
        P2_GOAL_S,
        total,
        "s",
        f"{PYTHON_LENGTH} times `python -c pass`: {median(interpreters):.2f} s",
        f"{1000 * total / PYTHON_LENGTH:.0f} ms a task; first run, with the import: "
        f"{seconds[0]:.2f} s",
    )


def _interpreters() -> float:
    begin = time.time()
    for _ in range(PYTHON_LENGTH):
        subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.time() - begin
