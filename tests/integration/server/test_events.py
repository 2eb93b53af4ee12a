"""The event stream: resume, bounds, origin, logs, slow pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import websocket
from sqlalchemy.orm import Session

import factories as make
from hubflow.clock import utcnow
from hubflow.config import Core
from hubflow.db import orm
from hubflow.db.engine import Database
from hubflow.events import DagChanged
from hubflow.states import RunState, TaskState
from hubflow.tasklog import relative_path
from hubflow_server import feed
from hubflow_server.feed import MOST_PENDING, Subscription
from integration.handshake import ELSEWHERE, handshake
from integration.server.conftest import RUN
from integration.server.service import Service

Write = Callable[[Callable[[Session], object]], None]


def add_events(session: Session, count: int) -> None:
    data = {"dag_id": "etl", "change": "changed"}
    for _ in range(count):
        session.add(orm.Event(at=utcnow(), kind="dag", dag_id="etl", data=data))
        session.flush()


def test_page_of_events(service: Service, write: Write) -> None:
    write(lambda session: add_events(session, 5))
    body = service.reader.get("/events", params={"after": 2, "limit": 2}).json()
    assert [event["id"] for event in body["events"]] == [3, 4]
    assert body["last_id"] == 5
    assert body["events"][0]["data"] == {"dag_id": "etl", "change": "changed"}


def test_reconnecting_page_gets_what_it_missed_then_what_happens(
    service: Service, write: Write
) -> None:
    write(lambda session: add_events(session, 4))
    with service.stream("?after=0") as stream:
        while stream.next()["id"] != 4:  # the feed reads what others wrote within its poll
            pass
    with service.stream("?after=2") as stream:
        assert stream.next()["data"] == {"last_id": 4}
        assert [stream.next()["id"], stream.next()["id"]] == [3, 4]
        write(lambda session: add_events(session, 1))
        assert stream.next("dag")["id"] == 5


def test_page_that_missed_too_much_is_told_to_load_anew(service: Service, write: Write) -> None:
    write(lambda session: add_events(session, 1100))
    with service.stream() as stream:
        last = stream.next()["data"]["last_id"]
        while last < 1100:
            last = stream.next("dag")["id"]
    for after in (1, 5000):
        with service.stream(f"?after={after}") as stream:
            assert stream.next()["kind"] == "hello"
            assert stream.next()["kind"] == "reset"


@pytest.mark.parametrize("origin", [ELSEWHERE, "null"])
@pytest.mark.parametrize("query", ["", "?token=junk", "?token="])
def test_stream_is_for_pages_of_our_origin(service: Service, query: str, origin: str) -> None:
    url = f"/events{query}"
    assert handshake(service.reader, url, Origin=origin) == 403
    assert handshake(service.reader, url, Origin=service.origin) == 101


def test_stream_is_open_to_scripts_that_send_a_token(service: Service) -> None:
    sent = {"Origin": ELSEWHERE, "Authorization": "token good"}
    assert handshake(service.reader, "/events", **sent) == 101


def test_stream_needs_a_caller(service: Service) -> None:
    assert handshake(service.stranger, "/events") == 401


@pytest.fixture
def rare_health(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the health of the clock away; ask for it before the service."""
    monkeypatch.setattr(feed, "HEALTH_EVERY_S", 3600.0)


def test_health_follows_what_happens_and_does_not_wait_for_its_turn(
    rare_health: None, service: Service, write: Write, etl: orm.Dag
) -> None:
    def start_task(session: Session) -> None:
        run = make.make_run(session, etl, execution_date=utcnow(), state=RunState.RUNNING)
        make.make_task_instance(session, run, "extract", state=TaskState.RUNNING)
        add_events(session, 1)

    with service.stream() as stream:
        before = stream.next("health")
        write(start_task)
        after = stream.next("health")
    running = [message["data"]["worker"]["running"] for message in (before, after)]
    assert running[1] == running[0] + 1


def test_message_that_nobody_understands_closes_the_stream(service: Service) -> None:
    with service.stream() as stream:
        stream.next("hello")
        stream.send({"type": "sing"})
        opcode, data = stream.connection.recv_data()
        assert (opcode, int.from_bytes(data[:2])) == (websocket.ABNF.OPCODE_CLOSE, 4000)


def test_log_is_followed_until_the_try_ends(
    service: Service, core: Core, database: Database
) -> None:
    with database.write() as session:
        dag = make.make_dag(session)
        run = make.make_run(session, dag, state=RunState.RUNNING)
        task = make.make_task_instance(session, run, "extract", state=TaskState.RUNNING)
    file = core.paths.logs / relative_path("etl", "extract", make.EPOCH, 1)
    which = {"dag_id": "etl", "run_id": RUN, "task_id": "extract", "try_number": 1}
    with service.stream() as stream:
        stream.next("hello")
        stream.send({"type": "follow_log", **which})
        append(file, "first\n")
        finish_news(database)  # the folder is new: the next event makes the service look
        assert stream.next("log")["data"]["text"] == "first\n"
        append(file, "second\n")
        chunk = stream.next("log")["data"]
        assert (chunk["text"], chunk["offset"], chunk["end"]) == ("second\n", 6, False)
        append(file, "last\n")
        with database.write() as session:
            tried = session.query(orm.TaskTry).filter_by(task_instance_id=task.id).one()
            tried.state = TaskState.SUCCESS
        finish_news(database)
        texts = []
        while not (chunk := stream.next("log")["data"])["end"]:
            texts.append(chunk["text"])
    assert "".join([*texts, chunk["text"]]) == "last\n"


@pytest.mark.parametrize(("map_index", "text"), [(0, "zero\n"), (1, "one\n"), (None, "zero\n")])
def test_log_of_a_mapped_instance_is_its_own(
    service: Service, core: Core, database: Database, map_index: int | None, text: str
) -> None:
    with database.write() as session:
        run = make.make_run(session, make.make_dag(session), state=RunState.RUNNING)
        for index, line in enumerate(("zero\n", "one\n")):
            state = TaskState.RUNNING
            make.make_task_instance(session, run, "extract", state=state).map_index = index
            session.flush()
            append(core.paths.logs / relative_path("etl", "extract", make.EPOCH, 1, index), line)
    which = {"dag_id": "etl", "run_id": RUN, "task_id": "extract", "try_number": 1}
    with service.stream() as stream:
        stream.next("hello")
        stream.send({"type": "follow_log", **which, "map_index": map_index})
        assert stream.next("log")["data"]["text"] == text


def test_log_of_an_unknown_task_is_an_error_message(service: Service, etl: orm.Dag) -> None:
    which = {"dag_id": "etl", "run_id": RUN, "task_id": "nothing", "try_number": 1}
    with service.stream() as stream:
        stream.next("hello")
        stream.send({"type": "follow_log", **which})
        assert stream.next("error")["data"]["code"] == "task-not-found"


def test_reader_that_falls_behind_is_given_up() -> None:
    subscription = Subscription(0)
    for _ in range(MOST_PENDING):
        subscription.put(b"{}")
    assert not subscription.is_slow
    subscription.put(b"{}")
    assert subscription.is_slow


def append(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as out:
        out.write(text)


def finish_news(database: Database) -> None:
    data = DagChanged(dag_id="etl", change="changed")
    with database.write() as session:
        session.add(orm.Event(at=utcnow(), kind="dag", dag_id="etl", data=data))
