"""Runs that tasks start, and what tasks find out about other DAGs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from factories import add_version, make_dag, make_run, make_task_instance, serialized
from hubflow.clock import utcnow
from hubflow.config import Core
from hubflow.db import migrate, orm
from hubflow.db.engine import Database
from hubflow.db.queries import run_moves
from hubflow.errors import BadRequest, DagNotFound, RunExists, StaleState
from hubflow.execution.messages import Request, TryKey
from hubflow.questions import FindRuns, FindTasks, GetDag, Question, TriggerRun
from hubflow.services.for_tasks import answer
from hubflow.services.unit import Backend
from hubflow.states import RunState, RunType, TaskState
from servers.postgres import Postgres
from waiting import wait_for

NOW = utcnow().replace(microsecond=0)
DAY = timedelta(days=1)


class Caller:
    """A running task `master.call` that asks."""

    def __init__(self, core: Core, database: Database) -> None:
        self.database = database
        self.backend = Backend(database, core.paths)
        with database.write() as session:
            master = make_dag(session, "master")
            run = make_run(session, master, execution_date=NOW, state=RunState.RUNNING)
            run.data_interval_end = NOW + DAY
            instance = make_task_instance(session, run, "call", state=TaskState.RUNNING)
            make_dag(session, "child", is_paused=True)
            self.key = TryKey(instance.id, 1, 3)

    def ask(self, question: Question) -> Any:
        return answer(self.backend, Request(id=1, key=self.key, body=question))

    def runs(self) -> list[orm.DagRun]:
        with self.database.read() as session:
            return [run for run in session.query(orm.DagRun).order_by(orm.DagRun.id)][1:]

    def add_run(self, **facts: Any) -> int:
        with self.database.write() as session:
            child = session.query(orm.Dag).filter_by(dag_id="child").one()
            values = {"run_type": RunType.MANUAL, "run_id": "there", "execution_date": NOW - DAY}
            tasks = {"extract": TaskState.SUCCESS}
            run = make_run(session, child, **{**values, "tasks": tasks, **facts})
            return run.id


@pytest.fixture
def caller(core: Core, database: Database) -> Caller:
    return Caller(core, database)


def test_a_run_is_created_and_says_who_waits_for_it(caller: Caller) -> None:
    told = caller.ask(
        TriggerRun(
            dag_id="child", run_id="r", execution_date=NOW, conf=b'{"a": 1}', waits=True,
            if_exists="join",
        )
    )  # fmt: skip
    [run] = caller.runs()
    assert told == {
        "id": run.id,
        "run_id": "r",
        "execution_date": NOW,
        "state": "queued",
        "is_paused": True,
        "created": True,
    }
    assert (run.parent_id, run.conf) == (caller.key.task_instance_id, {"a": 1})
    assert (run.triggered_by, run.external_trigger) == ("task master.call", True)
    assert (run.data_interval_start, run.data_interval_end) == (NOW, NOW + DAY)
    with caller.database.read() as session:
        [audit] = session.query(orm.AuditEvent)
        assert (audit.event, audit.dag_id, audit.owner) == ("trigger", "child", "task master.call")


def test_nobody_waits_for_a_run_that_was_only_triggered(caller: Caller) -> None:
    caller.ask(TriggerRun(dag_id="child", execution_date=NOW))
    [run] = caller.runs()
    assert run.parent_id is None
    assert run.data_interval_end == NOW


@pytest.mark.parametrize("leads", [True, False])
def test_a_run_names_the_task_that_started_it(caller: Caller, leads: bool) -> None:
    caller.ask(TriggerRun(dag_id="child", execution_date=NOW, waits=True, leads=leads))
    with caller.database.read() as session:
        [news] = session.query(orm.Event).filter_by(kind="run")
        master = session.query(orm.DagRun).order_by(orm.DagRun.id).first()
        assert master is not None
        starter = {"dag_id": "master", "run_id": master.run_id, "task_id": "call", "map_index": -1}
    [run] = caller.runs()
    assert run.starter == starter | {"leads": leads}
    assert news.data["run"]["starter"] == run.starter


def test_a_run_that_others_lead_names_nobody_who_did_not_start_it(caller: Caller) -> None:
    caller.add_run(execution_date=NOW)
    caller.ask(
        TriggerRun(dag_id="child", execution_date=NOW, if_exists="join", waits=True, leads=True)
    )
    [run] = caller.runs()
    assert (run.parent_id, run.starter) == (caller.key.task_instance_id, None)


def test_a_run_stands_alone_when_the_run_that_waits_for_it_is_deleted(caller: Caller) -> None:
    caller.ask(TriggerRun(dag_id="child", execution_date=NOW, waits=True, leads=True))
    with caller.database.write() as session:
        master = session.query(orm.Dag).filter_by(dag_id="master").one()
        run_moves.delete_run(
            session, master, session.query(orm.DagRun).order_by(orm.DagRun.id).first()
        )
    with caller.database.read() as session:
        [run] = session.query(orm.DagRun)
        assert (run.dag_id, run.parent_id, run.starter) == (master.id + 1, None, None)


def test_asking_again_after_a_lost_connection_creates_one_run(caller: Caller) -> None:
    question = TriggerRun(dag_id="child", run_id="r", execution_date=NOW)
    first, second = caller.ask(question), caller.ask(question)
    assert first == second
    assert len(caller.runs()) == 1


def test_the_same_task_of_two_runs_never_takes_the_run_of_the_other_for_its_own(
    caller: Caller,
) -> None:
    question = TriggerRun(dag_id="child", run_id="fixed", if_exists="keep")
    first = caller.ask(question)
    with caller.database.write() as session:
        master = session.query(orm.Dag).filter_by(dag_id="master").one()
        other = make_run(session, master, execution_date=NOW + DAY, state=RunState.RUNNING)
        instance = make_task_instance(session, other, "call", state=TaskState.RUNNING)
    twin = TryKey(instance.id, 1, 0)
    second = answer(caller.backend, Request(id=2, key=twin, body=question))
    assert (first["created"], second["created"]) == (True, False)
    assert first["id"] == second["id"]
    assert caller.ask(question)["created"] is True
    fixed = TriggerRun(dag_id="child", run_id="fixed")
    with pytest.raises(RunExists):
        answer(caller.backend, Request(id=3, key=twin, body=fixed))


def test_a_run_that_appears_between_looking_and_making_is_joined(
    core: Core, postgres_server: Postgres
) -> None:
    """By somebody who does not queue up with hubflow's writers."""
    address = postgres_server.create()
    core.database_url = address.url
    database = Database(core)
    migrate.upgrade(database)
    caller = Caller(core, database)

    def is_blocked() -> bool:
        blocked = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        with database.engine.connect() as connection:
            return connection.execute(text(blocked)).scalar() == 1

    with ThreadPoolExecutor() as pool, Session(database.engine, expire_on_commit=False) as session:
        child = session.query(orm.Dag).filter_by(dag_id="child").one()
        there = make_run(session, child, run_id="fixed", execution_date=NOW)
        question = TriggerRun(dag_id="child", run_id="fixed", if_exists="join")
        asking = pool.submit(caller.ask, question)
        wait_for(is_blocked, "the other writer", limit_s=20)
        session.commit()
        told = asking.result()
    assert (told["id"], told["created"]) == (there.id, False)
    database.dispose()
    postgres_server.drop(address)


