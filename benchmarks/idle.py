"""P7: what hubflow costs while nothing happens, with a thousand DAGs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks import processes
from benchmarks.lists import listens
from benchmarks.report import Row, interpreter_start_s
from benchmarks.stage import Stage, engine
from integration.hub.hub import free_ports

DAGS = 1000
CPU_GOAL_PERCENT, MEMORY_GOAL_MB = 1.0, 250
SECONDS, LONG_SECONDS = 60, 600
SETTLE_S = 8

SOURCE = """
from datetime import datetime
from hubflow import DAG
from hubflow.operators import BashOperator

for n in range({count}):
    with DAG(f"{prefix}_{{n:03}}", schedule_interval="@daily", catchup=False,
             start_date=datetime(2026, 1, 1)) as dag:
        BashOperator(task_id="first", bash_command="true") >> BashOperator(
            task_id="second", bash_command="true")
    globals()[dag.dag_id] = dag
"""
FILES = 10
# What the Hub gives a service that it starts; nobody calls it here.
HUB = {
    "JUPYTERHUB_API_TOKEN": "nobody-asks",
    "JUPYTERHUB_API_URL": "http://127.0.0.1:9/hub/api",
    "JUPYTERHUB_BASE_URL": "/",
    "JUPYTERHUB_SERVICE_NAME": "hubflow",
    "JUPYTERHUB_SERVICE_PREFIX": "/services/hubflow/",
    "JUPYTERHUB_SERVICE_URL": "http://127.0.0.1:0",
    "JUPYTERHUB_CLIENT_ID": "service-hubflow",
}


def measure(seconds: float = SECONDS) -> Iterator[Row]:
    """Yield the rows of P7."""
    with engine() as stage, _service(stage):
        for number in range(FILES):
            source = SOURCE.format(count=DAGS // FILES, prefix=f"idle{number}")
            stage.write_dags(source, DAGS * (number + 1) // FILES, name=f"idle{number}")
        names = ("scheduler", "service", "worker")
        three = {name: stage.pids[name] for name in names}
        time.sleep(SETTLE_S)  # what follows a change, such as looking for uses of it, is over
        before, begin = _cpu(stage), time.monotonic()
        time.sleep(seconds)
        elapsed = time.monotonic() - begin
        used = {name: 100 * (cpu - before[name]) / elapsed for name, cpu in _cpu(stage).items()}
        memory = processes.pss_mb(three.values())
        parts = processes.each(stage.pids)
    shares = ", ".join(f"{name} {share:.2f} %" for name, share in used.items())
    start = interpreter_start_s()
    yield Row(
        f"P7 idle with {DAGS:,} DAGs: CPU of scheduler, service and worker",
        CPU_GOAL_PERCENT,
        sum(used[name] for name in names),
        "% of a core",
        f"starting Python once a minute: {100 * start / 60:.2f} %",
        f"{shares}, over {elapsed:.0f} s",
    )
    yield Row(
        f"P7 idle with {DAGS:,} DAGs: memory of scheduler, service and worker (PSS)",
        MEMORY_GOAL_MB,
        memory,
        "MB",
        f"Python that has imported sqlalchemy.orm and tornado: {_interpreter_mb():.0f} MB each",
        parts,
    )


def measure_long() -> Iterator[Row]:
    """Yield the same over ten minutes."""
    return measure(LONG_SECONDS)


def _cpu(stage: Stage) -> dict[str, float]:
    return {name: processes.cpu_s([pid]) for name, pid in stage.pids.items()}


@contextmanager
def _service(stage: Stage) -> Iterator[None]:
    """Run the service as the Hub starts it."""
    (port,) = free_ports(1)
    with (stage.paths.logs / "service.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "hubflow_hub.service", f"--Service.port={port}"],
            env={**stage.environment, **HUB},
            stdout=log,
            stderr=log,
        )
        stage.pids["service"] = process.pid
        try:
            stage.wait(lambda: listens(port), 60)
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _interpreter_mb() -> float:
    code = "import sqlalchemy.orm, tornado.web; print(flush=True); input()"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    found = processes.pss_mb([process.pid])
    process.communicate(os.linesep.encode())
    return found
