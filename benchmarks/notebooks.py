"""P4: a notebook of three cells, due -> done with the executed notebook saved."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from benchmarks.report import Row, median
from benchmarks.stage import Stage, engine

ROUNDS = 5
GOAL = 0.1

SOURCE = """
from datetime import datetime
from hubflow import DAG
from hubflow.operators import CoutureJupyterOperator

with DAG("notebook", schedule_interval=None, start_date=datetime(2026, 1, 1),
         is_paused_upon_creation=False) as dag:
    CoutureJupyterOperator(task_id="run", input_notebook="three.ipynb",
                           output_notebook="out.ipynb", parameters={"x": 2})
"""


def measure() -> Iterator[Row]:
    """Yield the row of P4."""
    with engine() as stage:
        notebook = _write(stage.paths.common_workspace)
        stage.write_dags(SOURCE, 1)
        ours = [_ours(stage, number) for number in range(ROUNDS + 1)][1:]
        theirs = [_papermill(notebook) for _ in range(ROUNDS)]
    yield Row(
        "P4 notebook of 3 cells, trigger → executed notebook saved",
        GOAL,
        median(ours) / median(theirs),
        "× papermill",
        f"`papermill` command line: {median(theirs):.2f} s",
        f"{median(ours):.2f} s",
    )


def _write(folder: Path) -> Path:
    cells = [new_code_cell("x = 1"), new_code_cell("y = x + 1"), new_code_cell("print(y)")]
    cells[0].metadata["tags"] = ["parameters"]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path = folder / "three.ipynb"
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    return path


def _ours(stage: Stage, number: int) -> float:
    run_id = f"p4-{number}"
    time.sleep(2)  # schedules leave the pool time to warm a kernel; a burst would not
    begin = time.time()
    stage.trigger("notebook", run_id=run_id)
    end = stage.wait_for_runs(run_id)
    written = nbformat.read(stage.paths.common_workspace / "out.ipynb", as_version=4)
    if written.cells[-1].outputs[0].text != "3\n":
        raise SystemExit("the executed notebook is not what it should be")
    return end - begin


def _papermill(notebook: Path) -> float:
    begin = time.time()
    subprocess.run(
        [
            sys.executable,
            "-m",
            "papermill",
            str(notebook),
            str(notebook.with_name("papermill.ipynb")),
            *("-p", "x", "2", "--no-progress-bar"),
        ],
        check=True,
        capture_output=True,
    )
    return time.time() - begin
