"""Versions of a DAG: list, show, and what differs between two."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

import msgspec
from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.db.queries import dag_versions as queries
from hubflow.db.queries import dags
from hubflow.errors import VersionNotFound
from hubflow.serialization.model import SerializedDag, SerializedTask
from hubflow.services.access import Actor, Permission
from hubflow.services.dto import (
    DagVersionDiffDto,
    DagVersionDto,
    DagVersionsDto,
    FieldChangeDto,
    TaskChangeDto,
)
from hubflow.services.unit import Backend, reading

_OF_DAG = tuple(name for name in SerializedDag.__struct_fields__ if name not in ("format", "tasks"))
# A plain command is also among the `fields`.
_OF_TASK = tuple(name for name in SerializedTask.__struct_fields__ if name != "bash")


def list_page(
    backend: Backend, actor: Actor, dag_id: str, limit: int, offset: int
) -> DagVersionsDto:
    """Return a page of the versions of a DAG, newest first. Raises DagNotFound."""
    with reading(backend, actor, Permission.DAGS_READ) as session:
        dag = dags.get(session, dag_id)
        rows, total = queries.list_page(session, dag, limit=limit, offset=offset)
        return DagVersionsDto(
            dag_versions=[_shape(backend, session, dag, row) for row in rows],
            total_entries=total,
        )


def get(backend: Backend, actor: Actor, dag_id: str, number: int) -> DagVersionDto:
    """Return one version. Raises DagNotFound, VersionNotFound."""
    with reading(backend, actor, Permission.DAGS_READ) as session:
        dag = dags.get(session, dag_id)
        return _shape(backend, session, dag, _row(session, dag, number))


def diff(backend: Backend, actor: Actor, dag_id: str, before: int, after: int) -> DagVersionDiffDto:
    """Return what differs between two versions. Raises DagNotFound, VersionNotFound."""
    with reading(backend, actor, Permission.DAGS_READ) as session:
        dag = dags.get(session, dag_id)
        rows = [_row(session, dag, number) for number in (before, after)]
        texts = [queries.source_text(session, row.source_id) for row in rows]
        empty = SerializedDag(dag_id=dag_id, path="")
        old, new = (backend.versions.find(session, row.id) or empty for row in rows)
    old_tasks, new_tasks = ({task.task_id: task for task in one.tasks} for one in (old, new))
    changed = [
        TaskChangeDto(task_id=task_id, fields=fields)
        for task_id, task in new_tasks.items()
        if task_id in old_tasks and (fields := _changes(old_tasks[task_id], task, _OF_TASK))
    ]
    return DagVersionDiffDto(
        dag_id=dag_id,
        before=before,
        after=after,
        tasks_added=[task_id for task_id in new_tasks if task_id not in old_tasks],
        tasks_removed=[task_id for task_id in old_tasks if task_id not in new_tasks],
        tasks_changed=changed,
        dag_changed=_changes(old, new, _OF_DAG),
        source_diff=_unified(*texts, names=(f"{old.path} v{before}", f"{new.path} v{after}")),
    )


def _row(session: Session, dag: orm.Dag, number: int) -> orm.DagVersion:
    found = queries.find(session, dag, number)
    if found is None:
        raise VersionNotFound(f"DAG {dag.dag_id!r} has no version {number}")
    return found


def _shape(backend: Backend, session: Session, dag: orm.Dag, row: orm.DagVersion) -> DagVersionDto:
    version = backend.versions.find(session, row.id)
    return DagVersionDto(
        dag_id=dag.dag_id,
        version_number=row.number,
        created_at=row.created_at,
        is_current=row.id == dag.version_id,
        task_count=len(version.tasks) if version else 0,
        runs=queries.count_runs(session, row),
    )


def _changes(
    old: msgspec.Struct, new: msgspec.Struct, names: Iterable[str]
) -> list[FieldChangeDto]:
    """Compare two structs of one kind field by field."""
    found = []
    for name in names:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            found.append(FieldChangeDto(name=name, before=_text(before), after=_text(after)))
    return found


def _text(value: object) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


def _unified(before: str, after: str, *, names: tuple[str, str]) -> str:
    return "".join(
        line if line.endswith("\n") else f"{line}\n"
        for line in difflib.unified_diff(
            before.splitlines(keepends=True), after.splitlines(keepends=True), *names
        )
    )
