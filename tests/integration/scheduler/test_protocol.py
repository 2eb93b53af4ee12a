"""Launch, finish and adopt under every order of events: crashes, cuts, late messages.

Both ends are the real code (see `protocol`). Hypothesis chooses what happens next; after each step
no try may overlap another one of its task, and no task may run before its parents' success is in
the database, or after its own. In the end, when nothing dies any more, everything is done.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, select

from hubflow.clock import utcnow
from hubflow.config import Core
from hubflow.config import Scheduler as Settings
from hubflow.db import orm
from hubflow.db.engine import Database
from hubflow.execution.messages import Message, TryKey
from hubflow.executors.local import LocalExecutor
from hubflow.scheduler.loop import Scheduler
from hubflow.serialization.model import SerializedDag
from hubflow.states import FINISHED, RUN_FINISHED, TaskState
from integration.scheduler.protocol import Died, ModelWorker, Process, Wire
from integration.scheduler.stage import Stage, task

EXAMPLES, STEPS, SLOTS, RETRIES = 60, 40, 3, 30
WHICH = st.integers(0, 20)
DIAMOND = SerializedDag(
    dag_id="d",
    path="d.py",
    concurrency=16,
    tasks=(
        task("a", "b", "c", retries=RETRIES, retry_delay_s=1.0),
        task("b", "d", retries=RETRIES, retry_delay_s=1.0),
        task("c", "d", retries=RETRIES, retry_delay_s=1.0),
        task("d", retries=RETRIES, retry_delay_s=1.0),
    ),
)
EVENTS = [
    *["flow", "end_try"] * 8,
    *["turn", "arrive_at_scheduler", "arrive_at_worker", "connect", "worker_starts"] * 2,
    *["cut", "stay_away_for_long", "scheduler_dies", "scheduler_dies_as_it_acts"],
    *["worker_dies", "die_at_next_start", "end_try_and_die"],
]
PARENTS = {"a": (), "b": ("a",), "c": ("a",), "d": ("b", "c")}


class Killed(BaseException):
    """The scheduler's process ends here."""


