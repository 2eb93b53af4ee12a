"""Paths in common_workspace never lead out of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubflow.errors import NotebookInvalid, PathOutsideWorkspace
from hubflow.workspace_paths import resolve_inside, resolve_notebook


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    workspace = tmp_path / "common_workspace"
    (workspace / "reports").mkdir(parents=True)
    (workspace / "reports" / "a.ipynb").write_text("{}")
    (workspace / "inner").symlink_to(workspace / "reports")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "b.ipynb").write_text("{}")
    (workspace / "outer").symlink_to(tmp_path / "outside")
    (workspace / "b.ipynb").symlink_to(tmp_path / "outside" / "b.ipynb")
    return workspace


@pytest.mark.parametrize(
    "path",
    [
        "reports/a.ipynb",
        "common_workspace/reports/a.ipynb",
        "./reports//a.ipynb",
        "inner/a.ipynb",
    ],
)
def test_both_spellings_and_inner_links_mean_the_same_file(workspace: Path, path: str) -> None:
    assert resolve_notebook(workspace, path) == (workspace / "reports" / "a.ipynb").resolve()


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "common_workspace",
        "/etc/passwd",
        "../outside/b.ipynb",
        "reports/../../outside/b.ipynb",
        "reports/../reports/a.ipynb",
        "common_workspace/../outside/b.ipynb",
        "outer/b.ipynb",
        "b.ipynb",
        "a\0.ipynb",
    ],
)
def test_paths_that_lead_out_are_refused(workspace: Path, path: str) -> None:
    with pytest.raises(PathOutsideWorkspace):
        resolve_notebook(workspace, path)


@pytest.mark.parametrize("path", ["reports/missing.ipynb", "reports", "reports/a.txt"])
def test_what_is_no_notebook_is_named(workspace: Path, path: str) -> None:
    with pytest.raises(NotebookInvalid, match=path):
        resolve_notebook(workspace, path)


def test_output_need_not_exist(workspace: Path) -> None:
    target = resolve_inside(workspace, "new/folder/out.ipynb")
    assert target == (workspace / "new" / "folder" / "out.ipynb").resolve()
