"""P3: from the trigger to the first line of the task's own code."""

from __future__ import annotations

import time
from collections.abc import Iterator

from benchmarks.stage import Row, engine, percentile
from hubflow.cli.local import local_actor, poke
from hubflow.services import dag_runs
from hubflow.services.dto import TriggerRun

TRIGGERS = 40
GOAL_S = 0.06

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
    """Yield the row of P3."""
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
            delays.append(float(file.read_text()) - begin)
    delays = delays[1:]  # the first one imports the DAG file
    p50, p99 = percentile(delays, 50), percentile(delays, 99)
    yield Row(
        "P3 trigger -> first task's code runs",
        f"p50 <= {1000 * GOAL_S:.0f} ms",
        f"p50 {1000 * p50:.0f} ms, p99 {1000 * p99:.0f} ms",
        f"{TRIGGERS} triggers, one after another",
        p50 <= GOAL_S,
    )
