"""Say of every DAG file in a folder whether it runs here: imports all of them, stores nothing."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from hubflow.config import Dags
from hubflow.errors import BadRequest
from hubflow.parsing import finder, source
from hubflow.parsing.isolate import Importer
from hubflow.parsing.report import Failure, Parsed
from hubflow.questions import Question

OK, NEEDS, ERROR = "ok", "needs", "error"


class FileCheck(msgspec.Struct, kw_only=True):
    """One file. `status` is "ok", "needs" or "error".

    `needs` is what the file, or a task of it, wants that is not here. `line` is where, in the file.
    """

    file: str
    status: str
    needs: list[str] = []
    line: int | None = None
    message: str | None = None
    dags: list[str] = []


async def check(
    folder: Path,
    settings: Dags,
    wanted: Callable[[str], bool],
    answer: Callable[[Question], Any],
) -> list[FileCheck]:
    """Check the DAG files of ``folder`` whose path is wanted, several at once; sorted by path.

    Files that do not look like DAG files are left out, as the processor does. ``answer`` answers
    what files ask while they are imported; it is called in a thread.
    """
    importer = Importer(folder, settings, answer)
    paths = [p for p in finder.scan(folder) if finder.may_be_dag_file(p) and wanted(p)]
    at_once = asyncio.Semaphore((os.cpu_count() or 1) + 1)

    async def one(path: str) -> FileCheck | None:
        async with at_once:
            return await _check(importer, folder, path, safe_mode=settings.safe_mode)

    try:
        found = await asyncio.gather(*map(one, paths))
    finally:
        await importer.close()
    return _without_twins([row for row in found if row is not None])


def scope(target: Path, dags: Path) -> tuple[Path, Callable[[str], bool]]:
    """Return the DAG folder for a path on the command line, and which files of it are meant.

    Below the configured DAG folder that one counts: its files import each other from there. Raises
    BadRequest if there is no such path.
    """
    target = target.resolve()
    if not target.exists():
        raise BadRequest(f"there is no {target}")
    around = target if target.is_dir() else target.parent
    folder = dags if target.is_relative_to(dags) else around
    inside = target.relative_to(folder).as_posix()
    if inside == ".":
        return folder, lambda path: True
    return folder, lambda path: path == inside or path.startswith(f"{inside}/")


async def _check(
    importer: Importer, folder: Path, path: str, *, safe_mode: bool
) -> FileCheck | None:
    try:
        text = source.read(folder, path).text
    except (source.Unreadable, FileNotFoundError) as exc:
        return FileCheck(file=path, status=ERROR, message=str(exc))
    if not finder.is_dag_file(path, text, safe_mode=safe_mode):
        return None
    report, _ = await importer.load(path, text)
    if isinstance(report, Failure):
        return _of_failure(path, report)
    return _of_dags(path, report)


def _of_failure(path: str, failure: Failure) -> FileCheck:
    return FileCheck(
        file=path,
        status=NEEDS if failure.needs else ERROR,
        needs=failure.needs,
        line=failure.line,
        message=failure.message,
    )


def _of_dags(path: str, parsed: Parsed) -> FileCheck:
    return FileCheck(
        file=path,
        status=NEEDS if parsed.needs else OK,
        needs=parsed.needs,
        message=f"tasks need {'; '.join(parsed.needs)}" if parsed.needs else None,
        dags=[dag.dag_id for dag in parsed.dags],
    )


def _without_twins(rows: list[FileCheck]) -> list[FileCheck]:
    """Make an error of the second file that defines a DAG: only one of them can count."""
    owner: dict[str, str] = {}
    for row in rows:
        for dag_id in row.dags:
            first = owner.setdefault(dag_id, row.file)
            if first != row.file:
                row.status = ERROR
                row.message = f"DAG {dag_id!r} is defined in {first} and in {row.file}"
    return rows
