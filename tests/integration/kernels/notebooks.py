"""Notebooks for tests, and a home to run them in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat

from hubflow.config import Paths
from hubflow.operators import CoutureJupyterOperator
from hubflow.sdk import DAG, DagRun
from hubflow.sdk.run_task import Outcome, TryInfo, run_task
from hubflow.sdk.runtime import LocalRuntime, XComStore

DAY = datetime(2026, 11, 22, 6, tzinfo=UTC)


def notebook(*cells: str, kernel: str | None = "python3") -> nbformat.NotebookNode:
    """Make a notebook of code cells; a cell that begins with `#tag NAME` gets that tag."""
    made = nbformat.v4.new_notebook()
    for source in cells:
        first, _, rest = source.partition("\n")
        is_tagged = first.startswith("#tag ")
        cell = nbformat.v4.new_code_cell(rest if is_tagged else source)
        if is_tagged:
            cell.metadata["tags"] = [first.removeprefix("#tag ")]
        made.cells.append(cell)
    if kernel is not None:
        spec = {"name": kernel, "display_name": kernel, "language": "python"}
        made.metadata["kernelspec"] = spec
    return made


class NotebookHome:
    """HUBFLOW_HOME with notebooks in its common_workspace."""

    def __init__(self, path: Path) -> None:
        self.paths = Paths(path)
        self.paths.make()
        self.runtime = LocalRuntime(XComStore(), "nb", DAY)
        self.progress: list[tuple[int, int, str]] = []
        self.at_cell: dict[int, Callable[[], object]] = {}

    def write(self, name: str, *cells: str, kernel: str | None = "python3") -> Path:
        """Put a notebook into common_workspace."""
        file = self.paths.common_workspace / name
        file.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook(*cells, kernel=kernel), file)
        return file

    def run(self, input_notebook: str = "in.ipynb", **arguments: Any) -> Outcome:
        """Run a notebook as a task would."""
        with DAG("d", start_date=DAY, schedule_interval=None) as dag:
            CoutureJupyterOperator(task_id="nb", input_notebook=input_notebook, **arguments)
        run = DagRun(
            dag_id="d",
            run_id="manual__1",
            execution_date=DAY,
            data_interval_start=DAY,
            data_interval_end=DAY,
        )
        self.runtime.report_progress = self._note_progress  # type: ignore[method-assign]
        return run_task(dag, "nb", run, TryInfo(try_number=1, max_tries=2), self.runtime)

    def executed(self) -> nbformat.NotebookNode:
        """Read the executed notebook that the task named as its artifact."""
        return nbformat.read(self.paths.artifacts / self.runtime.artifacts["notebook"], 4)

    def _note_progress(self, done: int, total: int, text: str = "") -> None:
        self.progress.append((done, total, text))
        self.at_cell.get(done, lambda: None)()


def printed(executed: nbformat.NotebookNode) -> str:
    """Return everything that the cells printed."""
    outputs = [output for cell in executed.cells for output in cell.get("outputs", [])]
    return "".join(output.text for output in outputs if output.output_type == "stream")
