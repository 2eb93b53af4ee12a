"""The notebooks that every new home starts with."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest

from .notebooks import NotebookHome, printed

EXAMPLES = Path(__file__).parents[3] / "examples" / "notebooks"


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("*.ipynb")), ids=lambda path: path.stem)
def test_examples_are_clean(path: Path) -> None:
    notebook = nbformat.read(path, nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    assert [cell for cell in code if "parameters" in cell.metadata.get("tags", [])]


def test_hello_greets_whom_it_is_told_to(home: NotebookHome) -> None:
    copy_examples(home)
    outcome = home.run("examples/hello_parameters.ipynb", parameters={"name": "Ada", "count": 2})
    assert outcome.state == "success"
    assert printed(home.executed()) == "1: hello, Ada\n2: hello, Ada\n"


def test_sales_report_draws_a_table_and_a_plot(home: NotebookHome) -> None:
    copy_examples(home)
    outcome = home.run("examples/reports/sales_report.ipynb", parameters={"region": "North"})
    assert outcome.error is None
    executed = home.executed()
    assert "sales in region North" in printed(executed)
    kinds = {
        kind
        for cell in executed.cells
        for out in cell.get("outputs", [])
        for kind in out.get("data", {})
    }
    assert {"text/html", "image/png"} <= kinds


def test_sales_report_names_an_unknown_region(home: NotebookHome) -> None:
    copy_examples(home)
    outcome = home.run("examples/reports/sales_report.ipynb", parameters={"region": "Mars"})
    assert (outcome.error or "").startswith("cell 3 of 5 failed: ValueError: no sales in region")


def copy_examples(home: NotebookHome) -> None:
    shutil.copytree(EXAMPLES, home.paths.common_workspace / "examples")
