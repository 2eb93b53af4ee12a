"""Whether the parts of hubflow live. Open to everybody: it names no DAG and no person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from hubflow.clock import utcnow
from hubflow.db import orm
from hubflow.db.queries import leases, processes, task_instances
from hubflow.process_identity import ProcessId
from hubflow.services.dto import (
    HealthDto,
    MetadatabaseHealthDto,
    ProcessorHealthDto,
    SchedulerHealthDto,
    WorkerHealthDto,
)
from hubflow.services.unit import Backend
from hubflow.states import TaskState

SILENT_AFTER = timedelta(seconds=30)


def get(backend: Backend) -> HealthDto:
    """Return the last heartbeats and how much runs now. Raises DatabaseUnusable."""
    with backend.database.read() as session:
        alive = processes.newest_by_kind(session, utcnow())
        lease = leases.get(session, leases.SCHEDULER)
        schedulers = processes.list_of_kind(session, "scheduler")
        counts = task_instances.count_by_state(session, [TaskState.RUNNING, TaskState.QUEUED])
    processor, worker = alive.get("processor"), alive.get("worker")
    return HealthDto(
        metadatabase=MetadatabaseHealthDto(status="healthy"),
        scheduler=leadership(lease, schedulers),
        dag_processor=ProcessorHealthDto(
            status=_status(processor),
            latest_dag_processor_heartbeat=processor.heartbeat_at if processor else None,
        ),
        worker=WorkerHealthDto(
            status=_worker_status(worker, lease),
            latest_worker_heartbeat=worker.heartbeat_at if worker else None,
            slots=(worker.slots or 0) if worker else 0,
            running=counts[TaskState.RUNNING],
            queued=counts[TaskState.QUEUED],
            version=worker.version if worker else None,
        ),
    )


def leadership(lease: orm.Lease, known: Sequence[orm.Process]) -> SchedulerHealthDto:
    """Describe the scheduler that leads, or else the one that was heard of last."""
    holder = leases.holder(lease) if lease else None
    leads = [one for one in known if holder and is_holder(one, holder)]
    shown = next(iter([*leads, *known]), None)
    now = utcnow()
    standing_by = [one for one in known if one not in leads and is_alive(one, now)]
    return SchedulerHealthDto(
        status=_status(shown),
        latest_scheduler_heartbeat=shown.heartbeat_at if shown else None,
        leader=f"{leads[0].hostname}:{leads[0].pid}" if leads else None,
        leading_since=lease.taken_at if lease and leads else None,
        standing_by=len(standing_by),
        version=shown.version if shown else None,
        standing_by_versions=sorted(
            {one.version for one in standing_by if shown and one.version != shown.version}
        ),
    )


def _worker_status(worker: orm.Process | None, lease: orm.Lease | None) -> str | None:
    """A worker that speaks another version than who leads gets no tries, so it is not well."""
    if worker and lease and lease.host is not None and worker.version != lease.version:
        return "unhealthy"
    return _status(worker)


def is_holder(process: orm.Process, holder: ProcessId) -> bool:
    """Say whether a process is the one that a lease names."""
    return process.pid == holder.pid and holder.host.startswith(f"{process.hostname}/")


def _status(process: orm.Process | None) -> str | None:
    if process is None:
        return None
    return "healthy" if is_alive(process, utcnow()) else "unhealthy"


def is_alive(process: orm.Process | None, now: datetime) -> bool:
    """Say whether a process was heard of lately and has not said goodbye."""
    if process is None or process.stopped_at is not None:
        return False
    # Ahead of us is what was heard before the clock was set back.
    return abs(now - process.heartbeat_at) < SILENT_AFTER


def alive_workers(session: Session, now: datetime) -> list[orm.Process]:
    """Return the workers that live."""
    return [row for row in processes.list_of_kind(session, "worker") if is_alive(row, now)]


def queues_served(workers: Sequence[orm.Process]) -> set[str]:
    """Return the queues that these workers serve together; none if one of them serves all."""
    if not all(worker.queues for worker in workers):
        return set()
    return {queue for worker in workers for queue in worker.queues}
