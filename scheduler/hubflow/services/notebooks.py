"""Look into a notebook, and schedule it: write a readable DAG file that runs it."""

from __future__ import annotations

import keyword
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from hubflow import timetable
from hubflow.clock import utcnow
from hubflow.db.queries import dag_files, dags, import_failures
from hubflow.errors import (
    BadRequest,
    DagExists,
    DagImportError,
    DagNotFound,
    KernelUnknown,
    NotebookInvalid,
    ScheduleInvalid,
)
from hubflow.services import dag_runs, kernels, notebook_dag, notebook_file
from hubflow.services import dags as dag_service
from hubflow.services.access import Actor, Permission, require
from hubflow.services.dto import (
    NotebookDto,
    PatchDag,
    ScheduledNotebookDto,
    ScheduleNotebook,
    TriggerRun,
)
from hubflow.services.notebook_dag import NotebookDag, WrittenDag
from hubflow.services.notebook_file import Notebook
from hubflow.services.notebook_parameters import read_parameters
from hubflow.services.unit import Backend, changing, reading
from hubflow.workspace_paths import resolve_inside, resolve_notebook

TEMPLATE_MARKS = ("{{", "{%", "{#")


class Scheduled(NamedTuple):
    """A notebook whose DAG file is written and waits to be read by the DAG processor."""

    dag: WrittenDag
    starts_now: bool


def inspect(backend: Backend, actor: Actor, path: str) -> NotebookDto:
    """Describe a notebook. Raises PathOutsideWorkspace, NotebookInvalid."""
    require(actor, Permission.DAGS_READ)
    relative, notebook = _read(backend, path)
    known = kernels.installed()
    cell = notebook.parameters_cell
    with reading(backend, actor, Permission.DAGS_READ) as session:
        scheduled_as = _scheduled_as(backend, session, relative)
    return NotebookDto(
        path=relative,
        kernel_name=notebook.kernel_name,
        kernel_display_name=known.get(notebook.kernel_name, notebook.kernel_display_name),
        kernel_installed=notebook.kernel_name in known,
        cells=len(notebook.cells),
        code_cells=sum(cell.cell_type == "code" for cell in notebook.cells),
        has_parameters_cell=cell is not None,
        parameters=read_parameters(cell.text, notebook.language) if cell else [],
        suggested_dag_id=notebook_dag.suggested_id(relative),
        scheduled_as=scheduled_as,
    )


def schedule(backend: Backend, actor: Actor, body: ScheduleNotebook) -> Scheduled:
    """Write the DAG file. Raises BadRequest and its children, DagExists."""
    require(actor, Permission.NOTEBOOKS_SCHEDULE)
    relative, notebook = _read(backend, body.path)
    _check_kernel(relative, notebook)
    _check_numbers(body)
    _check_names(body, notebook)
    output = _relative(backend, body.output) if body.output else None
    text, start = _when(body, utcnow())
    with changing(backend, actor, Permission.NOTEBOOKS_SCHEDULE, "schedule_notebook") as unit:
        dag = NotebookDag(
            dag_id=_choose_id(backend, unit.session, body.dag_id, relative),
            notebook=relative,
            description=body.description or f"Runs the notebook {relative}",
            schedule=text,
            start_date=start,
            timezone=body.timezone,
            owner=actor.name,
            parameters=body.parameters,
            output=output,
            retries=body.retries,
            retry_delay_s=_plain(body.retry_delay_s),
            timeout_s=_plain(body.timeout_s or backend.settings.notebook_timeout_s),
        )
        written = notebook_dag.write(backend.paths.dags, dag)
        unit.note(extra={"notebook": relative, "dag_id": dag.dag_id, "file": written.path})
    return Scheduled(written, body.when == "now")


def find_indexed(backend: Backend, scheduled: Scheduled) -> str | None:
    """Return the DAG id once the DAG processor has read the file. Raises DagImportError."""
    dag = scheduled.dag
    with backend.database.read() as session:
        found = dag_files.find_dag_of_text(session, dag.path, dag.sha256)
        if found is not None:
            return found.dag_id
        failure = import_failures.find_for_text(session, dag.path, dag.sha256)
    if failure is not None:
        raise DagImportError(dag.path, f"{dag.path}: {failure.message}", line=failure.line)
    return None


def start(backend: Backend, actor: Actor, scheduled: Scheduled) -> ScheduledNotebookDto:
    """Turn the indexed DAG on, and run it if that was asked for."""
    dag_id, run_id = scheduled.dag.dag_id, None
    with backend.database.read() as session:
        is_paused = dags.get(session, dag_id).is_paused
    if is_paused:  # scheduled before, then paused
        dag_service.patch(backend, actor, dag_id, PatchDag(is_paused=False))
    if scheduled.starts_now:
        run_id = dag_runs.trigger(backend, actor, dag_id, TriggerRun()).dag_run_id
    return ScheduledNotebookDto(dag_id=dag_id, path=scheduled.dag.path, run_id=run_id)


