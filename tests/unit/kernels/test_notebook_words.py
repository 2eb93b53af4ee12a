"""What a notebook run says: in the log, and when it fails."""

from __future__ import annotations

import pytest

from hubflow.errors import NotebookFailed
from hubflow.hooks import notebook_errors, notebook_log
from hubflow.hooks.notebook_errors import Place

PLACE = Place(3, 7)


@pytest.mark.parametrize(
    ("error", "message", "detail"),
    [
        (
            notebook_errors.cell_failed(PLACE, "KeyError", "'price'"),
            "cell 3 of 7 failed: KeyError: 'price'",
            {"kind": "cell", "cell": 3, "total": 7, "ename": "KeyError", "evalue": "'price'"},
        ),
        (
            notebook_errors.cell_failed(PLACE, "ValueError", "one\ntwo"),
            "cell 3 of 7 failed: ValueError: one",
            {"kind": "cell", "cell": 3, "total": 7, "ename": "ValueError", "evalue": "one\ntwo"},
        ),
        (
            notebook_errors.cell_failed(PLACE, "AssertionError", ""),
            "cell 3 of 7 failed: AssertionError",
            {"kind": "cell", "cell": 3, "total": 7, "ename": "AssertionError", "evalue": ""},
        ),
        (
            notebook_errors.kernel_died(PLACE, -9),
            "the kernel died in cell 3 of 7 (killed by signal 9; probably out of memory)",
            {"kind": "dead-kernel", "cell": 3, "total": 7},
        ),
        (
            notebook_errors.kernel_died(PLACE, -11),
            "the kernel died in cell 3 of 7 (killed by signal 11, SIGSEGV)",
            {"kind": "dead-kernel", "cell": 3, "total": 7},
        ),
        (
            notebook_errors.kernel_died(PLACE, None),
            "the kernel died in cell 3 of 7 (nothing is known about how)",
            {"kind": "dead-kernel", "cell": 3, "total": 7},
        ),
        (
            notebook_errors.cell_timed_out(PLACE, 1.5),
            "cell 3 of 7 ran longer than the 1.5 s that a cell may take",
            {"kind": "timeout", "cell": 3, "total": 7},
        ),
        (
            notebook_errors.notebook_timed_out(None, "too long"),
            "too long",
            {"kind": "timeout"},
        ),
    ],
)
def test_failure(error: NotebookFailed, message: str, detail: dict[str, object]) -> None:
    assert str(error) == message
    assert error.error_detail == detail


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"text/plain": "42"}, "42"),
        ({"text/plain": "   a\n0  1", "text/html": "<table>"}, "   a\n0  1"),
        ({"text/plain": "<Figure>", "image/png": "A" * 4096}, "[image/png, 3 kB]"),
        ({"application/json": "{}"}, "[application/json, 1 kB]"),
        ({"text/plain": "x" * 20_000}, "x" * 10_000 + " …"),
    ],
)
def test_rich_output_in_the_log(data: dict[str, str], text: str) -> None:
    assert notebook_log.describe(data) == text


def test_colours_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    notebook_log.show("error", {"traceback": ["\x1b[31mKeyError\x1b[0m", "line 1"]})
    notebook_log.show("stream", {"text": "50 %\r100 %\n"})
    assert capsys.readouterr().out == "KeyError\nline 1\n50 %\r100 %\n"
