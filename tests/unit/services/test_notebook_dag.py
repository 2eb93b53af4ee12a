"""The generated DAG file: readable, and safe whatever people type."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubflow.errors import BadRequest, DagExists
from hubflow.services import notebook_dag
from hubflow.services.notebook_dag import NotebookDag

BERLIN = ZoneInfo("Europe/Berlin")
PLAIN: dict[str, Any] = {
    "dag_id": "churn",
    "notebook": "reports/churn.ipynb",
    "description": "Runs it",
    "schedule": "0 6 * * *",
    "start_date": datetime(2026, 11, 21, 6, tzinfo=BERLIN),
    "timezone": "Europe/Berlin",
    "owner": "ada",
    "parameters": {"month": "2026-11", "top_n": 3},
    "output": None,
    "retries": 1,
    "retry_delay_s": 300,
    "timeout_s": 0,
}
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=20,
)


def dag(**changes: Any) -> NotebookDag:
    return NotebookDag(**(PLAIN | changes))


def test_file_reads_as_a_person_would_write_it() -> None:
    text = notebook_dag.render(dag(timeout_s=60, output="out/churn.ipynb"))
    compile(text, "churn.py", "exec")
    assert 'parameters = {"month": "2026-11", "top_n": 3}' in text
    assert 'start_date=datetime(2026, 11, 21, 6, 0, tzinfo=ZoneInfo("Europe/Berlin"))' in text
    assert 'input_notebook="common_workspace/reports/churn.ipynb"' in text
    assert 'output_notebook="common_workspace/out/churn.ipynb"' in text
    assert "execution_timeout=timedelta(seconds=60)" in text
    assert "\n\n\n" not in text


def test_without_time_limit_there_is_none() -> None:
    assert "execution_timeout" not in notebook_dag.render(dag())


def test_repeated_hour_in_autumn_keeps_its_fold() -> None:
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC).astimezone(BERLIN)
    assert "2, 30, fold=1, tzinfo" in notebook_dag.render(dag(start_date=second))


@given(value=JSON, text=TEXT)
def test_any_value_comes_back_as_it_was(value: Any, text: str) -> None:
    source = notebook_dag.render(
        dag(parameters={text: value}, description=text, notebook=f"{text}.ipynb", owner=text)
    )
    tree = ast.parse(source)
    (assignment,) = (node for node in tree.body if isinstance(node, ast.Assign))
    assert ast.literal_eval(assignment.value) == {text: value}
    (block,) = (node for node in tree.body if isinstance(node, ast.With))
    assert [type(node) for node in block.body] == [ast.Expr]
    call = block.items[0].context_expr
    assert isinstance(call, ast.Call)
    described = {word.arg: word.value for word in call.keywords}["description"]
    assert ast.literal_eval(described) == text


@pytest.mark.parametrize(
    ("notebook", "dag_id"),
    [
        ("reports/churn.ipynb", "churn"),
        ("Umsatz März (neu).ipynb", "Umsatz_M_rz_neu"),
        ("...ipynb", "notebook"),
        ("日報.ipynb", "notebook"),
        ("a" * 300 + ".ipynb", "a" * 200),
    ],
)
def test_suggested_id_is_a_valid_one(notebook: str, dag_id: str) -> None:
    assert notebook_dag.suggested_id(notebook) == dag_id
    assert notebook_dag.checked_id(dag_id) == dag_id


@pytest.mark.parametrize("dag_id", ["", "a b", "../x", "a/b", ".hidden", "ü", "x" * 251, "a\n"])
def test_ids_that_no_dag_can_have_are_refused(dag_id: str) -> None:
    with pytest.raises(BadRequest, match="dag_id"):
        notebook_dag.checked_id(dag_id)


def test_same_notebook_replaces_its_file(tmp_path: Path) -> None:
    first = notebook_dag.write(tmp_path, dag())
    second = notebook_dag.write(tmp_path, dag(schedule=None))
    assert first.path == second.path == "notebooks/churn.py"
    assert first.sha256 != second.sha256
    assert "schedule=None" in (tmp_path / second.path).read_text()
    assert [file.name for file in (tmp_path / "notebooks").iterdir()] == ["churn.py"]


@pytest.mark.parametrize("other", ["# mine\n", notebook_dag.MARK + '"other.ipynb"\n', ""])
def test_a_file_from_elsewhere_is_never_replaced(tmp_path: Path, other: str) -> None:
    file = tmp_path / "notebooks" / "churn.py"
    file.parent.mkdir()
    file.write_text(other)
    with pytest.raises(DagExists):
        notebook_dag.write(tmp_path, dag())
    assert file.read_text() == other
    assert [found.name for found in file.parent.iterdir()] == ["churn.py"]