@pytest.mark.parametrize("if_exists", ["fail", "keep", "join", "reset"])
def test_a_run_that_somebody_else_made(caller: Caller, if_exists: str) -> None:
    key = caller.add_run(conf={"old": 1})
    question = TriggerRun(
        dag_id="child", run_id="new", execution_date=NOW - DAY, if_exists=if_exists
    )
    if if_exists == "fail":
        with pytest.raises(RunExists, match="already has a run at"):
            caller.ask(question)
        return
    told = caller.ask(question)
    [run] = caller.runs()
    assert (told["id"], told["run_id"]) == (key, "there")
    assert told["created"] is (if_exists == "reset")
    if if_exists == "reset":
        assert (run.state, run.conf) == (RunState.QUEUED, {})
        assert run.change_id > 0
        found = caller.ask(FindTasks(dag_id="child", execution_dates=[NOW - DAY]))
        assert {row["task_id"]: row["state"] for row in found}["extract"] == "none"
    else:
        assert (run.state, run.conf) == (RunState.SUCCESS, {"old": 1})


def test_a_run_that_goes_on_is_started_anew_as_its_tasks_end(caller: Caller) -> None:
    caller.add_run(state=RunState.RUNNING, tasks={"extract": TaskState.RUNNING})
    caller.ask(TriggerRun(dag_id="child", execution_date=NOW - DAY, run_id="x", if_exists="reset"))
    found = caller.ask(FindTasks(dag_id="child", execution_dates=[NOW - DAY]))
    assert {row["task_id"]: row["state"] for row in found}["extract"] == "restarting"


def test_starting_a_run_anew_does_not_clear_the_task_that_asks(caller: Caller) -> None:
    key = caller.add_run()
    with caller.database.write() as session:
        session.get_one(orm.DagRun, key).parent_id = caller.key.task_instance_id
    caller.ask(
        TriggerRun(
            dag_id="child", execution_date=NOW - DAY, run_id="x", if_exists="reset", waits=True
        )
    )
    with caller.database.read() as session:
        asker = session.get_one(orm.TaskInstance, caller.key.task_instance_id)
        assert asker.state is TaskState.RUNNING


@pytest.mark.parametrize("if_exists", ["fail", "join"])
def test_a_date_before_the_start_of_the_dag(caller: Caller, if_exists: str) -> None:
    with caller.database.write() as session:
        child = session.query(orm.Dag).filter_by(dag_id="child").one()
        add_version(session, child, serialized("child", start_date=NOW + DAY), "# later")
    question = TriggerRun(dag_id="child", execution_date=NOW, if_exists=if_exists)
    if if_exists == "join":
        assert caller.ask(question)["created"]
    else:
        with pytest.raises(BadRequest, match="before the start_date"):
            caller.ask(question)


