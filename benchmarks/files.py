"""P5: from saving a DAG file to seeing its DAG, and reading whole folders of them."""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select

from benchmarks.report import Row, percentile
from benchmarks.stage import Stage, engine, home
from hubflow.config import Dags
from hubflow.db import orm
from hubflow.parsing.processor import Processor

SAVES, TASKS, FILES = 20, 500, 1000
VISIBLE_GOAL_S, PARSE_GOAL_MS, COLD_GOAL_S, WARM_GOAL_MS = 1.0, 200, 10, 300

ONE = """
from datetime import datetime
from hubflow import DAG
from hubflow.operators import BashOperator, PythonOperator

def report(**context):
    print(context["ds"], {number})

with DAG("{name}", schedule_interval="@daily", start_date=datetime(2026, 1, 1),
         catchup=False, tags=["bench"], description="number {number}") as dag:
    extract = BashOperator(task_id="extract", bash_command="echo {{{{ ds }}}}")
    load = PythonOperator(task_id="load", python_callable=report, provide_context=True)
    extract >> load >> BashOperator(task_id="done", bash_command="true")
"""
MANY = f"""
from datetime import datetime
from hubflow import DAG
from hubflow.operators import BashOperator

with DAG("many", schedule_interval="@daily", start_date=datetime(2026, 1, 1)) as dag:
    tasks = [BashOperator(task_id=f"t{{n}}", bash_command="echo {{{{{{{{ ds }}}}}}}}")
             for n in range({TASKS})]
    for number, task in enumerate(tasks[1:], 1):
        tasks[(number - 1) // 3] >> task
"""


def measure() -> Iterator[Row]:
    """Yield the rows of P5."""
    with engine("--Worker.warm_kernels=0") as stage:
        yield _save_to_visible(stage)
        yield _parse_many(stage)
    with home() as stage:
        yield from _index(stage)


def _save_to_visible(stage: Stage) -> Row:
    stage.write_dags(ONE.format(name="saved", number=0), 1, name="saved")
    seconds = []
    for number in range(1, SAVES + 1):
        begin = time.monotonic()
        _save(stage.paths.dags, "saved", number)
        stage.wait(lambda wanted=f"number {number}": _description(stage) == wanted, 60)
        seconds.append(time.monotonic() - begin)
    return Row(
        "P5 save of a file → DAG visible, p95",
        VISIBLE_GOAL_S,
        percentile(seconds, 95),
        "s",
        f"importing that file in a fresh Python: {_import_s(stage.paths.dags / 'saved.py'):.2f} s",
        f"p50 {percentile(seconds, 50):.2f} s, {SAVES} saves",
    )


def _description(stage: Stage) -> str | None:
    with stage.database.read() as session:
        return session.scalar(select(orm.Dag.description).where(orm.Dag.dag_id == "saved"))


def _save(folder: Path, name: str, number: int) -> None:
    """Write a DAG file as editors do: beside it, then over it."""
    draft = folder / f".{name}.draft"
    draft.write_text(ONE.format(name=name, number=number), encoding="utf-8")
    draft.rename(folder / f"{name}.py")


def _parse_many(stage: Stage) -> Row:
    durations = []
    for number in range(5):
        stage.write_dags(f"{MANY}\n# edition {number}\n", 2, name="many")
        stage.wait(lambda old=list(durations): _parsed(stage) not in (None, *old), 60)
        durations.append(_parsed(stage))
    milliseconds = [found[1] for found in durations if found]
    return Row(
        f"P5 DAG of {TASKS} tasks parsed",
        PARSE_GOAL_MS,
        statistics.median(milliseconds),
        "ms",
        "importing that file in a fresh Python: "
        f"{1000 * _import_s(stage.paths.dags / 'many.py'):.0f} ms",
        "fork, import, encode, and hand over",
    )


def _parsed(stage: Stage) -> tuple[float, int] | None:
    """Return when the big file was parsed last, and for how many milliseconds."""
    with stage.database.read() as session:
        row = session.execute(
            select(orm.DagFile.parsed_at, orm.DagFile.parse_duration_ms).where(
                orm.DagFile.path == "many.py"
            )
        ).first()
    return (row[0].timestamp(), row[1] or 0) if row and row[0] else None


def _index(stage: Stage) -> Iterator[Row]:
    folder = stage.paths.dags
    for number in range(FILES):
        name = f"file_{number:04}"
        (folder / f"{name}.py").write_text(ONE.format(name=name, number=number), encoding="utf-8")
    cold = asyncio.run(_settle(stage))
    warm = min(asyncio.run(_settle(stage)) for _ in range(3))
    if (known := stage.count(orm.Dag)) != FILES:
        raise SystemExit(f"{known} of {FILES} DAGs were found, so nothing was measured")
    alone = _import_s(folder / "file_0000.py")
    yield Row(
        f"P5 {FILES:,} new DAG files indexed",
        COLD_GOAL_S,
        cold,
        "s",
        f"importing each in a fresh Python: {alone * FILES:.0f} s (one took {alone:.2f} s)",
        f"{1000 * cold / FILES:.1f} ms a file",
    )
    yield Row(
        f"P5 {FILES:,} unchanged DAG files looked through",
        WARM_GOAL_MS,
        1000 * warm,
        "ms",
        f"reading their text: {1000 * _read_s(folder):.0f} ms",
        "best of 3",
    )


async def _settle(stage: Stage) -> float:
    """Run a processor until it has nothing to do; returns how long that took."""
    processor = Processor(
        stage.core, Dags(), stage.database, poke=lambda: None, answer=lambda question: None
    )
    stop, begin = asyncio.Event(), time.monotonic()
    running = asyncio.create_task(processor.run(stop))
    await processor.started.wait()
    await processor.settled()
    elapsed = time.monotonic() - begin
    stop.set()
    await running
    return elapsed


def _read_s(folder: Path) -> float:
    begin = time.monotonic()
    for entry in os.scandir(folder):
        if entry.name.endswith(".py"):
            Path(entry.path).read_bytes()
    return time.monotonic() - begin


def _import_s(file: Path) -> float:
    """Return how long a fresh interpreter takes for a DAG file."""
    seconds = []
    for _ in range(3):
        begin = time.monotonic()
        subprocess.run([sys.executable, str(file)], check=True, capture_output=True)
        seconds.append(time.monotonic() - begin)
    return statistics.median(seconds)
