"""Where the executed notebook of a try lies."""

from __future__ import annotations

from pathlib import Path

from hubflow import tasklog
from hubflow.db.queries import dag_runs, task_instances
from hubflow.errors import NotFound
from hubflow.services.access import Actor, Permission
from hubflow.services.unit import Backend, reading

KIND = "notebook"


def find(
    backend: Backend,
    actor: Actor,
    dag_id: str,
    run_id: str,
    task_id: str,
    try_number: int,
    map_index: int | None = None,
) -> Path:
    """Return the executed notebook, also while it still runs.

    Raises DagRunNotFound, TaskNotFound, NotFound.
    """
    with reading(backend, actor, Permission.DAGS_READ) as session:
        run = dag_runs.get(session, dag_id, run_id).run
        instance = task_instances.get(session, run, dag_id, task_id, map_index)
        tried = task_instances.find_try(session, instance, try_number)
    kept = (tried.artifacts or {}).get(KIND) if tried else None
    expected = tasklog.notebook_path(
        dag_id, task_id, run.execution_date, try_number, instance.map_index
    )
    root = backend.paths.artifacts.resolve()
    file = (root / (kept or expected)).resolve()
    if not file.is_relative_to(root) or not file.is_file():
        raise NotFound(f"try {try_number} of task {task_id!r} in run {run_id!r} left no notebook")
    return file
