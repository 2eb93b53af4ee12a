"""Read a notebook file far enough to show and schedule it; never executes or writes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from hubflow.errors import NotebookInvalid

MOST_BYTES = 100 * 2**20
PARAMETERS_TAG = "parameters"


class Cell(msgspec.Struct, frozen=True):
    cell_type: str
    source: str | list[str] = ""
    metadata: dict[str, Any] = {}

    @property
    def text(self) -> str:
        return self.source if isinstance(self.source, str) else "".join(self.source)

    @property
    def tags(self) -> list[Any]:
        tags = self.metadata.get("tags", [])
        return tags if isinstance(tags, list) else []


class _File(msgspec.Struct, frozen=True):
    nbformat: int
    cells: list[Cell] = []
    metadata: dict[str, Any] = {}


class Notebook(NamedTuple):
    """What matters of a notebook. `kernel_name` is empty when the file names none."""

    kernel_name: str
    kernel_display_name: str
    language: str
    cells: list[Cell]

    @property
    def parameters_cell(self) -> Cell | None:
        """The first code cell tagged `parameters`; papermill looks at the first one, too."""
        tagged = (cell for cell in self.cells if PARAMETERS_TAG in cell.tags)
        return next(tagged, None)


def read(file: Path, shown: str) -> Notebook:
    """Read a notebook; ``shown`` names it in errors. Raises NotebookInvalid."""
    try:
        if file.stat().st_size > MOST_BYTES:
            raise NotebookInvalid(f"{shown!r} is larger than {MOST_BYTES // 2**20} MiB")
        found = msgspec.json.decode(file.read_bytes(), type=_File)
    except OSError as exc:
        raise NotebookInvalid(f"{shown!r} cannot be read: {exc.strerror}") from exc
    except msgspec.ValidationError as exc:
        raise NotebookInvalid(f"{shown!r} is JSON, but no notebook: {exc}") from exc
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise NotebookInvalid(f"{shown!r} is no notebook: it is not JSON ({exc})") from exc
    if found.nbformat != 4:
        raise NotebookInvalid(
            f"{shown!r} has notebook format {found.nbformat}; open and save it in JupyterLab first"
        )
    return _notebook(found)


def _notebook(found: _File) -> Notebook:
    spec = found.metadata.get("kernelspec")
    spec = spec if isinstance(spec, dict) else {}
    info = found.metadata.get("language_info")
    language = spec.get("language") or (info.get("name") if isinstance(info, dict) else "")
    name = str(spec.get("name") or "")
    return Notebook(
        kernel_name=name,
        kernel_display_name=str(spec.get("display_name") or name),
        language=str(language or "python").lower(),
        cells=found.cells,
    )
