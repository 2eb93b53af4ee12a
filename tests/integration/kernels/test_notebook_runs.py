"""Notebooks as tasks, on real kernels: parameters, what is kept, how they fail."""

from __future__ import annotations

import json
import os
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from .notebooks import NotebookHome, printed


def test_executed_notebook_is_kept_and_copied(
    home: NotebookHome, capfd: pytest.CaptureFixture[str]
) -> None:
    source = home.write("in.ipynb", "a = 1", "print('a is', a)", "a + 1")
    before = source.read_bytes()
    outcome = home.run(output_notebook="common_workspace/results/out.ipynb")
    assert (outcome.state, outcome.error) == ("success", None)
    assert home.runtime.artifacts == {"notebook": "d/nb/2026-11-22T06:00:00+00:00/1.ipynb"}
    executed = home.executed()
    assert [cell.execution_count for cell in executed.cells] == [1, 2, 3]
    assert printed(executed) == "a is 1\n"
    assert executed.metadata.language_info.name == "python"
    copy = home.paths.common_workspace / "results" / "out.ipynb"
    assert (
        copy.read_bytes()
        == (home.paths.artifacts / home.runtime.artifacts["notebook"]).read_bytes()
    )
    assert source.read_bytes() == before
    assert home.progress == [(1, 3, "a = 1"), (2, 3, "print('a is', a)"), (3, 3, "a + 1")]
    assert "a is 1\n2\n" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("cells", "parameters", "output", "tags"),
    [
        # The manual's own example: what was computed from a default is not computed again.
        (
            ["#tag parameters\na = 1\ntwice = a * 2", "print(a, twice)"],
            {"a": 9},
            "9 2\n",
            ["parameters", "injected-parameters", None],
        ),
        # The injected cell holds only what is overridden.
        (
            ["#tag parameters\na = 1\nb = 2", "print(a, b)"],
            {"b": [1, None, True]},
            "1 [1, None, True]\n",
            ["parameters", "injected-parameters", None],
        ),
        # Without a tagged cell, it goes on top.
        (
            ["print(a)", "a = 1"],
            {"a": "x'y"},
            "x'y\n",
            ["injected-parameters", None, None],
        ),
        # Only the first tagged cell counts; later ones are ordinary cells.
        (
            ["#tag parameters\na = 1", "#tag parameters\na = 2", "print(a)"],
            {"a": 9},
            "2\n",
            ["parameters", "injected-parameters", "parameters", None],
        ),
        # An injected cell from an earlier run is replaced.
        (
            ["#tag parameters\na = 1", "#tag injected-parameters\na = 5", "print(a)"],
            {"a": 9},
            "9\n",
            ["parameters", "injected-parameters", None],
        ),
        # Nothing to override, nothing injected.
        (["#tag parameters\na = 1", "print(a)"], {}, "1\n", ["parameters", None]),
    ],
)
def test_parameters(
    home: NotebookHome,
    cells: list[str],
    parameters: dict[str, object],
    output: str,
    tags: list[str | None],
) -> None:
    home.write("in.ipynb", *cells)
    assert home.run(parameters=parameters).state == "success"
    executed = home.executed()
    assert printed(executed) == output
    assert [next(iter(cell.metadata.get("tags", [])), None) for cell in executed.cells] == tags


def test_a_parameter_that_a_notebook_cannot_hold_is_named(home: NotebookHome) -> None:
    home.write("in.ipynb", "1")
    error = home.run(parameters={"a": 1, "when": object()}).error or ""
    assert "the parameter 'when' is no JSON" in error


