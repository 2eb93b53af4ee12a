"""Removes what is older than is to be kept: runs, their logs and notebooks, XComs, the audit log.

It works beside the scheduler's loop, in small transactions with a pause after each, so that no task
waits for it. A run loses its details first (`is_thinned`) and goes later. Files go after the row
says so: whatever a killed pruner leaves behind, the next one removes with the run.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from hubflow import tasklog
from hubflow.clock import utcnow
from hubflow.config import Paths, Retention
from hubflow.db.engine import Database
from hubflow.db.queries import event_store, retention
from hubflow.db.queries.retention import KeptDag, OldRun
from hubflow.errors import Deposed
from hubflow.events import Deleted
from hubflow.rules.retention import Keep, Past, ended_before, keep_of, may_go

FIRST_AFTER_S = 60.0
PAUSE_S = 0.02
DAGS_A_PAGE = 200
RUNS_A_LOOK = 50
ROWS_A_BATCH = 1_000

log = logging.getLogger(__name__)
_Where = ColumnElement[bool] | None


class Plan(msgspec.Struct, frozen=True):
    """How many runs of a DAG go now, and how many more lose their details."""

    dag_id: str
    delete: int
    thin: int


class Pruner:
    """`run` beside the scheduler's loop, or use `batches` for once."""

    def __init__(self, settings: Retention, database: Database, paths: Paths) -> None:
        self._settings = settings
        self._database = database
        self._paths = paths

    async def run(self) -> None:
        """Prune for ever; cancel to end."""
        await asyncio.sleep(min(FIRST_AFTER_S, self._settings.every_s))
        while True:
            try:
                batches = self.batches(utcnow())
                while await asyncio.to_thread(next, batches, None) is not None:
                    await asyncio.sleep(PAUSE_S)
            except Deposed:
                return
            except Exception:
                log.exception("what is old cannot be removed, trying again later")
            await asyncio.sleep(self._settings.every_s)

    def plan(self, now: datetime, dag_id: str | None = None) -> list[Plan]:
        """Say what `batches` would do now to runs, changing nothing."""
        plans = []
        for dag, keep in self._dags(now, dag_id):
            with self._database.read() as session:
                gone, thinned = _conditions(session, dag, keep, now)
                delete = retention.count(session, gone) if gone is not None else 0
                thin = 0
                if thinned is not None:
                    rest = thinned if gone is None else thinned & ~gone
                    thin = retention.count(session, rest)
            if delete or thin:
                plans.append(Plan(dag.dag_id, delete, thin))
        return plans

    def batches(self, now: datetime, dag_id: str | None = None) -> Iterator[int]:
        """Remove what is old, of one DAG or of all; yields after each transaction how many runs, or
        other rows, are done."""
        for dag, keep in self._dags(now, dag_id):
            yield from self._runs_of(dag, keep, now)
        if dag_id is None:
            yield from self._others(now)

    def _runs_of(self, dag: KeptDag, keep: Keep, now: datetime) -> Iterator[int]:
        for kind, remove in ((0, self._delete), (1, self._thin)):
            while True:
                with self._database.read() as session:
                    condition = _conditions(session, dag, keep, now)[kind]
                    found = (
                        retention.list_runs(session, condition, RUNS_A_LOOK)
                        if condition is not None
                        else []
                    )
                for run in found:
                    yield from remove(dag, run)
                if len(found) < RUNS_A_LOOK:
                    break

    def _thin(self, dag: KeptDag, run: OldRun) -> Iterator[int]:
        with self._database.write() as session:
            if not retention.thin(session, run.key):
                return
        self._remove_files(dag, run)
        yield 1

    def _delete(self, dag: KeptDag, run: OldRun) -> Iterator[int]:
        yield from self._thin(dag, run)
        while True:
            with self._database.write() as session:
                some = retention.delete_instances(session, run.key, ROWS_A_BATCH)
                is_gone = some < ROWS_A_BATCH and retention.delete_run(session, run.key)
                if is_gone:
                    gone = Deleted(dag_id=dag.dag_id, run_id=run.run_id, key=run.key)
                    event_store.append(session, "deleted", dag.dag_id, gone, utcnow())
            yield 1
            if some < ROWS_A_BATCH:
                return

    def _remove_files(self, dag: KeptDag, run: OldRun) -> None:
        with self._database.read() as session:
            tasks = retention.task_ids(session, run.key)
            artifacts = retention.artifacts(session, run.key)
        tasklog.remove_run(self._paths.logs, dag.dag_id, tasks, run.execution_date)
        tasklog.remove_files(self._paths.artifacts, artifacts)

    def _others(self, now: datetime) -> Iterator[int]:
        settings = self._settings
        removals: list[tuple[float, Callable[[Session, datetime, int], int]]] = [
            (settings.audit_days, retention.delete_audit),
            (settings.details_days, retention.delete_alerts),
            (settings.run_days, retention.delete_sla_misses),
            (settings.run_days, retention.delete_backfills),
        ]
        for days, delete in removals:
            if (before := ended_before(now, days)) is None:
                continue
            done = ROWS_A_BATCH
            while done == ROWS_A_BATCH:
                with self._database.write() as session:
                    done = delete(session, before, ROWS_A_BATCH)
                yield done

    def _dags(self, now: datetime, dag_id: str | None) -> Iterator[tuple[KeptDag, Keep]]:
        """Yield the DAGs, all or the one, that may have something old, and what they keep."""
        last = 0
        while True:
            with self._database.read() as session:
                page = retention.list_dags(session, last, DAGS_A_PAGE)
            for dag in page:
                keep = self._keep(dag)
                past = Past(dag.runs, dag.oldest_end, dag.oldest_full_end)
                if dag_id in (None, dag.dag_id) and may_go(past, keep, now):
                    yield dag, keep
            if len(page) < DAGS_A_PAGE:
                return
            last = page[-1].key

    def _keep(self, dag: KeptDag) -> Keep:
        settings = self._settings
        usual = Keep(
            settings.run_days, settings.details_days, settings.most_runs, settings.least_runs
        )
        return keep_of(usual, dag.keep_days, dag.keep_runs)


def _conditions(session: Session, dag: KeptDag, keep: Keep, now: datetime) -> tuple[_Where, _Where]:
    """Return which runs go, and which lose their details."""
    gone = retention.to_delete(
        session,
        dag.key,
        ended_before=ended_before(now, keep.runs_days),
        most_runs=keep.most_runs,
        least_runs=keep.least_runs,
    )
    before = ended_before(now, keep.details_days)
    return gone, None if before is None else retention.to_thin(dag.key, before)
