"""P3: from the trigger to the first line of the task's own code."""

from __future__ import annotations

import time
from collections.abc import Iterator

from benchmarks.report import Row, interpreter_start_s, percentile
from benchmarks.stage import engine
from hubflow.cli.local import local_actor, poke
from hubflow.services import dag_runs
from hubflow.services.dto import TriggerRun

TRIGGERS = 100
P50_GOAL_MS, P99_GOAL_MS = 20, 100

SOURCE = """
import time
from datetime import datetime
from hubflow import DAG
from hubflow.operators import PythonOperator

def note(dag_run, **context):
    with open(dag_run.conf["file"], "w") as file:
        file.write(repr(time.time()))

with DAG("first_task", schedule_interval=None, start_date=datetime(2026, 1, 1),
         is_paused_upon_creation=False) as dag:
    PythonOperator(task_id="note", python_callable=note, provide_context=True)
"""


def measure() -> Iterator[Row]:
    """Yield the rows of P3."""
    delays = []
    with engine() as stage:
        stage.write_dags(SOURCE, 1)
        for number in range(TRIGGERS + 1):
            file = stage.paths.home / f"{number}.txt"
            body = TriggerRun(dag_run_id=f"p3-{number}", conf={"file": str(file)})
            begin = time.time()
            dag_runs.trigger(stage.services, local_actor(), "first_task", body)
            poke(stage.paths)
            stage.wait_for_runs(f"p3-{number}")
            delays.append(1000 * (float(file.read_text()) - begin))
    delays = delays[1:]  # the first one imports the DAG file
    yardstick = f"`python -c pass`: {1000 * interpreter_start_s():.0f} ms"
    for percent, goal in ((50, P50_GOAL_MS), (99, P99_GOAL_MS)):
        yield Row(
            f"P3 trigger → first task's code runs, p{percent}",
            goal,
            percentile(delays, percent),
            "ms",
            yardstick,
            f"{TRIGGERS} triggers, one after another",
        )
