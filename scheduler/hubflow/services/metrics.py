"""What a monitoring system wants to know, as plain values. Bounded: no count over all history."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from hubflow.clock import utcnow
from hubflow.db import orm
from hubflow.db.queries import leases, pools, processes, task_instances
from hubflow.db.queries.pools import Occupancy
from hubflow.measures import Measures
from hubflow.services import health
from hubflow.services.access import Actor, Permission
from hubflow.services.dto import SchedulerHealthDto
from hubflow.services.unit import Backend, reading
from hubflow.states import TaskState

KINDS = ("scheduler", "processor", "worker")
COUNTED = (TaskState.SCHEDULED, TaskState.QUEUED, TaskState.RUNNING, TaskState.DEFERRED)
MOST_POOLS = 500


class ProcessFacts(NamedTuple):
    """One process that was heard of within the last hour."""

    kind: str
    hostname: str
    pid: int
    version: str
    is_alive: bool
    heartbeat_age_s: float


class PoolFacts(NamedTuple):
    name: str
    slots: int
    occupancy: Occupancy


class Metrics(NamedTuple):
    """`measures` are those of the scheduler that leads, if it has written any."""

    measures: Measures
    leadership: SchedulerHealthDto
    processes: list[ProcessFacts]
    tasks: dict[TaskState, int]
    worker_slots: int
    pools: list[PoolFacts]
    dags: dict[str, int]
    import_errors: int
    alerts: dict[str, int]


def get(backend: Backend, actor: Actor) -> Metrics:
    """Return all metrics as they are now."""
    now = utcnow()
    with reading(backend, actor, Permission.DAGS_READ) as session:
        known = [row for kind in KINDS for row in processes.list_of_kind(session, kind)]
        schedulers = [row for row in known if row.kind == "scheduler"]
        lease = leases.get(session, leases.SCHEDULER)
        alive = [row for row in known if health.is_alive(row, now)]
        return Metrics(
            measures=_measures(lease, schedulers),
            leadership=health.leadership(lease, schedulers),
            processes=[
                ProcessFacts(
                    row.kind,
                    row.hostname,
                    row.pid,
                    row.version,
                    row in alive,
                    max(0.0, (now - row.heartbeat_at).total_seconds()),
                )
                for row in known
                if row.stopped_at is None
            ],
            tasks=task_instances.count_by_state(session, COUNTED),
            worker_slots=sum(row.slots or 0 for row in alive if row.kind == "worker"),
            pools=_pools(session),
            dags=_dags(session),
            import_errors=_count(session, orm.ImportFailure),
            alerts={
                state: _count(session, orm.Alert, orm.Alert.state == state)
                for state in ("pending", "failed")
            },
        )


def _measures(lease: orm.Lease | None, schedulers: list[orm.Process]) -> Measures:
    holder = leases.holder(lease) if lease else None
    for row in schedulers:
        if holder and row.metrics and health.is_holder(row, holder):
            return msgspec.convert(row.metrics, Measures)
    return Measures()


def _pools(session: Session) -> list[PoolFacts]:
    occupied = pools.occupancy(session)
    query = select(orm.Pool.name, orm.Pool.slots).order_by(orm.Pool.id).limit(MOST_POOLS)
    return [
        PoolFacts(name, slots, occupied.get(name, Occupancy()))
        for name, slots in session.execute(query)
    ]


def _dags(session: Session) -> dict[str, int]:
    rows = session.execute(
        select(orm.Dag.is_paused, func.count()).where(orm.Dag.is_active).group_by(orm.Dag.is_paused)
    )
    counts = {bool(is_paused): count for is_paused, count in rows}
    return {"on": counts.get(False, 0), "paused": counts.get(True, 0)}


def _count(session: Session, table: type[orm.Base], *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0
