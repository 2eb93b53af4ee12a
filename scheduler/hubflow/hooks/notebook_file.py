"""Notebook files: read one that can run, inject parameters, keep an executed one.

Parameters are injected by papermill itself, so the rules are papermill's to the letter: the
cell tagged `parameters` holds defaults, and a cell tagged `injected-parameters` follows it.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hubflow.errors import KernelUnknown, NotebookInvalid
from hubflow.hooks import notebook_libraries

notebook_libraries.without_iri_formats()

import nbformat  # noqa: E402  (after the line that makes this import cheap)
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel  # noqa: E402
from papermill.exceptions import PapermillException  # noqa: E402
from papermill.iorw import load_notebook_node  # noqa: E402
from papermill.parameterize import parameterize_notebook  # noqa: E402

Notebook = nbformat.NotebookNode


def read(file: Path, shown: str) -> Notebook:
    """Read a notebook, upgraded to format 4; ``shown`` names it in errors.

    Raises NotebookInvalid.
    """
    try:
        notebook: Notebook = load_notebook_node(str(file))
        nbformat.validate(notebook)
    except nbformat.reader.NotJSONError as error:
        raise NotebookInvalid(f"{shown!r} is no notebook: it is not JSON") from error
    except nbformat.ValidationError as error:
        problem = str(error).strip().splitlines()[0]
        raise NotebookInvalid(f"{shown!r} is JSON, but no valid notebook: {problem}") from error
    except (OSError, UnicodeDecodeError, PapermillException) as error:
        raise NotebookInvalid(f"{shown!r} cannot be read: {error}") from error
    except (AttributeError, KeyError, TypeError) as error:
        raise NotebookInvalid(f"{shown!r} is JSON, but no notebook") from error
    return notebook


def find_kernel(notebook: Notebook, shown: str, wanted: str | None) -> tuple[str, KernelSpec]:
    """Return name and kernelspec of the kernel that runs the notebook.

    Raises NotebookInvalid if neither it nor the caller names one, KernelUnknown if it is not
    installed here.
    """
    name = wanted or notebook.metadata.get("kernelspec", {}).get("name")
    if not name:
        raise NotebookInvalid(
            f"{shown!r} names no kernel; open it in JupyterLab, choose a kernel and save it, "
            "or give the task a kernel_name"
        )
    specs = KernelSpecManager()
    try:
        return name, specs.get_kernel_spec(name)
    except NoSuchKernel:
        raise KernelUnknown(shown, name, list(specs.find_kernel_specs())) from None


def inject(
    notebook: Notebook, parameters: Mapping[str, Any], kernel: str, language: str, hide: bool
) -> Notebook:
    """Return the notebook with its parameters injected; without any, it stays as it is.

    Raises NotebookInvalid for a kernel whose language papermill cannot write parameters in, and
    for a parameter that no notebook can hold.
    """
    if not parameters:
        return notebook
    for name, value in parameters.items():
        try:
            json.dumps(value)
        except (TypeError, ValueError) as error:
            raise NotebookInvalid(f"the parameter {name!r} is no JSON: {error}") from error
    language = notebook.metadata.get("language_info", {}).get("name") or language
    try:
        injected: Notebook = parameterize_notebook(
            notebook, dict(parameters), hide, kernel_name=kernel, language=language
        )
    except PapermillException as error:
        raise NotebookInvalid(
            f"parameters cannot be passed to the kernel {kernel!r}: {error}"
        ) from error
    return injected


def clear_outputs(notebook: Notebook) -> None:
    """Forget what an earlier execution left in the notebook."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
            cell.execution_count = None


def save(notebook: Notebook, target: Path) -> None:
    """Write the notebook in one move: readers see the old file or the new one, whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, nbformat.writes(notebook))


def write_whole(target: Path, text: str) -> None:
    """Replace ``target`` by a file with ``text``."""
    fd, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with open(fd, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(name, 0o640)
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise


def warm_up() -> None:
    """Do once what costs most the first time, before a zygote forks."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("a = 1")])
    notebook.metadata["papermill"] = {}
    notebook.cells[0].metadata["tags"] = ["parameters"]
    nbformat.validate(inject(notebook, {"a": 2}, "python3", "python", False))
    KernelSpecManager().find_kernel_specs()
