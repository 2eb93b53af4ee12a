"""Task instances and their tries, for reading."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.db.queries.paging import directed
from hubflow.errors import InstanceNotFound, TaskNotFound
from hubflow.states import HELD, TaskState

# Keys in one SELECT: far below what any database takes.
AT_ONCE = 500


def get(
    session: Session, run: orm.DagRun, dag_id: str, task_id: str, map_index: int | None = None
) -> orm.TaskInstance:
    """Return the instance of a task in a run, the first one if it has several.

    Raises TaskNotFound, InstanceNotFound.
    """
    query = select(orm.TaskInstance).where(
        orm.TaskInstance.dag_run_id == run.id, orm.TaskInstance.task_id == task_id
    )
    if map_index is not None:
        query = query.where(orm.TaskInstance.map_index == map_index)
    found = session.scalar(query.order_by(orm.TaskInstance.map_index).limit(1))
    if found is None:
        if map_index is not None:
            get(session, run, dag_id, task_id)
            raise InstanceNotFound(task_id, map_index, run.run_id)
        raise TaskNotFound(dag_id, task_id)
    return found


class MappedInstances(NamedTuple):
    """The instances of a mapped task in a run: their indexes by state, and names of some."""

    indexes: dict[TaskState, list[int]]
    names: dict[int, str]


def list_mapped(session: Session, run: orm.DagRun, task_id: str) -> MappedInstances:
    """Return the instances of a mapped task in a run, in order; none of other tasks."""
    found = MappedInstances({}, {})
    instance = orm.TaskInstance
    rows = session.execute(
        select(instance.state, instance.map_index, instance.display_name)
        .where(
            orm.TaskInstance.dag_run_id == run.id,
            orm.TaskInstance.task_id == task_id,
            orm.TaskInstance.map_index >= 0,
        )
        .order_by(orm.TaskInstance.map_index)
    )
    for state, index, name in rows:
        found.indexes.setdefault(state, []).append(index)
        if name is not None:
            found.names[index] = name
    return found


def states_of(session: Session, keys: Collection[int]) -> dict[int, TaskState]:
    """Return the states of the instances with these primary keys that are there."""
    if not keys:
        return {}
    rows = session.execute(
        select(orm.TaskInstance.id, orm.TaskInstance.state).where(orm.TaskInstance.id.in_(keys))
    )
    return {key: state for key, state in rows}


def list_of_runs(session: Session, run_keys: Sequence[int]) -> dict[int, list[orm.TaskInstance]]:
    """Return the task instances of these runs, by run, in the order of their creation."""
    found: dict[int, list[orm.TaskInstance]] = {key: [] for key in run_keys}
    rows = session.scalars(
        select(orm.TaskInstance)
        .where(orm.TaskInstance.dag_run_id.in_(run_keys))
        .order_by(orm.TaskInstance.id)
    )
    for instance in rows:
        found[instance.dag_run_id].append(instance)
    return found


def list_cells(session: Session, run_keys: Sequence[int]) -> dict[int, list[Any]]:
    """Return what a grid shows of the task instances of these runs, by run, as plain rows.

    They may be a hundred thousand, which as objects of the ORM take three times as long.
    """
    found: dict[int, list[Any]] = {key: [] for key in run_keys}
    instance = orm.TaskInstance
    rows = session.execute(
        select(
            instance.dag_run_id,
            instance.task_id,
            instance.map_index,
            instance.state,
            instance.try_number,
            instance.max_tries,
            instance.queued_at,
            instance.start_date,
            instance.end_date,
            instance.retry_at,
        )
        .where(instance.dag_run_id.in_(run_keys))
        .order_by(instance.dag_run_id, instance.id)
    )
    for row in rows:
        found[row[0]].append(row)
    return found


def list_selected(
    session: Session, run_keys: Sequence[int], task_ids: Collection[str] | None
) -> dict[int, list[orm.TaskInstance]]:
    """Return the instances of these tasks (None: all) by run; reads them anew."""
    found: dict[int, list[orm.TaskInstance]] = {key: [] for key in run_keys}
    for start in range(0, len(run_keys), AT_ONCE):
        query = select(orm.TaskInstance).where(
            orm.TaskInstance.dag_run_id.in_(run_keys[start : start + AT_ONCE])
        )
        if task_ids is not None and len(task_ids) <= AT_ONCE:
            query = query.where(orm.TaskInstance.task_id.in_(task_ids))
        query = query.order_by(orm.TaskInstance.id).execution_options(populate_existing=True)
        for row in session.scalars(query):
            if task_ids is None or row.task_id in task_ids:
                found[row.dag_run_id].append(row)
    return found


def list_tries(session: Session, instance: orm.TaskInstance) -> Sequence[orm.TaskTry]:
    """Return the tries of a task instance, first one first."""
    return session.scalars(
        select(orm.TaskTry)
        .where(orm.TaskTry.task_instance_id == instance.id)
        .order_by(orm.TaskTry.try_number)
    ).all()


def find_try(session: Session, instance: orm.TaskInstance, try_number: int) -> orm.TaskTry | None:
    """Return one try of a task instance, or None if it has not started."""
    return session.scalar(
        select(orm.TaskTry).where(
            orm.TaskTry.task_instance_id == instance.id, orm.TaskTry.try_number == try_number
        )
    )


def list_failures(
    session: Session, run_keys: Sequence[int]
) -> dict[int, tuple[orm.TaskInstance, str | None]]:
    """Return the failed task that ended first in each of these runs, with its last error."""
    instance, tried = orm.TaskInstance, orm.TaskTry
    rows = session.execute(
        select(instance, tried.error)
        .outerjoin(
            tried,
            (tried.task_instance_id == instance.id) & (tried.try_number == instance.try_number),
        )
        .where(instance.dag_run_id.in_(run_keys), instance.state == TaskState.FAILED)
        .order_by(*directed("-", instance.end_date, instance.id))
    )
    return {found.dag_run_id: (found, error) for found, error in rows}


def count_held(session: Session, dag_key: int) -> int:
    """Count the task instances of a DAG that a worker has, or will have."""
    query = (
        select(func.count())
        .select_from(orm.TaskInstance)
        .join(orm.DagRun, orm.DagRun.id == orm.TaskInstance.dag_run_id)
        .where(orm.DagRun.dag_id == dag_key, orm.TaskInstance.state.in_(HELD))
    )
    return session.scalar(query) or 0


def count_by_state(session: Session, states: Sequence[TaskState]) -> dict[TaskState, int]:
    """Count the task instances in each of these states."""
    rows = session.execute(
        select(orm.TaskInstance.state, func.count())
        .where(orm.TaskInstance.state.in_(states))
        .group_by(orm.TaskInstance.state)
    )
    counted = {state: count for state, count in rows}
    return {state: counted.get(state, 0) for state in states}
