"""Where the log of one try lives; open it to write, read a page of it from an offset.

Layout: `<logs>/<dag_id>/<task_id>/<execution_date iso>/<try>.log` (SEMANTICS 7.5); the executed
notebook of a try lies in the same way below the artifact folder.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlencode

from hubflow.clock import isoformat

PAGE_BYTES = 256 * 1024


class LogPage(NamedTuple):
    """Part of a log. `next_offset` is where the following page starts, in bytes."""

    text: str
    next_offset: int
    size: int


def relative_path(
    dag_id: str, task_id: str, execution_date: datetime, try_number: int, map_index: int = -1
) -> str:
    """Return the log's path below the log folder. Ids are safe by construction (SEMANTICS 1.1).

    Instances of a mapped task have a folder each.
    """
    return f"{_folder(dag_id, task_id, execution_date, map_index)}/{try_number}.log"


def notebook_path(
    dag_id: str, task_id: str, execution_date: datetime, try_number: int, map_index: int = -1
) -> str:
    """Return the path of the executed notebook of a try below the artifact folder."""
    return f"{_folder(dag_id, task_id, execution_date, map_index)}/{try_number}.ipynb"


def _folder(dag_id: str, task_id: str, execution_date: datetime, map_index: int) -> str:
    folder = f"{dag_id}/{task_id}/{isoformat(execution_date)}"
    return folder if map_index < 0 else f"{folder}/map_index={map_index}"


def links(
    public_url: str,
    dag_id: str,
    run_id: str,
    task_id: str,
    try_number: int,
    map_index: int = -1,
) -> dict[str, str]:
    """Return addresses on the Hub's page, or in JupyterLab, as the front end reads them."""
    page = f"/dags/{quote(dag_id, safe='')}/grid"
    run = {"run": run_id}
    task = {**run, "task": task_id, **({"map": map_index} if map_index >= 0 else {})}
    one_try = {**task, "try": try_number}
    return {
        "run_url": _address(public_url, f"{page}?{urlencode(run)}"),
        "log_url": _address(public_url, f"{page}?{urlencode(one_try)}"),
        "mark_success_url": _address(public_url, f"{page}?{urlencode(task)}"),
    }


def _address(public_url: str, place: str) -> str:
    """Return the address of a place; JupyterLab has it in its query, the Hub's page after `#`."""
    root = public_url.rstrip("/")
    return f"{root}?hubflow={quote(place)}" if root.endswith("/lab") else f"{root}/#{place}"


def callback_path(dag_id: str, name: str, execution_date: datetime) -> str:
    """Return the path of the log of a callback, beside the folders of the DAG's tasks."""
    return f"{dag_id}/.callbacks/{name}/{isoformat(execution_date)}.log"


def open_for_append(logs: Path, relative: str) -> int:
    """Open the log for appending and return its file descriptor; makes the folders."""
    path = logs / relative
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)


def read_page(logs: Path, relative: str, offset: int, limit: int = PAGE_BYTES) -> LogPage:
    """Read up to ``limit`` bytes from ``offset``; a missing file is an empty page.

    A negative ``offset`` counts from the end. A page never ends inside a UTF-8 character,
    unless the file itself does.
    """
    path = logs / relative
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            start = max(0, size + offset) if offset < 0 else min(offset, size)
            file.seek(start)
            data = file.read(limit)
    except FileNotFoundError:
        return LogPage("", 0, 0)
    if start + len(data) < size:
        data = _whole_characters(data)
    return LogPage(data.decode("utf-8", "replace"), start + len(data), size)


def remove_run(logs: Path, dag_id: str, task_ids: Iterable[str], execution_date: datetime) -> None:
    """Remove all logs of a run, and folders that are empty then."""
    date = isoformat(execution_date)
    for task_id in task_ids:
        shutil.rmtree(logs / dag_id / task_id / date, ignore_errors=True)
        _remove_empty(logs / dag_id / task_id, logs)
    for callback in (logs / dag_id / ".callbacks").glob(f"*/{date}.log"):
        callback.unlink(missing_ok=True)
        _remove_empty(callback.parent, logs)


def remove_files(root: Path, paths: Iterable[str]) -> None:
    """Remove files below ``root``, and folders that are empty then; what lies outside stays."""
    top = root.resolve()
    for path in paths:
        file = (top / path).resolve()
        if file.is_relative_to(top) and file.is_file():
            file.unlink(missing_ok=True)
            _remove_empty(file.parent, top)


def _remove_empty(folder: Path, top: Path) -> None:
    """Remove a folder if it is empty, and then those above it, up to ``top``."""
    with contextlib.suppress(OSError):
        while folder != top:
            folder.rmdir()
            folder = folder.parent


def _whole_characters(data: bytes) -> bytes:
    """Cut an incomplete UTF-8 character off the end."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte < 0x80:
            return data
        if byte >= 0xC0:
            needed = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return data if back >= needed else data[:-back]
    return data
