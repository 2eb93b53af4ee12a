"""Whether the parts of hubflow live. Open to everybody: it names no DAG and no person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from hubflow.clock import utcnow
from hubflow.db import orm
from hubflow.db.queries import processes, task_instances
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
        counts = task_instances.count_by_state(session, [TaskState.RUNNING, TaskState.QUEUED])
    scheduler, processor, worker = (
        alive.get(kind) for kind in ("scheduler", "processor", "worker")
    )
    return HealthDto(
        metadatabase=MetadatabaseHealthDto(status="healthy"),
        scheduler=SchedulerHealthDto(
            status=_status(scheduler),
            latest_scheduler_heartbeat=scheduler.heartbeat_at if scheduler else None,
        ),
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
    return [row for row in processes.of_kind(session, "worker") if is_alive(row, now)]


def queues_served(workers: Sequence[orm.Process]) -> set[str]:
    """Return the queues that these workers serve together; none if one of them serves all."""
    if not all(worker.queues for worker in workers):
        return set()
    return {queue for worker in workers for queue in worker.queues}