def test_failing_cell_is_named_and_the_notebook_kept(home: NotebookHome) -> None:
    home.write("in.ipynb", "print('one')", "", "{}['price']", "print('never')")
    outcome = home.run(output_notebook="out.ipynb")
    assert outcome.state == "failed"
    assert outcome.error == "cell 2 of 3 failed: KeyError: 'price'"
    assert outcome.error_detail == {
        "kind": "cell",
        "cell": 2,
        "total": 3,
        "ename": "KeyError",
        "evalue": "'price'",
    }
    executed = home.executed()
    assert printed(executed) == "one\n"
    assert executed.cells[2].outputs[0].ename == "KeyError"
    assert executed.cells[3].outputs == []
    assert (home.paths.common_workspace / "out.ipynb").exists()


def test_cell_that_is_meant_to_fail_goes_on(home: NotebookHome) -> None:
    home.write("in.ipynb", "#tag raises-exception\n1 / 0", "print('after')")
    assert home.run().state == "success"
    assert printed(home.executed()) == "after\n"


def test_dead_kernel_is_told_from_an_error(home: NotebookHome) -> None:
    home.write("in.ipynb", "a = 1", "import os, signal; os.kill(os.getpid(), 9)", "a")
    outcome = home.run()
    assert outcome.error == (
        "the kernel died in cell 2 of 3 (killed by signal 9; probably out of memory)"
    )
    assert outcome.error_detail == {"kind": "dead-kernel", "cell": 2, "total": 3}
    first, _, last = home.executed().cells
    assert (first.execution_count, last.execution_count) == (1, None)


def test_kernel_that_exits_is_dead_too(home: NotebookHome) -> None:
    home.write("in.ipynb", "import os; os._exit(3)")
    outcome = home.run()
    assert outcome.error == "the kernel died in cell 1 of 1 (its process exited with status 3)"


def test_cell_timeout(home: NotebookHome) -> None:
    home.write("in.ipynb", "import time", "time.sleep(600)")
    outcome = home.run(cell_timeout=timedelta(seconds=1))
    assert outcome.error == "cell 2 of 2 ran longer than the 1 s that a cell may take"
    assert outcome.error_detail == {"kind": "timeout", "cell": 2, "total": 2}


def test_timeout_of_the_whole_notebook(home: NotebookHome) -> None:
    home.write("in.ipynb", "import time", "print('begun')", "time.sleep(600)")
    home.at_cell[3] = lambda: signal.setitimer(signal.ITIMER_REAL, 0.1)  # Time flies.
    outcome = home.run(execution_timeout=timedelta(minutes=10))
    assert "execution_timeout of 0:10:00; it was in cell 3 of 3" in (outcome.error or "")
    assert outcome.error_detail == {"kind": "timeout", "cell": 3, "total": 3}
    assert printed(home.executed()) == "begun\n"


def test_killed_notebook_is_kept(home: NotebookHome) -> None:
    home.write("in.ipynb", "print('begun')", "import time; time.sleep(600)")
    home.at_cell[2] = lambda: os.kill(os.getpid(), signal.SIGTERM)
    outcome = home.run()
    assert (outcome.state, outcome.error) == (
        "failed",
        "TaskKilled: the task was told to end (SIGTERM)",
    )
    assert printed(home.executed()) == "begun\n"


def test_kernel_runs_beside_the_notebook(home: NotebookHome) -> None:
    home.write("deep/down/in.ipynb", "print(open('data.txt').read())")
    (home.paths.common_workspace / "deep" / "down" / "data.txt").write_text("data")
    assert home.run("common_workspace/deep/down/in.ipynb").state == "success"
    assert printed(home.executed()) == "data\n"


def test_html_is_written_if_wanted(home: NotebookHome) -> None:
    home.write("in.ipynb", "print(6 * 7)")
    home.run(output_notebook="out.ipynb", export_html=True)
    assert ">42" in (home.paths.common_workspace / "out.html").read_text()


def test_rich_outputs_are_noted_in_the_log(
    home: NotebookHome, capfd: pytest.CaptureFixture[str]
) -> None:
    home.write(
        "in.ipynb", "from IPython.display import Image, display; display(Image(data=b'x' * 4096))"
    )
    assert home.run().state == "success"
    assert "[image/png, 4 kB]" in capfd.readouterr().out


