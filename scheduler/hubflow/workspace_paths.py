"""Paths in common_workspace as people write them, resolved and confined.

A path may start with `common_workspace/` or not; both mean the same file.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from hubflow.errors import NotebookInvalid, PathOutsideWorkspace

FOLDER = "common_workspace"


def resolve_inside(workspace: Path, path: str) -> Path:
    """Return where ``path`` lies, links followed; the file need not exist.

    Raises PathOutsideWorkspace for an absolute path, `..`, or a link that leads out.
    """
    pure = PurePosixPath(path)
    if not pure.parts or "\0" in path or pure.is_absolute() or ".." in pure.parts:
        raise PathOutsideWorkspace(path)
    below = pure.parts[1:] if pure.parts[0] == FOLDER else pure.parts
    root = workspace.resolve()
    target = root.joinpath(*below).resolve()
    if target == root or not target.is_relative_to(root):
        raise PathOutsideWorkspace(path)
    return target


def resolve_notebook(workspace: Path, path: str) -> Path:
    """Return the notebook that ``path`` names.

    Raises PathOutsideWorkspace, and NotebookInvalid when there is no such notebook.
    """
    target = resolve_inside(workspace, path)
    if target.suffix != ".ipynb":
        raise NotebookInvalid(f"{path!r} is no notebook: its name does not end in .ipynb")
    if not target.is_file():
        raise NotebookInvalid(f"there is no notebook {path!r} in {FOLDER}")
    return target
