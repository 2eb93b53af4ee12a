"""Importing one DAG file from its text."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubflow.errors import DagImportError
from hubflow.sdk.loader import load_source, module_name


@pytest.fixture(autouse=True)
def _clean_path() -> Iterator[None]:
    before = list(sys.path)
    yield
    sys.path[:] = before


def ids(text: str, folder: Path) -> list[str]:
    return [dag.dag_id for dag in load_source("some/file.py", text, folder)]


def test_globals_and_with_blocks_are_found_once_each(tmp_path: Path) -> None:
    text = """
from hubflow import DAG

one = DAG("one", schedule=None)
also_one = one
for name in ("two", "three"):
    globals()[name] = DAG(name, schedule=None)
def build():
    with DAG("four", schedule=None):
        pass
    with DAG("hidden", schedule=None, auto_register=False):
        pass
    DAG("local", schedule=None)
build()
"""
    assert ids(text, tmp_path) == ["four", "one", "three", "two"]


def test_file_and_folder_are_where_they_lie(tmp_path: Path) -> None:
    (tmp_path / "helper_of_this_test.py").write_text("NAME = 'helped'\n")
    text = """
import os
from hubflow import DAG
from helper_of_this_test import NAME
dag = DAG(NAME, description=os.path.basename(__file__), schedule=None)
"""
    (dag,) = load_source("some/file.py", text, tmp_path)
    assert (dag.dag_id, dag.description) == ("helped", "file.py")
    assert dag.fileloc == str(tmp_path / "some/file.py")
    assert dag.line == 5


def test_line_and_lines_of_the_text_are_in_the_error(tmp_path: Path) -> None:
    text = "import hubflow\n\ndef fail():\n    raise ValueError('why')  # here\n\nfail()\n"
    with pytest.raises(DagImportError) as raised:
        ids(text, tmp_path)
    assert (raised.value.message, raised.value.line) == ("ValueError: why", 4)
    assert "raise ValueError('why')  # here" in raised.value.stacktrace
    assert "loader.py" not in raised.value.stacktrace


def test_error_in_another_module_blames_the_import(tmp_path: Path) -> None:
    (tmp_path / "broken_helper.py").write_text("1 / 0\n")
    with pytest.raises(DagImportError) as raised:
        ids("\n\nimport broken_helper\n", tmp_path)
    assert (raised.value.line, raised.value.message) == (3, "ZeroDivisionError: division by zero")
    assert "broken_helper.py" in raised.value.stacktrace


def test_open_dag_of_a_broken_file_does_not_leak_into_the_next(tmp_path: Path) -> None:
    with pytest.raises(DagImportError):
        ids("from hubflow import DAG\nDAG('a', schedule=None).__enter__()\n1 / 0\n", tmp_path)
    text = "from hubflow.operators import DummyOperator\nprint(DummyOperator(task_id='t').dag)\n"
    with pytest.raises(DagImportError, match="has not been assigned to a DAG yet"):
        ids(text, tmp_path)


def test_classes_of_a_dag_file_can_be_pickled_between_its_tasks(tmp_path: Path) -> None:
    load_source("p.py", "class Row:\n    value = 1\n", tmp_path)
    data = pickle.dumps(sys.modules[module_name("p.py")].Row())
    load_source("p.py", "class Row:\n    value = 2\n", tmp_path)
    assert pickle.loads(data).value == 2


def test_file_without_dags_is_fine(tmp_path: Path) -> None:
    assert ids("x = 1\n", tmp_path) == []
