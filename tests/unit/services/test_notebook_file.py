"""Notebook files that are none get a clear answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import seed
from hubflow.errors import NotebookInvalid
from hubflow.services import notebook_file


def test_notebook_is_read(tmp_path: Path) -> None:
    file = tmp_path / "a.ipynb"
    file.write_text(json.dumps(seed.notebook()))
    notebook = notebook_file.read(file, "a.ipynb")
    assert (notebook.kernel_name, notebook.language) == ("python3", "python")
    assert notebook.parameters_cell is not None
    assert notebook.parameters_cell.text.startswith("month")


def test_notebook_without_kernel_has_an_empty_name(tmp_path: Path) -> None:
    file = tmp_path / "a.ipynb"
    file.write_text('{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}')
    notebook = notebook_file.read(file, "a.ipynb")
    assert (notebook.kernel_name, notebook.parameters_cell) == ("", None)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"not json", "not JSON"),
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[]", "no notebook"),
        (b'{"a": 1}', "no notebook"),
        (b'{"nbformat": 4, "cells": 3}', "no notebook"),
        (b'{"nbformat": 3, "worksheets": []}', "format 3"),
    ],
)
def test_file_that_is_no_notebook(tmp_path: Path, content: bytes, named: str) -> None:
    file = tmp_path / "a.ipynb"
    file.write_bytes(content)
    with pytest.raises(NotebookInvalid, match=named):
        notebook_file.read(file, "a.ipynb")