class Protocol(RuleBasedStateMachine):
    """A scheduler and a worker on one machine, and a run of two diamonds."""

    core: Core
    database: Database

    @initialize()
    def begin(self) -> None:
        with self.database.write() as session:
            for table in reversed(orm.Base.metadata.sorted_tables):
                if table.name != "pool":
                    session.execute(delete(table))
        self.folder = tempfile.TemporaryDirectory()
        self.processes: list[Process] = []
        self.seen = 0
        self.wire = Wire()
        self.stage = Stage(self.core, self.database)
        self.stage.now = utcnow()
        self._start_scheduler()
        self.worker: ModelWorker | None = None
        self._start_worker()
        dag = self.stage.add_dag(DIAMOND)
        for number in range(2):
            self.stage.trigger(dag, f"r{number}", at=self.stage.now - timedelta(hours=number))

    def teardown(self) -> None:
        """Let nothing die any more: then all of it gets done."""
        if not hasattr(self, "folder"):
            return
        for _ in range(200):
            if self._is_done():
                break
            self._go_on_in_peace()
        self.nobody_overlaps()
        assert self._is_done(), self._states()
        if self.worker:
            self.worker.die()
        self.folder.cleanup()

    @rule(events=st.lists(st.tuples(st.sampled_from(EVENTS), WHICH), min_size=1, max_size=6))
    def happen(self, events: list[tuple[str, int]]) -> None:
        """Let some events happen; one that cannot happen now does nothing."""
        for name, which in events:
            getattr(self, f"_{name}")(which)
            self.nobody_overlaps()

    # ---- the scheduler

    def _turn(self, which: int) -> None:
        self.stage.turn(later=timedelta(seconds=which % 3))

    def _scheduler_dies(self, which: int) -> None:
        """It dies between two turns; what is on the way is lost."""
        self._hang_up()
        self._start_scheduler()

    def _scheduler_dies_as_it_acts(self, which: int) -> None:
        """It dies after its commit, when it has told the worker only so much of it."""
        with self._killed_while_acting(which % 4):
            self.stage.turn(later=timedelta(seconds=1))
        while self.wire.to_worker:
            self._arrive_at_worker()
        self._hang_up()
        self._start_scheduler()

    @contextmanager
    def _killed_while_acting(self, how_many: int) -> Iterator[None]:
        sent, left = self.wire.send, [None] * how_many

        def send(message: Message) -> None:
            if not left:
                raise Killed
            left.pop()
            sent(message)

        self.wire.send = send  # type: ignore[method-assign]
        try:
            yield
        except Killed:
            pass
        finally:
            self.wire.send = sent  # type: ignore[method-assign]

    # ---- the wire

    def _flow(self, which: int) -> None:
        """What is on the way arrives on both sides, with a turn between."""
        self._connect(which)
        self._arrive_at_scheduler(99)
        self.stage.turn(later=timedelta(seconds=1))
        self._arrive_at_worker(99)

    def _arrive_at_scheduler(self, which: int) -> None:
        for _ in range(min(which, len(self.wire.to_scheduler))):
            self.wire.arrive_at_scheduler()

    def _arrive_at_worker(self, which: int = 1) -> None:
        for _ in range(which):
            if not self.wire.to_worker:
                return
            message = self.wire.to_worker.popleft()
            if self.worker and self.worker.is_connected:
                with self._noticing_death():
                    self.worker.take(message)
                self._judge_new_processes()

    def _cut(self, which: int) -> None:
        self._hang_up()

    def _connect(self, which: int) -> None:
        if self.worker and not self.worker.is_connected:
            self.worker.connect()

    def _stay_away_for_long(self, which: int) -> None:
        """The scheduler gives up on tries whose worker, or its wire, is gone."""
        self._hang_up()
        self.stage.turn()
        self.stage.turn(later=timedelta(minutes=5))

    # ---- the worker

    def _die_at_next_start(self, which: int) -> None:
        """It will die before the process of a try is there, or before anybody hears of it."""
        if self.worker:
            self.worker.dies_after = 1 + which % 2

    def _end_try(self, which: int, *, is_written: bool = True) -> bool:
        if self.worker is None or not self.worker.running:
            return False
        keys = sorted(self.worker.running)
        key = keys[which % len(keys)]
        is_bad = self.worker.running[key].is_dying or which % 5 == 0
        with self._noticing_death():
            self.worker.end(key, "failed" if is_bad else "success", is_written=is_written)
        self._judge_new_processes()
        return True

    def _end_try_and_die(self, which: int) -> None:
        """A process ends, and its worker dies before it could write that down."""
        if self._end_try(which, is_written=False):
            self._worker_dies(which)

    @contextmanager
    def _noticing_death(self) -> Iterator[None]:
        try:
            yield
        except Died:
            self._worker_dies(0)

    def _worker_dies(self, which: int) -> None:
        if self.worker is not None:
            self.worker.die()
            self.worker = None

    def _worker_starts(self, which: int) -> None:
        if self.worker is None:
            self._start_worker()

    # ---- what must always hold

    @invariant()
    def nobody_overlaps(self) -> None:
        processes = getattr(self, "processes", ())
        alive = [one.key.task_instance_id for one in processes if one.is_alive]
        assert len(alive) == len(set(alive)), "two tries of one task run at once"

    def _judge_new_processes(self) -> None:
        """A task starts after its parents' success is in the database, and not after its own."""
        states = self._states()
        for process in self.processes[self.seen :]:
            run, task_id = self._name(process)
            assert states[run, task_id] not in FINISHED, f"{task_id} starts although it is over"
            for parent in PARENTS[task_id]:
                assert states[run, parent] is TaskState.SUCCESS, f"{task_id} starts before {parent}"
        self.seen = len(self.processes)

    # ---- helpers

    def _start_scheduler(self) -> None:
        executor = LocalExecutor(self.wire)  # type: ignore[arg-type]
        self.stage.scheduler = Scheduler(Settings(), self.database, executor, self.wire)  # type: ignore[arg-type]

    def _start_worker(self) -> None:
        folder = Path(self.folder.name)
        self.worker = ModelWorker(folder, self.wire, self.processes, SLOTS)

    def _hang_up(self) -> None:
        if self.worker:
            self.worker.disconnect()
        self.wire.cut()

    def _go_on_in_peace(self) -> None:
        if self.worker is None:
            self._start_worker()
        assert self.worker
        if not self.worker.is_connected:
            self.worker.connect()
        while self.wire.to_scheduler:
            self.wire.arrive_at_scheduler()
        self.stage.turn(later=timedelta(seconds=20))
        self.worker.dies_after = None
        while self.wire.to_worker:
            self._arrive_at_worker()
        for key, attempt in sorted(self.worker.running.items()):
            self.worker.end(key, "failed" if attempt.is_dying else "success")
        self._judge_new_processes()
        self.nobody_overlaps()

    def _states(self) -> dict[tuple[int, str], TaskState]:
        query = select(
            orm.TaskInstance.dag_run_id, orm.TaskInstance.task_id, orm.TaskInstance.state
        )
        with self.database.read() as session:
            return {(run, task_id): state for run, task_id, state in session.execute(query)}

    def _name(self, process: Process) -> tuple[int, str]:
        with self.database.read() as session:
            row = session.get_one(orm.TaskInstance, process.key.task_instance_id)
            return row.dag_run_id, row.task_id

    def _is_done(self) -> bool:
        return all(state in RUN_FINISHED for state in self.stage.run_states())


def test_no_order_of_events_loses_or_repeats_a_task(core: Core, database: Database) -> None:
    machine = type("Machine", (Protocol,), {"core": core, "database": database})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            # Shrinking a long story takes minutes; it is printed as it is.
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_model_is_not_blind() -> None:
    """Two living processes of one task are noticed."""
    story = Protocol.__new__(Protocol)
    story.processes = [Process(TryKey(1, 1)), Process(TryKey(1, 2))]
    with pytest.raises(AssertionError, match="two tries"):
        story.nobody_overlaps()