# ---- bad input ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("not json", "'in.ipynb' is no notebook: it is not JSON"),
        ("[1, 2]", "'in.ipynb' is JSON, but no notebook"),
        ('{"nbformat": 4, "cells": 7}', "'in.ipynb' is JSON, but no"),
        ('{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{}]}', "but no"),
        (b"\xff\xfe\x00", "'in.ipynb'"),
    ],
)
def test_file_that_is_no_notebook(home: NotebookHome, content: str | bytes, words: str) -> None:
    data = content.encode() if isinstance(content, str) else content
    (home.paths.common_workspace / "in.ipynb").write_bytes(data)
    outcome = home.run()
    assert outcome.state == "failed"
    assert words in (outcome.error or "")
    assert home.runtime.artifacts == {}


def test_notebook_without_a_kernel(home: NotebookHome) -> None:
    home.write("in.ipynb", "1", kernel=None)
    assert "'in.ipynb' names no kernel; open it in JupyterLab" in (home.run().error or "")
    assert home.run(kernel_name="python3").state == "success"


def test_unknown_kernel(home: NotebookHome) -> None:
    home.write("in.ipynb", "1", kernel="fortran77")
    error = home.run().error or ""
    assert "wants the kernel 'fortran77', which is not installed here" in error
    assert "python3" in error


@pytest.mark.parametrize(
    ("argv", "words"),
    [(["/no/such/python"], "No such file"), (["false"], "the kernel died before it was ready")],
)
def test_kernel_that_cannot_start(
    home: NotebookHome,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    argv: list[str],
    words: str,
) -> None:
    spec = {"argv": argv, "display_name": "Broken", "language": "python"}
    folder = tmp_path / "jupyter" / "kernels" / "broken"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    home.write("in.ipynb", "1", kernel="broken")
    outcome = home.run()
    assert (outcome.error or "").startswith("the kernel 'broken' could not be started")
    assert words in (outcome.error or "")
    assert outcome.error_detail == {"kind": "dead-kernel"}


@pytest.mark.parametrize(
    "path", ["../in.ipynb", "/etc/passwd", "a/../../in.ipynb", "link.ipynb", "folder/in.ipynb", ""]
)
def test_input_outside_the_workspace(home: NotebookHome, tmp_path: Path, path: str) -> None:
    outside = home.write("../outside/in.ipynb", "1")
    (home.paths.common_workspace / "link.ipynb").symlink_to(outside)
    (home.paths.common_workspace / "folder").symlink_to(outside.parent)
    assert "lies outside common_workspace" in (home.run(path).error or "")


def test_missing_input(home: NotebookHome) -> None:
    assert "there is no notebook 'in.ipynb'" in (home.run().error or "")


@pytest.mark.parametrize("path", ["/tmp/hubflow-out.ipynb", "../out.ipynb", "link/out.ipynb"])
def test_output_outside_the_workspace_is_discarded(
    home: NotebookHome, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    home.write("in.ipynb", "print('ran')")
    (home.paths.common_workspace / "link").symlink_to(home.paths.home)
    assert home.run(output_notebook=path).state == "success"
    assert printed(home.executed()) == "ran\n"
    assert f"{path!r} lies outside common_workspace: the copy is discarded" in caplog.text
    assert not os.path.exists(home.paths.common_workspace / path)


@pytest.mark.parametrize("path", ["in.ipynb", "common_workspace/in.ipynb", "alias.ipynb"])
def test_input_is_never_written(
    home: NotebookHome, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    source = home.write("in.ipynb", "1")
    (home.paths.common_workspace / "alias.ipynb").symlink_to(source)
    before = source.read_bytes()
    assert home.run(output_notebook=path).state == "success"
    assert source.read_bytes() == before
    assert "is the input notebook, which stays as it is" in caplog.text
