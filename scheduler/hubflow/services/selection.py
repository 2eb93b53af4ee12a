"""From what a caller names to DAG runs and task ids; raises what is wrong with the names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hubflow.clock import isoformat
from hubflow.db import orm
from hubflow.db.queries import dag_runs
from hubflow.db.queries.windows import Window
from hubflow.errors import BadRequest, DagRunNotFound, TaskNotFound
from hubflow.rules.clearing import Spread, date_range
from hubflow.services.change_plan import DagNow


def runs_around(
    session: Session, dag: orm.Dag, run: orm.DagRun, spread: Spread
) -> Sequence[orm.DagRun]:
    """Return a run, with the earlier or later ones that ``spread`` asks for."""
    if not (spread.past or spread.future):
        return [run]
    return dag_runs.list_between(session, dag.id, *date_range(run.execution_date, spread))


def runs_between(
    session: Session, dag: orm.Dag, first: datetime | None, last: datetime | None
) -> Sequence[orm.DagRun]:
    """Return the runs in a range of dates; raises BadRequest for a range without sense."""
    for name, value in (("start_date", first), ("end_date", last)):
        refuse_naive(name, value)
    if first and last and last < first:
        raise BadRequest("end_date is before start_date; swap them")
    return dag_runs.list_between(session, dag.id, first, last)


def run_named(
    session: Session, dag: orm.Dag, run_id: str | None, date: datetime | None
) -> orm.DagRun:
    """Return the run with this id or date; raises DagRunNotFound, BadRequest."""
    refuse_naive("execution_date", date)
    if (run_id is None) == (date is None):
        raise BadRequest("name the run by dag_run_id or by execution_date, and not by both")
    if run_id is not None:
        return dag_runs.get(session, dag.dag_id, run_id).run
    assert date is not None
    found = dag_runs.find_dated(session, dag.id, date)
    if found is None:
        raise DagRunNotFound(dag.dag_id, isoformat(date))
    return found


def require_tasks(dag: DagNow, task_ids: Sequence[str]) -> None:
    """Raise TaskNotFound for the first task id that the DAG does not have."""
    tasks = dag.tasks
    for task_id in task_ids:
        if task_id not in tasks:
            raise TaskNotFound(dag.row.dag_id, task_id)


def windows_of(asked: Any, names: Sequence[str]) -> dict[str, Window]:
    """Return the windows that `<name>_gte` and `<name>_lte` of a query or body make.

    Raises BadRequest for a date without an offset.
    """
    found = {}
    for name in names:
        bounds = [getattr(asked, f"{name}_{side}") for side in ("gte", "lte")]
        for side, bound in zip(("gte", "lte"), bounds, strict=True):
            refuse_naive(f"{name}_{side}", bound)
        found[name] = Window(*bounds)
    return found


def refuse_naive(name: str, value: datetime | None) -> None:
    """Raise BadRequest for a date that says no offset from UTC."""
    if value is not None and value.tzinfo is None:
        raise BadRequest(
            f"{name} has no time zone; write it with an offset, such as {value.isoformat()}+00:00"
        )
