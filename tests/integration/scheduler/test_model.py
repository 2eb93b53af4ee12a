"""Random DAGs under random events: the scheduler does what the plainest one would do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, select, update
from traitlets.config import Config

from hubflow.config import Core
from hubflow.db import migrate, orm
from hubflow.db.engine import Database
from hubflow.db.queries import event_store
from hubflow.execution.messages import Launch
from hubflow.serialization.model import SerializedDag, SerializedTask
from integration.scheduler.model import RETRY_MINUTES, Dag, Key, Model, Task
from integration.scheduler.stage import START, Stage
from servers.schemas import Schemas

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
PARALLELISM = 4
EXAMPLES = 70
RULES = (
    "all_success",
    "all_failed",
    "all_done",
    "one_success",
    "one_failed",
    "none_failed",
    "none_failed_or_skipped",
    "none_skipped",
    "dummy",
)
EARLIEST, LATEST = -16, -1
"""Execution dates, in hours from the start."""
SOME_RUNS = st.dictionaries(st.integers(EARLIEST, LATEST), st.integers(0, 1), min_size=1)
"""Execution date -> which DAG."""


@pytest.fixture(scope="module")
def home(
    tmp_path_factory: pytest.TempPathFactory, chosen_schemas: Schemas | None
) -> Iterator[tuple[Core, Database]]:
    """A database for all stories: opening one takes longer than a story."""
    with chosen_schemas.borrow() if chosen_schemas else nullcontext("") as url:
        settings = {"home": str(tmp_path_factory.mktemp("home")), "database_url": url}
        core = Core(config=Config({"Core": settings}))
        core.paths.make()
        database = Database(core)
        migrate.upgrade(database)
        yield core, database
        database.dispose()


@st.composite
def some_dags(draw: st.DrawFn) -> Dag:
    """Draw a DAG of up to six tasks, with one kind of trouble: rules, limits, or the past."""
    trouble = draw(st.sampled_from(["rules", "limits", "past"]))
    names = [f"t{number}" for number in range(draw(st.integers(1, 6)))]
    return Dag(
        "",
        [draw(some_task(trouble, name, names[:n])) for n, name in enumerate(names)],
        concurrency=draw(st.sampled_from([16, 3])),
        max_active_runs=draw(st.sampled_from([1, 1, 2, 4])),
        timeout=draw(st.sampled_from([10_000] * 4 + [3])),
    )


@st.composite
def some_task(draw: st.DrawFn, trouble: str, name: str, before: list[str]) -> Task:
    """Draw a task that may come after any of those ``before`` it."""
    is_limited, has_past = trouble == "limits", trouble == "past"
    depends = has_past and draw(st.integers(0, 2)) > 0
    often = st.booleans() if trouble == "rules" else st.sampled_from([True, False, False])
    return Task(
        name,
        after=[other for other in before if draw(often)],
        rule=draw(st.sampled_from(RULES)) if trouble == "rules" else "all_success",
        retries=draw(st.integers(0, 1)),
        weight=draw(st.integers(1, 3)),
        pool=draw(st.sampled_from(["narrow"] * 3 + ["wide", "unknown"])) if is_limited else "wide",
        slots=draw(st.integers(1, 2)) if is_limited else 1,
        limit=draw(st.sampled_from([None, 1])) if is_limited else None,
        depends_on_past=depends,
        waits_for_downstream=depends and draw(st.booleans()),
        is_dummy=not depends and draw(st.integers(0, 4)) == 0,
        first=draw(st.sampled_from([EARLIEST] * 4 + [-12])) if has_past else EARLIEST,
        last=draw(st.sampled_from([0] * 5 + [-8])) if has_past else 0,
    )


class SchedulerMatchesModel(RuleBasedStateMachine):
    """Every event happens to both; then both must show the same."""

    core: Core
    database: Database

    @initialize(dags=st.lists(some_dags(), min_size=1, max_size=2), runs=SOME_RUNS)
    def begin(self, dags: list[Dag], runs: dict[int, int]) -> None:
        empty(self.database)
        self.stage = Stage(self.core, self.database)
        self.stage.scheduler.settings.parallelism = PARALLELISM
        self.model = Model(dags, PARALLELISM, {"wide": -1, "narrow": 2})
        self.launched: dict[Key, Launch] = {}
        self.keys: list[int] = []
        for number, dag in enumerate(dags):
            dag.name = f"d{number}"
            self.keys.append(self.stage.add_dag(serialized(dag)))
        with self.database.write() as session:
            session.add_all([orm.Pool(name="wide", slots=-1), orm.Pool(name="narrow", slots=2)])
        self.trigger(runs)

    # ---- events

    @rule(runs=SOME_RUNS)
    def add_runs(self, runs: dict[int, int]) -> None:
        self.trigger(runs)

    def trigger(self, runs: dict[int, int]) -> None:
        known = {run.date for run in self.model.runs}
        for date, which in runs.items():
            number = which % len(self.keys)
            if date not in known:
                self.stage.trigger(self.keys[number], f"r{date}", at=START + date * HOUR)
                self.model.trigger(self.model.dags[number], date)
        self._go_on()

    @precondition(lambda self: self.launched)
    @rule(
        which=st.integers(0, 9),
        outcomes=st.lists(
            st.sampled_from(["success"] * 4 + ["failed", "skipped", "fail_now"]),
            min_size=1,
            max_size=PARALLELISM,
        ),
        say_started=st.booleans(),
    )
    def finish(self, which: int, outcomes: list[str], say_started: bool) -> None:
        for outcome in outcomes[: len(self.launched)]:
            key = sorted(self.launched)[which % len(self.launched)]
            launch = self.launched.pop(key)
            if say_started and key in self.model.held("queued"):
                self.stage.executor.started(launch.key, at=self.stage.now)
            self.stage.executor.finished(launch.key, outcome, at=self.stage.now)
            self.model.finish(key, outcome)
        self._go_on()

    @rule(minutes=st.integers(1, RETRY_MINUTES))
    def wait(self, minutes: int) -> None:
        self.model.now += minutes
        self.stage.now += minutes * MINUTE
        self._go_on()

    @rule(
        what=st.sampled_from(["start", "switch", "resize", "restart", "lose"]), n=st.integers(0, 9)
    )
    def disturb(self, what: str, n: int) -> None:
        getattr(self, f"_{what}")(n)
        self._go_on()

    def _start(self, n: int) -> None:
        """A try's process is up, and no more."""
        if queued := self.model.held("queued"):
            key = queued[n % len(queued)]
            self.stage.executor.started(self.launched[key].key, at=self.stage.now)
            self.model.start(key)

    def _switch(self, n: int) -> None:
        """Somebody pauses a DAG, or switches it on again."""
        dag = self.model.dags[n % len(self.keys)]
        dag.is_paused = not dag.is_paused
        self.stage.pause(self.keys[n % len(self.keys)], dag.is_paused)

    def _resize(self, n: int) -> None:
        """Somebody changes the size of the pool."""
        slots = n % 5 - 1
        self.model.pools["narrow"] = slots
        with self.database.write() as session:
            session.execute(update(orm.Pool).where(orm.Pool.name == "narrow").values(slots=slots))
            event_store.append(session, "pool", None, {}, self.stage.now)

    def _restart(self, n: int) -> None:
        """The scheduler is killed, and the worker connects to a new one."""
        self.stage.start_scheduler()
        self.stage.scheduler.settings.parallelism = PARALLELISM
        self.stage.executor.hello(known=[launch.key for launch in self.launched.values()])

    def _lose(self, n: int) -> None:
        """The worker is killed: what ran is lost with it, what it was only sent is sent again."""
        self.stage.executor.hello(known=[])
        for key in sorted(self.model.held("running")):
            del self.launched[key]
            self.model.finish(key, "failed")

    # ---- both go on

    def _go_on(self) -> None:
        """Let both do what follows. Slots are given last, in one turn, so that it does not matter
        in how many turns the real one got there."""
        executor = self.stage.executor
        executor.is_connected = False
        self.stage.turn()
        while self.stage.scheduler._world.to_plan:
            self.stage.turn()
        executor.is_connected = True
        sent_again = {Key(hours(launch), launch.task_id) for launch in executor.take_launches()}
        assert sent_again <= self.launched.keys()
        self.stage.scheduler.poke()
        self.stage.turn()
        self.model.settle()
        launches = executor.take_launches()
        given = [Key(hours(launch), launch.task_id) for launch in launches]
        assert given == self.model.give_slots()
        self.launched |= dict(zip(given, launches, strict=True))
        killed = {kill.key for kill in executor.kills}
        executor.kills.clear()
        self.launched = {k: sent for k, sent in self.launched.items() if sent.key not in killed}

    def _shown(self) -> dict[object, tuple[str | None, ...]]:
        """Return what the database says, as `Model.picture` does."""
        with self.database.read() as session:
            runs = session.scalars(select(orm.DagRun)).all()
            tasks = session.scalars(select(orm.TaskInstance)).all()
        dates = {run.id: (run.execution_date - START) // HOUR for run in runs}
        shown: dict[object, tuple[str | None, ...]] = {
            dates[run.id]: (run.state.value, run.reason) for run in runs
        }
        for one in tasks:
            key = Key(dates[one.dag_run_id], one.task_id)
            shown[key] = (one.state.value, str(one.try_number))
        return shown

    @invariant()
    def both_show_the_same(self) -> None:
        assert self._shown() == self.model.picture()
        held = self.model.held("queued") + self.model.held("running")
        assert sorted(held) == sorted(self.launched)
        assert self.stage.scheduler._world.held == len(held)


def empty(database: Database) -> None:
    with database.write() as session:
        for table in reversed(orm.Base.metadata.sorted_tables):
            session.execute(delete(table))


def serialized(dag: Dag) -> SerializedDag:
    tasks = tuple(
        SerializedTask(
            task_id=task.name,
            operator="PythonOperator",
            downstream=tuple(other.name for other in dag.below(task.name)),
            trigger_rule=task.rule,
            retries=task.retries,
            retry_delay_s=60.0 * RETRY_MINUTES,
            priority_weight=task.weight,
            pool=task.pool,
            pool_slots=task.slots,
            task_concurrency=task.limit,
            depends_on_past=task.depends_on_past,
            wait_for_downstream=task.waits_for_downstream,
            is_dummy=task.is_dummy,
            start_date=START + task.first * HOUR,
            end_date=START + task.last * HOUR,
        )
        for task in dag.tasks
    )
    return SerializedDag(
        dag_id=dag.name,
        path=f"{dag.name}.py",
        tasks=tasks,
        start_date=START + EARLIEST * HOUR,
        catchup=False,
        concurrency=dag.concurrency,
        max_active_runs=dag.max_active_runs,
        dagrun_timeout_s=60.0 * dag.timeout,
    )


def hours(launch: Launch) -> int:
    return (launch.context.execution_date - START) // HOUR


def test_the_scheduler_does_what_the_plainest_one_would_do(home: tuple[Core, Database]) -> None:
    core, database = home
    machine = type("Machine", (SchedulerMatchesModel,), {"core": core, "database": database})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
