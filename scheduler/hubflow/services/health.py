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
        alive = processes.newest_by_kind(session)
        lease = leases.find(session, leases.SCHEDULER)
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
            status=_status(worker),
            latest_worker_heartbeat=worker.heartbeat_at if worker else None,
            slots=(worker.slots or 0) if worker else 0,
            running=counts[TaskState.RUNNING],
            queued=counts[TaskState.QUEUED],
        ),
    )


def leadership(lease: orm.Lease | None, known: Sequence[orm.Process]) -> SchedulerHealthDto:
    """Describe the scheduler that leads, or else the one that was heard of last."""
    holder = leases.holder(lease) if lease else None
    leads = [one for one in known if holder and is_holder(one, holder)]
    shown = next(iter([*leads, *known]), None)
    now = utcnow()
    return SchedulerHealthDto(
        status=_status(shown),
        latest_scheduler_heartbeat=shown.heartbeat_at if shown else None,
        leader=f"{leads[0].hostname}:{leads[0].pid}" if leads else None,
        leading_since=lease.taken_at if lease and leads else None,
        standing_by=sum(is_alive(one, now) for one in known if one not in leads),
    )


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
    return now - process.heartbeat_at < SILENT_AFTER


def alive_workers(session: Session, now: datetime) -> list[orm.Process]:
    """Return the workers that live."""
    return [row for row in processes.list_of_kind(session, "worker") if is_alive(row, now)]


def queues_served(workers: Sequence[orm.Process]) -> set[str]:
    """Return the queues that these workers serve together; none if one of them serves all."""
    if not all(worker.queues for worker in workers):
        return set()
    return {queue for worker in workers for queue in worker.queues}