def test_a_dag_that_is_missing_or_whose_file_is_gone_is_told(caller: Caller) -> None:
    with pytest.raises(DagNotFound, match="no DAG is named 'absent'"):
        caller.ask(TriggerRun(dag_id="absent"))
    with caller.database.write() as session:
        session.query(orm.Dag).filter_by(dag_id="child").one().is_active = False
    with pytest.raises(BadRequest, match="file of the DAG 'child' is gone"):
        caller.ask(TriggerRun(dag_id="child"))


def test_a_try_that_is_over_starts_nothing(caller: Caller) -> None:
    with caller.database.write() as session:
        session.get_one(orm.TaskInstance, caller.key.task_instance_id).state = TaskState.FAILED
    with pytest.raises(StaleState):
        caller.ask(TriggerRun(dag_id="child"))
    assert caller.runs() == []


def test_runs_are_found_by_what_is_asked(caller: Caller) -> None:
    for n in range(1, 4):
        state = RunState.FAILED if n == 2 else RunState.SUCCESS
        caller.add_run(run_id=f"r{n}", execution_date=NOW - n * DAY, state=state)

    def ids(**conditions: Any) -> list[str]:
        return [row["run_id"] for row in caller.ask(FindRuns(dag_id="child", **conditions))]

    assert ids() == ["r3", "r2", "r1"]
    assert ids(latest_first=True, limit=2) == ["r1", "r2"]
    assert ids(states=["failed"]) == ["r2"]
    assert ids(execution_dates=[NOW - DAY, NOW - 3 * DAY]) == ["r3", "r1"]
    assert ids(before=NOW - 2 * DAY) == ["r3"]
    assert ids(run_id="r1") == ["r1"]
    assert ids(run_id="absent") == []
    assert caller.ask(FindRuns(dag_id="absent")) == []
    [row] = caller.ask(FindRuns(dag_id="child", run_id="r2"))
    assert (row["state"], row["run_type"], row["external_trigger"]) == ("failed", "manual", True)


def test_task_instances_are_found_by_date_and_id(caller: Caller) -> None:
    tasks = {"extract": TaskState.SUCCESS, "load": TaskState.FAILED}
    caller.add_run(tasks=tasks)
    wanted = FindTasks(dag_id="child", execution_dates=[NOW - DAY, NOW])
    assert [(row["task_id"], row["state"]) for row in caller.ask(wanted)] == [
        ("extract", "success"),
        ("load", "failed"),
    ]
    one = FindTasks(dag_id="child", execution_dates=[NOW - DAY], task_ids=["load"])
    assert [row["task_id"] for row in caller.ask(one)] == ["load"]


def test_a_dag_is_described(caller: Caller) -> None:
    assert caller.ask(GetDag(dag_id="child")) == {
        "dag_id": "child",
        "is_paused": True,
        "is_active": True,
        "task_ids": ["extract", "load"],
    }
    assert caller.ask(GetDag(dag_id="absent")) is None


def test_another_instance_of_a_mapped_task_does_not_take_a_run_for_its_own(caller: Caller) -> None:
    first = caller.key
    with caller.database.write() as session:
        one = session.get_one(orm.TaskInstance, first.task_instance_id)
        one.map_index = 0
        run = session.get_one(orm.DagRun, one.dag_run_id)
        other = make_task_instance(session, run, "call", state=TaskState.RUNNING)
        other.map_index = 1
        caller.key = TryKey(other.id, 1)
    question = TriggerRun(dag_id="child", run_id="mine")
    assert caller.ask(question)["created"]
    caller.key = first
    with pytest.raises(RunExists):
        caller.ask(question)


@pytest.mark.parametrize("conf", [b"[1]", b'{"a": "' + b"x" * 70_000 + b'"}'])
def test_a_reset_gives_no_conf_that_a_run_cannot_have(caller: Caller, conf: bytes) -> None:
    caller.add_run()
    question = TriggerRun(dag_id="child", run_id="there", if_exists="reset", conf=conf)
    with pytest.raises(BadRequest):
        caller.ask(question)


def test_a_run_is_not_waited_for_by_one_of_its_own_tasks(caller: Caller) -> None:
    question = TriggerRun(
        dag_id="master", run_id="again", execution_date=NOW, waits=True, if_exists="join"
    )
    with pytest.raises(BadRequest, match=r"task master\.call would wait for ever: the run "):
        caller.ask(question)


def test_runs_that_would_wait_for_each_other_are_refused(caller: Caller) -> None:
    caller.ask(
        TriggerRun(dag_id="child", run_id="r", execution_date=NOW, waits=True, if_exists="join")
    )
    [child] = caller.runs()
    with caller.database.write() as session:
        run = session.get_one(orm.DagRun, child.id)
        run.state = RunState.RUNNING
        back = make_task_instance(session, run, "back", state=TaskState.RUNNING)
        caller.key = TryKey(back.id, back.try_number, 0)
    question = TriggerRun(
        dag_id="master", run_id="again", execution_date=NOW, waits=True, if_exists="join"
    )
    with pytest.raises(BadRequest, match=r"task child\.back would wait for ever"):
        caller.ask(question)
