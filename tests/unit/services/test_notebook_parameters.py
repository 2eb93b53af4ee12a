"""Reading the cell tagged `parameters` without running it."""

from __future__ import annotations

from typing import Any

import pytest

from hubflow.services.notebook_parameters import read_parameters


@pytest.mark.parametrize(
    ("source", "kind", "value"),
    [
        ("a = 1", "integer", 1),
        ("a = -1", "integer", -1),
        ("a = 0.5", "number", 0.5),
        ("a = 1e3", "number", 1000.0),
        ("a = True", "boolean", True),
        ("a = 'x'", "text", "x"),
        ("a = 'x' 'y'", "text", "xy"),
        ("a = None", "none", None),
        ("a = [1, 'b']", "list", [1, "b"]),
        ("a = (1, 2)", "list", (1, 2)),
        ("a = {'k': [1]}", "dict", {"k": [1]}),
        ("a: int = 3", "integer", 3),
        ("a = {1: 2}", "code", None),
        ("a = {1, 2}", "code", None),
        ("a = b'x'", "code", None),
        ("a = 1e999", "code", None),
        ("a = 2 ** 8", "code", None),
        ("a = date.today()", "code", None),
        ("a = 99999999999999999999", "code", None),
    ],
)
def test_kind_and_value_of_a_default(source: str, kind: str, value: Any) -> None:
    (parameter,) = read_parameters(source, "python")
    assert (parameter.name, parameter.kind, parameter.value) == ("a", kind, value)


def test_source_and_comment_are_kept() -> None:
    cell = "month = '2026-11'  # which month\ntop = 10\n"
    month, top = read_parameters(cell, "python")
    assert (month.source, month.help) == ("'2026-11'", "which month")
    assert (top.source, top.help) == ("10", None)


def test_last_assignment_counts_and_other_lines_do_not() -> None:
    cell = "%matplotlib inline\n!pip list\nimport os\na = 1\nb = c = 2\nx.y = 3\na = 4\nprint(a)\n"
    assert [(p.name, p.value) for p in read_parameters(cell, "python")] == [("a", 4)]


@pytest.mark.parametrize("cell", ["a = ", "a = 1\n  b = 2", "\0", "(" * 300])
def test_cell_that_is_no_python_has_no_parameters(cell: str) -> None:
    assert read_parameters(cell, "python") == []


def test_a_default_is_never_run() -> None:
    (parameter,) = read_parameters("a = __import__('os').getpid()", "python")
    assert (parameter.kind, parameter.source) == ("code", "__import__('os').getpid()")


@pytest.mark.parametrize(
    ("language", "cell", "name", "source"),
    [
        ("scala", 'val month: String = "2026-11"', "month", '"2026-11"'),
        ("r", "top_n <- 10", "top_n", "10"),
        ("julia", "x = 1;", "x", "1"),
    ],
)
def test_other_languages_show_code(language: str, cell: str, name: str, source: str) -> None:
    (parameter,) = read_parameters(cell, language)
    assert (parameter.name, parameter.kind, parameter.source) == (name, "code", source)
