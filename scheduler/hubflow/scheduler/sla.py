"""Deadlines: a task that is not done in time is recorded once, while it still runs, and told.

Only scheduled runs have deadlines. `dag_run.sla_at` says when to look at a run next, so a new
scheduler knows what to watch, and a run that failed before its deadline is still watched.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from hubflow.clock import isoformat
from hubflow.config import Email
from hubflow.db import orm
from hubflow.db.queries import alert_store, sla_store, task_moves
from hubflow.execution.messages import Callback, Launch, TryKey
from hubflow.rules.sla import Deadline, deadlines, is_worth_telling, judge
from hubflow.scheduler import alerts, dispatch
from hubflow.scheduler.changes import Changes
from hubflow.scheduler.world import DagEntry, Version, World
from hubflow.states import TaskState
from hubflow.tasklog import callback_path

SLA_MISS = "sla_miss"


def watch(world: World, session: Session, run: orm.DagRun, version: Version | None) -> None:
    """Begin to watch a new scheduled run, if its DAG has deadlines."""
    if version is None or not version.timetable.is_periodic:
        return
    if due := deadlines(version.slas, run.data_interval_end):
        _look_at(world, session, run.id, due[0].at)


def restore(world: World, session: Session) -> None:
    """Take in what an earlier scheduler watched."""
    for key, at in sla_store.list_watched(session).items():
        world.due.set(("sla", key), at)


def check(world: World, session: Session, changes: Changes, run_key: int, settings: Email) -> None:
    """A deadline of a run has come: record and tell what is late, and when to look again."""
    row = sla_store.find_run(session, run_key)
    entry = world.dags.get(row.dag_id) if row else None
    version = _version(world, session, row, entry)
    if row is None or entry is None or version is None:
        return
    states = _states(world, session, run_key)
    verdict = judge(deadlines(version.slas, row.data_interval_end), states, changes.at)
    known = sla_store.recorded(session, entry.key, row.execution_date)
    new = [late for late in verdict.missed if late.task_id not in known]
    misses = [_miss(entry, row, late, changes.at) for late in new]
    sla_store.add(session, misses)
    told = [miss for miss in misses if _is_worth_telling(session, row, miss, settings)]
    if told:
        _tell(entry, row, version, changes, told, states)
    _look_at(world, session, run_key, verdict.next_at)
    changes.dags.extend([entry.dag_id] if misses else [])


def _is_worth_telling(
    session: Session, row: orm.DagRun, miss: orm.SlaMiss, settings: Email
) -> bool:
    max_age = timedelta(hours=settings.sla_alert_max_age_h)
    came_late = row.queued_at >= miss.deadline
    was_busy = came_late and sla_store.was_busy(session, row, miss.deadline)
    return is_worth_telling(miss.deadline, row.queued_at, miss.at, max_age, was_busy=was_busy)


def _look_at(world: World, session: Session, run_key: int, at: datetime | None) -> None:
    sla_store.set_next(session, run_key, at)
    world.due.set(("sla", run_key), at)


def _version(
    world: World, session: Session, row: orm.DagRun | None, entry: DagEntry | None
) -> Version | None:
    """Return the version that a run has, or will have once it starts."""
    key = (row.dag_version_id if row else None) or (entry.version_id if entry else None)
    return world.version(session, key) if key else None


def _states(world: World, session: Session, run_key: int) -> dict[str, TaskState]:
    """Return the states of a run's tasks: what this turn has moved counts already."""
    states = task_moves.states_of(session, run_key)
    if run := world.runs.get(run_key):
        now = {task_id: run.state_of(task_id) for task_id in states}
        states |= {task_id: state for task_id, state in now.items() if state is not None}
    return states


def _miss(entry: DagEntry, row: orm.DagRun, late: Deadline, at: datetime) -> orm.SlaMiss:
    return orm.SlaMiss(
        dag_id=entry.key,
        task_id=late.task_id,
        execution_date=row.execution_date,
        deadline=late.at,
        at=at,
        email_sent=False,
        notification_sent=False,
    )


def _tell(
    entry: DagEntry,
    row: orm.DagRun,
    version: Version,
    changes: Changes,
    misses: Sequence[orm.SlaMiss],
    states: dict[str, TaskState],
) -> None:
    """One mail to everybody concerned, and one call of the DAG's callback."""
    tasks = {task.task_id: task for task in version.dag.tasks}
    late = {miss.task_id for miss in misses}
    to = sorted({address for task_id in late for address in tasks[task_id].email})
    blocking = [t for t in tasks if states.get(t) not in (TaskState.SUCCESS, TaskState.SKIPPED)]
    facts: dict[str, Any] = {
        "dag_id": entry.dag_id,
        "run_id": row.run_id,
        "execution_date": isoformat(row.execution_date),
        "tasks": sorted(late),
        "deadlines": {miss.task_id: isoformat(miss.deadline) for miss in misses},
        "blocking": [{"task_id": t, "state": states.get(t, TaskState.NONE)} for t in blocking],
    }
    keys = [miss.id for miss in misses]
    if to:
        changes.alerts.append(_alert(alert_store.MAIL, entry, row, keys, to=to, facts=facts))
    if SLA_MISS in version.dag.callbacks:
        order = _order(entry, row, version, min(late), facts)
        data = msgspec.to_builtins(order)
        changes.alerts.append(_alert(alert_store.CALLBACK, entry, row, keys, launch=data))


def _order(
    entry: DagEntry, row: orm.DagRun, version: Version, task_id: str, facts: dict[str, Any]
) -> Launch:
    return Launch(
        key=TryKey(0, 0),
        dag_id=entry.dag_id,
        task_id=task_id,
        run_id=row.run_id,
        path=version.dag.path,
        source_hash=version.source_hash,
        log_path=callback_path(entry.dag_id, SLA_MISS, row.execution_date),
        max_tries=1,
        timeout_s=alerts.CALLBACK_TIMEOUT_S,
        callback=Callback(
            name=SLA_MISS,
            reason=SLA_MISS,
            data=facts,
            run_state=row.state,
            run_end_date=row.end_date,
        ),
        context=dispatch.context_of(row, version.timetable),
    )


def _alert(
    kind: str, entry: DagEntry, row: orm.DagRun, misses: list[int], **data: Any
) -> dict[str, Any]:
    return {
        "kind": kind,
        "reason": SLA_MISS,
        "dag_id": entry.key,
        "dag_run_id": row.id,
        "task_instance_id": None,
        "try_number": None,
        "data": {**data, "misses": misses},
    }
