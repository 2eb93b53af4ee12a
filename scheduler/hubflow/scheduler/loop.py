"""The scheduler: wake, read what came in, decide, write, act. Start reading here.

One turn of the loop is one transaction. Whatever was decided is committed before anybody is
told: a try is launched only when its QUEUED state is durable, a child only when its parent's
success is. If the transaction fails, memory is thrown away and read again: the database is
the truth, `World` a cache of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from hubflow import __version__, steps
from hubflow.clock import utcnow
from hubflow.config import Email
from hubflow.config import Scheduler as Settings
from hubflow.db.engine import Database
from hubflow.db.queries import alert_store, event_store, process_beats
from hubflow.db.queries.process_beats import Beat
from hubflow.errors import DatabaseUnusable, Deposed, StaleState
from hubflow.events import ProgressDto
from hubflow.execution.messages import Committed, Fired, Hello, Progress, Started, Transient
from hubflow.execution.server import ExecutionServer
from hubflow.executors.base import Executor, Report
from hubflow.measures import Measures
from hubflow.scheduler import (
    alerts,
    backfills,
    creation,
    ending,
    intake,
    mapping,
    past,
    progress,
    recovery,
    sla,
    switch_off,
    waiting,
)
from hubflow.scheduler.changes import Changes
from hubflow.scheduler.dispatch import dispatch
from hubflow.scheduler.wake import Alarm
from hubflow.scheduler.world import World
from hubflow.states import FINISHED, RUN_FINISHED, TaskState
from hubflow.steps import Step

log = logging.getLogger(__name__)
PAUSE_AFTER_FAILURE_S = 1.0
# Small enough to hold nobody up, and far more than a heartbeat's time brings.
PRUNED_A_BEAT = 5_000
# Each transaction of ours shows whoever stands by that we live; see `leadership`.
SIGN_OF_LIFE = timedelta(seconds=1)
# Smaller steps back are those of a clock that is kept in time.
CLOCK_SLACK = timedelta(seconds=30)
_TRY_ENDS = FINISHED | {TaskState.UP_FOR_RETRY}
_FAILED = frozenset({TaskState.FAILED, TaskState.UP_FOR_RETRY})
_NEVER = datetime.min.replace(tzinfo=UTC)


class Scheduler:
    """Decides what runs when. `run` until `stop` is set."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        executor: Executor,
        server: ExecutionServer,
        email: Email | None = None,
    ) -> None:
        self.settings = settings
        self._email = email or Email()
        self.on_mail: Callable[[], None] = lambda: None
        """Called after a mail was committed that waits to be sent."""
        self._database = database
        self._executor = executor
        self._server = server
        self._alarm = Alarm()
        self._world = World()
        self._must_read = True
        self._told = 0
        """The last event id that watchers were told; others' events count, too."""
        self._hostname = socket.gethostname()
        self._worker: Hello | None = None
        self._is_foreign = False
        """Whether the worker is of another version: it ends what it has, and gets nothing new."""
        self._worker_gone_at: datetime | None = utcnow()
        self._beat_at = _NEVER
        self._wrote_at = _NEVER
        self.measures = Measures()
        self._clock_offset: datetime | None = None
        """The wall clock at the zero of the monotonic one."""
        executor.on_wake = self._alarm.ring

    def poke(self) -> None:
        """Somebody wrote something: read the database in the next turn."""
        self._must_read = True
        self._alarm.ring()

    async def run(self, stop: asyncio.Event) -> None:
        """Turn until ``stop``; a turn that fails is repeated on memory read afresh.

        Raises Deposed when another scheduler leads; nothing was written then.
        """
        stopper = asyncio.create_task(self._ring_at(stop))
        while not stop.is_set():
            try:
                await self._alarm.wait(self._patience())
                self._turn(utcnow())
            except Deposed:
                stopper.cancel()
                raise
            except StaleState as exc:
                log.warning("somebody else moved rows, reading again: %s", exc)
                self._start_over()
            except Exception as exc:
                # Words are enough for what somebody else has to mend, once a second until then.
                self.measures.failed_turns += 1
                traceback = not isinstance(exc, DatabaseUnusable)
                log.error("a turn failed, reading again: %s", exc, exc_info=traceback)
                self._start_over()
                await self._rest(stop)
        stopper.cancel()
        with contextlib.suppress(DatabaseUnusable), self._database.write() as session:
            process_beats.stop(session, "scheduler", self._hostname, os.getpid(), utcnow())

    async def _ring_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._alarm.ring()

    async def _rest(self, stop: asyncio.Event) -> None:
        try:
            async with asyncio.timeout(PAUSE_AFTER_FAILURE_S):
                await stop.wait()
        except TimeoutError:
            return

    def _patience(self) -> float:
        """Seconds until something is due, at most the safety poll."""
        if self._must_read or self._world.to_plan:
            return 0.0
        due = self._world.due.next_at()
        wait = self.settings.safety_poll_s
        return wait if due is None else min(wait, max(0.0, (due - utcnow()).total_seconds()))

    def _start_over(self) -> None:
        """Forget everything; the worker says hello again and resends what is not acknowledged."""
        self._world = World()
        self._must_read = True
        self._executor.restart()

    # ---- one turn ------------------------------------------------------------------------

    def _turn(self, now: datetime) -> None:
        reports = self._executor.take_reports()
        self._tell_progress(self._executor.take_progress())
        if not self._has_work(reports, now):
            return
        began = time.monotonic()
        changes = Changes(now)
        with self._database.write() as session:
            self._decide(session, changes, reports)
            changes.write(session)
            self._beat(session, now)
            self._server.stay_reachable()
            self._world.last_event = event_store.last_id(session)
            steps.reach(Step.TURN_WRITTEN)
        steps.reach(Step.TURN_COMMITTED)
        self._wrote_at, self._clock_offset = now, _clock_offset(now)
        self._measure(changes, time.monotonic() - began)
        self._act(changes, reports)

    def _has_work(self, reports: list[Report], now: datetime) -> bool:
        due = self._world.due.next_at()
        if (
            reports
            or self._must_read
            or self._world.to_plan
            or (due is not None and due <= now)
            or self._executor.has_hello
            or self._is_worker_overdue(now)
            or abs(now - self._wrote_at) >= SIGN_OF_LIFE
        ):
            return True
        with self._database.read() as session:
            self._must_read = event_store.last_id(session) > self._world.last_event
        return self._must_read

    def _decide(self, session: Session, changes: Changes, reports: list[Report]) -> None:
        world = self._world
        others_wrote = self._read_what_others_wrote(session, changes)
        self._notice_clock(session, changes)
        self._meet_worker(session, changes)
        self._hear(session, changes, reports)
        self._take_due(session, changes)
        self._make_runs(session, changes)
        self._settle(session, changes)
        waiting.look_up(world, session, changes)
        waiting.end_unneeded(world, changes, look_at_all=others_wrote)
        has_worker = self._executor.is_connected and not self._is_foreign
        dispatch(
            world,
            changes,
            self.settings.parallelism,
            has_worker=has_worker,
            queues=self._worker.queues if self._worker else (),
        )
        alerts.store(world, session, changes)
        alerts.submit(world, changes, has_worker=has_worker)

    def _read_what_others_wrote(self, session: Session, changes: Changes) -> bool:
        """The lock is ours now: whatever others committed before comes in before our own rows and
        events, which move the marks up to which we have read."""
        if not self._must_read and event_store.last_id(session) <= self._world.last_event:
            return False
        self._must_read = False
        intake.take_in(self._world, session, changes)
        waiting.look_again(self._world)
        past.relink(self._world, session, changes)
        return True

    def _notice_clock(self, session: Session, changes: Changes) -> None:
        """See whether the wall clock was set back since the last turn; nothing stalls for that."""
        offset = _clock_offset(changes.at)
        by = (self._clock_offset or offset) - offset
        if by > CLOCK_SLACK:
            log.warning("the clock was set back by %s; what waits for a while goes on in time", by)
            waiting.set_back(self._world, changes, by)
            alert_store.set_back(session, by)

    def _hear(self, session: Session, changes: Changes, reports: list[Report]) -> None:
        """Take what the worker reports."""
        worker_host = self._worker.hostname if self._worker else None
        for report in reports:
            if alerts.is_callback(report):
                alerts.reported(session, self._world, changes, report)
            elif isinstance(report, Started):
                progress.started(self._world, changes, report, worker_host)
            elif isinstance(report, Fired):
                waiting.fired(self._world, changes, report)
            else:
                progress.finished(self._world, changes, report)

    def _make_runs(self, session: Session, changes: Changes) -> None:
        """Create the runs that are due, and start those whose turn has come."""
        switch_off.look(self._world, session, changes)
        if self.settings.creates_scheduled_runs:
            creation.plan(self._world, session, changes)
        else:
            self._world.to_plan.clear()
        backfills.advance(self._world, session, changes)
        creation.admit(self._world, session, changes)
        past.relink(self._world, session, changes)

    def _settle(self, session: Session, changes: Changes) -> None:
        """Decide all that may have become ready, until nothing follows from that any more."""
        world = self._world
        while world.unsettled or world.moved or world.to_expand:
            if world.unsettled and (run := world.runs.get(world.unsettled.pop())):
                progress.settle(world, changes, run, run.nodes.values())
            past.hear(world, changes)
            mapping.expand(world, session, changes, self.settings.max_map_length)
        switch_off.look(world, session, changes)

    def _take_due(self, session: Session, changes: Changes) -> None:
        for kind, key in self._world.due.pop_due(changes.at):
            if kind == "dag":
                self._world.to_plan.add(key)
            elif kind == "run":
                self._world.to_admit.add(key)
            elif kind == "backfill":
                self._world.to_backfill.add(key)
            elif kind == "timeout":
                ending.time_out(self._world, changes, self._world.runs[key])
            elif kind == "sla":
                if self._email.check_slas:
                    sla.check(self._world, session, changes, key, self._email)
            elif (node := self._world.nodes.get(key)) is None:
                continue
            elif kind == waiting.KIND:
                waiting.wake(self._world, changes, node)
            else:
                progress.retry(self._world, changes, node)

    def _meet_worker(self, session: Session, changes: Changes) -> None:
        """Adopt what a newly connected worker has; give up on one that stays away."""
        if hello := self._executor.take_hello():
            self._worker_gone_at = None
            self._worker = hello
            self._is_foreign = hello.version != __version__
            if self._is_foreign:
                log.error(
                    "the worker is hubflow %s, this scheduler %s: it gets no more tasks until it "
                    "is started again with the same version",
                    hello.version,
                    __version__,
                )
            self._world.unserved.clear()
            self._beat_at = _NEVER
            recovery.welcome(self._world, session, changes, hello)
        elif self._executor.is_connected:
            self._worker_gone_at = None
        elif self._worker_gone_at is None or changes.at < self._worker_gone_at:
            self._worker_gone_at = changes.at
        elif self._is_worker_overdue(changes.at):
            recovery.lose(self._world, changes, recovery.running(self._world))
            self._worker_gone_at = changes.at

    def _is_worker_overdue(self, now: datetime) -> bool:
        gone = self._worker_gone_at
        limit = timedelta(seconds=self.settings.worker_lost_after_s)
        return gone is not None and not self._executor.is_connected and now - gone >= limit

    def _beat(self, session: Session, now: datetime) -> None:
        # A clock that was set back must not silence us until it has caught up.
        if abs(now - self._beat_at) < timedelta(seconds=self.settings.heartbeat_s):
            return
        self._beat_at = now
        keep = timedelta(days=self.settings.event_retention_days)
        event_store.prune(session, now - keep, PRUNED_A_BEAT)
        metrics = self._measures_now()
        ours = Beat(
            "scheduler",
            self._hostname,
            os.getpid(),
            __version__,
            slots=self.settings.parallelism,
            metrics=metrics,
        )
        process_beats.beat(session, ours, now)
        if self._executor.is_connected and (worker := self._worker):
            its = Beat(
                "worker",
                worker.hostname,
                worker.pid,
                worker.version,
                slots=worker.slots,
                queues=worker.queues,
            )
            process_beats.beat(session, its, now)

    def _act(self, changes: Changes, reports: list[Report]) -> None:
        """Tell the world what is committed now."""
        if reports:
            self._executor.acknowledge()
        if not self._is_foreign:  # What is queued, the next worker gets when it says hello.
            self._executor.submit(changes.launches)
            self._executor.await_triggers(changes.awaits)
        self._executor.kill(changes.kills)
        if changes.has_mail:
            self.on_mail()
        if self._world.last_event > self._told:
            self._told = self._world.last_event
            self._server.broadcast(Committed(event_id=self._told))

    def _measure(self, changes: Changes, seconds: float) -> None:
        """Count what one turn brought."""
        measures = self.measures
        measures.turn.add(seconds)
        for wait in changes.waits:
            measures.ready_to_start.add(wait)
        for node, was, _ in changes.nodes.values():
            if node.state is not was and node.state in _TRY_ENDS:
                measures.count_try(node.state)
                if node.state in _FAILED:
                    log.info("try failed", extra=node.facts())
        for run, before in changes.runs.values():
            if run.state is not before and run.state in RUN_FINISHED:
                measures.count_run(run.state)
                log.info("run ended", extra={**run.facts(), "state": run.state.value})

    def _measures_now(self) -> dict[str, Any]:
        """Return all measures with how things stand in memory."""
        world, measures = self._world, self.measures
        measures.ready = sum(map(len, world.ready.values()))
        measures.held, measures.active_runs = world.held, len(world.runs)
        return msgspec.structs.asdict(measures)

    def _tell_progress(self, items: list[Progress]) -> None:
        for item in items:
            if node := self._world.nodes.get(item.key.task_instance_id):
                data = ProgressDto(
                    dag_id=node.run.dag_id,
                    run_id=node.run.run_id,
                    task_id=node.task.task_id,
                    try_number=item.key.try_number,
                    done=item.done,
                    total=item.total,
                    text=item.text,
                    map_index=node.map_index,
                )
                self._server.broadcast(
                    Transient(kind="progress", data=msgspec.structs.asdict(data))
                )


def _clock_offset(now: datetime) -> datetime:
    """Return what the wall clock showed when the monotonic one began."""
    return now - timedelta(seconds=time.monotonic())
