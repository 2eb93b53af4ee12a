"""DAGs that keep failing are switched off (`max_consecutive_failed_dag_runs`)."""

from __future__ import annotations

import logging

from sqlalchemy.orm import Session

from hubflow.db.queries import dag_switch, run_moves
from hubflow.rules.run_outcome import keeps_failing
from hubflow.scheduler.changes import Changes
from hubflow.scheduler.world import DagEntry, World

log = logging.getLogger(__name__)


def look(world: World, session: Session, changes: Changes) -> None:
    """Switch off those DAGs of which a run has just failed, and too many before it.

    Before their next run is made or admitted: that one would wait, half begun.
    """
    for key in sorted(changes.failing):
        entry = world.dags.get(key)
        limit = _limit(world, session, entry) if entry else 0
        if entry and limit and not entry.is_paused and _keeps_failing(session, changes, key, limit):
            log.warning("the DAG %s is switched off: its last %d runs failed", entry.dag_id, limit)
            for off in dag_switch.switch_off(session, key, limit, changes.at):
                if known := world.dags.get(off):
                    known.is_paused = True
                    world.to_plan.add(off)
    changes.failing.clear()


def _limit(world: World, session: Session, entry: DagEntry) -> int:
    """Return how many failures in a row are too many, 0 for never; sub-DAGs follow their DAG."""
    version = world.version(session, entry.version_id) if entry.version_id else None
    if version is None or version.dag.parent_dag_id is not None:
        return 0
    return version.dag.max_consecutive_failed_dag_runs


def _keeps_failing(session: Session, changes: Changes, key: int, limit: int) -> bool:
    """Ask the database, which does not have the moves of this turn yet."""
    now = {id: run.state for id, (run, _) in changes.runs.items() if run.dag_key == key}
    rows = run_moves.list_latest(session, key, list(now), limit + len(now))
    return keeps_failing([now.get(id, state) for id, state in rows], limit)
