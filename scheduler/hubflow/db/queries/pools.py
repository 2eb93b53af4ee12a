"""Pools, and what of them is occupied: counted from the task instances, never stored."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import and_, false, func, or_, select
from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.db.queries.paging import contains, page_of
from hubflow.errors import PoolNotFound
from hubflow.states import TaskState

ORDERS = {
    "id": orm.Pool.id,
    "name": orm.Pool.name,
    "slots": orm.Pool.slots,
    "description": orm.Pool.description,
}
UNLIMITED = -1
# A try that is being ended for a clear still runs.
_RUNNING = (TaskState.RUNNING, TaskState.RESTARTING)
_COUNTED = (*_RUNNING, TaskState.QUEUED, TaskState.SCHEDULED, TaskState.DEFERRED)


class Occupancy(NamedTuple):
    """Slots of one pool that task instances in these states ask for or hold."""

    running: int = 0
    queued: int = 0
    scheduled: int = 0
    deferred: int = 0

    def occupied(self, *, include_deferred: bool) -> int:
        return self.running + self.queued + (self.deferred if include_deferred else 0)


def list_page(
    session: Session, *, pattern: str, order_by: str, limit: int, offset: int
) -> tuple[Sequence[orm.Pool], int]:
    """Return a page of the pools whose name holds ``pattern``, and how many there are."""
    return page_of(
        session,
        orm.Pool,
        ORDERS,
        conditions=contains(orm.Pool.name, pattern),
        order_by=order_by,
        limit=limit,
        offset=offset,
    )


def list_all(session: Session) -> Sequence[orm.Pool]:
    """Return every pool, by name."""
    return session.scalars(select(orm.Pool).order_by(orm.Pool.name)).all()


def find(session: Session, name: str) -> orm.Pool | None:
    """Return one pool, or None."""
    return session.scalar(select(orm.Pool).where(orm.Pool.name == name))


def get(session: Session, name: str) -> orm.Pool:
    """Return one pool; raises PoolNotFound."""
    if (found := find(session, name)) is None:
        raise PoolNotFound(name)
    return found


def sizes(session: Session) -> dict[str, int]:
    """Return how many slots each pool has altogether."""
    rows = session.execute(select(orm.Pool.name, orm.Pool.slots))
    return {name: slots for name, slots in rows}


class Stuck(NamedTuple):
    """Ready task instances of a DAG that their pool can never let run, and the first of them."""

    dag_id: str
    number: int
    instance: orm.TaskInstance
    run: orm.DagRun
    slots: int | None


def list_stuck(session: Session, queues: Collection[str], limit: int) -> list[Stuck]:
    """Return what waits for a pool that is not there, or never has that many slots.

    And what waits for a queue that is none of ``queues``; none of these means all.
    """
    instance, run = orm.TaskInstance, orm.DagRun
    found = (
        select(func.min(instance.id), func.count(), orm.Pool.slots)
        .join(run, run.id == instance.dag_run_id)
        .outerjoin(orm.Pool, orm.Pool.name == instance.pool)
        .where(
            instance.state == TaskState.SCHEDULED,
            or_(
                orm.Pool.id.is_(None),
                and_(orm.Pool.slots >= 0, instance.pool_slots > orm.Pool.slots),
                instance.queue.not_in(queues) if queues else false(),
            ),
        )
        .group_by(run.dag_id, instance.pool, instance.pool_slots, orm.Pool.slots, instance.queue)
        .order_by(func.min(instance.id))
        .limit(limit)
    )
    groups = {key: (count, slots) for key, count, slots in session.execute(found)}
    rows = session.execute(
        select(orm.Dag.dag_id, instance, run)
        .join(run, run.id == instance.dag_run_id)
        .join(orm.Dag, orm.Dag.id == run.dag_id)
        .where(instance.id.in_(groups))
    )
    return [
        Stuck(dag_id, groups[one.id][0], one, of_run, groups[one.id][1])
        for dag_id, one, of_run in rows
    ]


def occupancy(session: Session) -> dict[str, Occupancy]:
    """Return what of each pool is asked for and held now; pools without any are left out."""
    instance = orm.TaskInstance
    rows = session.execute(
        select(instance.pool, instance.state, func.sum(instance.pool_slots))
        .where(instance.state.in_(_COUNTED))
        .group_by(instance.pool, instance.state)
    )
    slots: dict[str, dict[TaskState, int]] = {}
    for name, state, taken in rows:
        slots.setdefault(name, {})[state] = int(taken)
    return {name: _occupancy(of) for name, of in slots.items()}


def _occupancy(slots: dict[TaskState, int]) -> Occupancy:
    return Occupancy(
        running=sum(slots.get(state, 0) for state in _RUNNING),
        queued=slots.get(TaskState.QUEUED, 0),
        scheduled=slots.get(TaskState.SCHEDULED, 0),
        deferred=slots.get(TaskState.DEFERRED, 0),
    )