def _read(backend: Backend, path: str) -> tuple[str, Notebook]:
    """Return the path relative to common_workspace, and the notebook there."""
    file = resolve_notebook(backend.paths.common_workspace, path)
    relative = file.relative_to(backend.paths.common_workspace.resolve()).as_posix()
    _check_plain("path", relative)
    return relative, notebook_file.read(file, relative)


def _relative(backend: Backend, path: str) -> str:
    root = backend.paths.common_workspace
    target = resolve_inside(root, path)
    if target.suffix != ".ipynb":
        raise BadRequest(f"output: {path!r} does not end in .ipynb")
    _check_plain("output", path)
    return target.relative_to(root.resolve()).as_posix()


def _check_plain(name: str, path: str) -> None:
    """Refuse a path that the operator would take for a template."""
    if any(mark in path for mark in TEMPLATE_MARKS):
        raise BadRequest(
            f"{name}: {path!r} contains one of {', '.join(TEMPLATE_MARKS)}; rename the notebook"
        )


def _check_kernel(path: str, notebook: Notebook) -> None:
    if not notebook.kernel_name:
        raise NotebookInvalid(
            f"{path!r} names no kernel; open it in JupyterLab, choose a kernel and save it"
        )
    known = kernels.installed()
    if notebook.kernel_name not in known:
        raise KernelUnknown(path, notebook.kernel_name, list(known))


def _check_numbers(body: ScheduleNotebook) -> None:
    for name in ("retries", "retry_delay_s", "timeout_s"):
        value = getattr(body, name)
        if not 0 <= value <= timedelta(days=365).total_seconds():
            raise BadRequest(f"{name}: {value} is out of range")


def _check_names(body: ScheduleNotebook, notebook: Notebook) -> None:
    if not notebook.language.startswith("python"):
        return
    for name in body.parameters:
        if not name.isidentifier() or keyword.iskeyword(name):
            raise BadRequest(f"parameters: {name!r} is no name that a notebook can assign to")


def _when(body: ScheduleNotebook, now: datetime) -> tuple[str | None, datetime]:
    """Return the schedule as text, and the start date in the time zone of the request.

    A cron schedule starts at its last tick: its first run is then due at the next one, which
    is what the dialog has shown. Raises ScheduleInvalid, BadRequest.
    """
    zone = timetable.zone(body.timezone)
    if body.when == "now":
        return None, now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if body.when == "once":
        return "@once", _checked_at(body.at, now).astimezone(zone)
    if body.when == "cron":
        table = timetable.parse(body.cron or "", timezone=body.timezone)
        if not table.is_periodic:
            raise ScheduleInvalid(f"{body.cron!r} does not repeat; choose once or now instead")
        last = table.previous_tick(now + timedelta(microseconds=1))
        return body.cron, (last or now).astimezone(zone)
    raise BadRequest(f"when: {body.when!r} is none of 'now', 'once' and 'cron'")


def _checked_at(at: datetime | None, now: datetime) -> datetime:
    if at is None:
        raise BadRequest("at: once needs a time")
    if at.year not in dag_runs.YEARS:
        raise BadRequest(f"at: must lie between 1900 and 9000, not in the year {at.year}")
    if at.tzinfo is None:
        raise BadRequest(f"at: {at.isoformat()} has no time zone; write it with an offset")
    if at < now:
        raise BadRequest(f"at: {at.isoformat()} is past; choose a later time, or run it now")
    return at


def _choose_id(backend: Backend, session: Session, wanted: str | None, notebook: str) -> str:
    """Return the given id if it is free or already runs this notebook, else a free one."""
    if wanted is not None:
        path = notebook_dag.path_of(notebook_dag.checked_id(wanted))
        if (other := _path_of_dag(session, wanted)) not in {None, path}:
            raise DagExists(wanted, other or "")
        return wanted
    base = notebook_dag.suggested_id(notebook)
    number = 1
    while True:
        candidate = base if number == 1 else f"{base}_{number}"
        is_file = (backend.paths.dags / notebook_dag.path_of(candidate)).exists()
        if not is_file and _path_of_dag(session, candidate) is None:
            return candidate
        number += 1


def _path_of_dag(session: Session, dag_id: str) -> str | None:
    try:
        return dag_files.path_of(session, dags.get(session, dag_id))
    except DagNotFound:
        return None


def _scheduled_as(backend: Backend, session: Session, notebook: str) -> list[str]:
    """Return the ids of active DAGs made by scheduling this notebook."""
    found = dags.list_of_kind(session, "notebook")
    versions = backend.versions.get_many(session, [dag.version_id for dag in found])
    return [
        dag.dag_id
        for dag in found
        if (version := versions.get(dag.version_id or 0))
        and any(
            task.notebook
            and task.notebook.input_notebook.removeprefix("common_workspace/") == notebook
            for task in version.tasks
        )
    ]


def _plain(seconds: float) -> float:
    """Return 300.0 as 300, which reads better in the generated file."""
    return int(seconds) if float(seconds).is_integer() else seconds
