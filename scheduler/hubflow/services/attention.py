"""What needs a person: failed runs, broken files, late and stuck tasks, alerts that failed."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from sqlalchemy.orm import Session

from hubflow.clock import utcnow
from hubflow.db import orm
from hubflow.db.queries import (
    alert_store,
    alerts,
    dag_runs,
    dag_switch,
    dags,
    import_failures,
    pools,
    task_instances,
)
from hubflow.rules.limits import pool_obstacle, queue_obstacle
from hubflow.services import health
from hubflow.services.access import Actor, Permission
from hubflow.services.dto import AttentionDto, AttentionItemDto
from hubflow.services.unit import Backend, reading
from hubflow.states import RunReason

MOST = 100
_WHY = {
    RunReason.DEADLOCKED.value: "no task that was left could ever run",
    RunReason.TIMED_OUT.value: "the run took longer than its dagrun_timeout",
}
RECENT = timedelta(days=1)


def list_items(backend: Backend, actor: Actor) -> AttentionDto:
    """Return what needs a person, newest first."""
    with reading(backend, actor, Permission.DAGS_READ) as session:
        items = [
            *_failed_runs(session),
            *_broken_files(session),
            *_late_tasks(session),
            *_unsent_alerts(session),
            *_stuck_tasks(session),
        ]
        items.sort(key=lambda item: item.at, reverse=True)
        return AttentionDto(items=_named(session, items[:MOST]))


def _named(session: Session, items: list[AttentionItemDto]) -> list[AttentionItemDto]:
    """Call DAGs as their authors do."""
    names = dags.display_names(session, {item.dag_id for item in items if item.dag_id is not None})
    return [
        msgspec.structs.replace(item, title=names.get(item.dag_id or "", item.title))
        for item in items
    ]


def _failed_runs(session: Session) -> list[AttentionItemDto]:
    failed = dag_runs.list_newest_failed(session, MOST)
    off = dag_switch.switched_off(session, [row.dag_id for row in failed])
    reasons = task_instances.list_failures(session, [row.run.id for row in failed])
    items = []
    for row in failed:
        instance, error = reasons.get(row.run.id, (None, None))
        task = f"task {instance.task_id} failed" if instance else "the run failed"
        task = _WHY.get(row.run.reason or "", task)
        detail = f"{task}: {error}" if error else task
        if runs := off.get(row.dag_id):
            detail = f"switched off after {runs} failed run{'s' if runs > 1 else ''}; {detail}"
        items.append(
            AttentionItemDto(
                kind="failed_run",
                title=row.dag_id,
                detail=detail,
                dag_id=row.dag_id,
                run_id=row.run.run_id,
                task_id=instance.task_id if instance else None,
                at=row.run.end_date or row.run.queued_at,
            )
        )
    return items


def _broken_files(session: Session) -> list[AttentionItemDto]:
    return [
        AttentionItemDto(
            kind="import_error",
            title=row.path,
            detail=row.failure.message,
            path=row.path,
            line=row.failure.line,
            at=row.failure.at,
        )
        for row in import_failures.list_page(session, limit=MOST)
    ]


def _late_tasks(session: Session) -> list[AttentionItemDto]:
    """One line for each DAG that is late: what was not done in time in its newest late run."""
    rows, _ = alerts.list_misses(session, since=utcnow() - RECENT, is_open=True, limit=MOST)
    runs: dict[str, dict[str | None, list[orm.SlaMiss]]] = {}
    for row in rows:
        runs.setdefault(row.dag_id, {}).setdefault(row.run_id, []).append(row.miss)
    return [_late_dag(dag_id, misses) for dag_id, misses in runs.items()]


def _late_dag(dag_id: str, runs: dict[str | None, list[orm.SlaMiss]]) -> AttentionItemDto:
    """Describe a late DAG, of which the newest run comes first."""
    (run_id, newest), *earlier = runs.items()
    earliest = min(newest, key=lambda miss: miss.deadline)
    tasks = ", ".join(sorted(miss.task_id for miss in newest))
    late = f"{tasks} not done by {earliest.deadline:%H:%M} UTC"
    before = f"{len(earlier)} earlier run{'s' if len(earlier) > 1 else ''}"
    return AttentionItemDto(
        kind="late_task",
        title=dag_id,
        detail=f"{late}; {before} late, too" if earlier else late,
        dag_id=dag_id,
        run_id=run_id,
        task_id=earliest.task_id,
        sla_miss_ids=[miss.id for misses in runs.values() for miss in misses],
        at=earliest.at,
    )


def _unsent_alerts(session: Session) -> list[AttentionItemDto]:
    return [
        AttentionItemDto(
            kind="failed_alert",
            title=row.dag_id,
            detail=_alert_words(row),
            dag_id=row.dag_id,
            run_id=row.run_id,
            at=row.alert.done_at or row.alert.created_at,
        )
        for row in alerts.list_unsent_since(session, utcnow() - RECENT, MOST)
    ]


def _stuck_tasks(session: Session) -> list[AttentionItemDto]:
    """One line for each DAG, pool and queue whose tasks are ready and can never run."""
    items = []
    served = health.queues_served(health.alive_workers(session, utcnow()))
    for stuck in pools.list_stuck(session, served, MOST):
        one, more = stuck.instance, stuck.number - 1
        name = f"{one.task_id} and {more} more never run" if more else f"{one.task_id} never runs"
        why = pool_obstacle(one.pool, one.pool_slots, stuck.slots)
        items.append(
            AttentionItemDto(
                kind="stuck_task",
                title=stuck.dag_id,
                detail=f"{name}: {why or queue_obstacle(one.queue, served)}",
                dag_id=stuck.dag_id,
                run_id=stuck.run.run_id,
                task_id=one.task_id,
                at=stuck.run.start_date or stuck.run.queued_at,
            )
        )
    return items


def _alert_words(row: alerts.AlertRow) -> str:
    alert = row.alert
    if alert.kind == "callback":
        return f"a callback failed ({alert.reason}): {alert.error}"
    again = ", and is tried again" if alert.state == alert_store.PENDING else ""
    return f"a mail to {', '.join(alert.data.get('to', ()))} is unsent{again}: {alert.error}"
