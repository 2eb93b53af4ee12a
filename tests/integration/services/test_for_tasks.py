"""What a task asks is answered from the database, for the try that runs."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec import structs
from sqlalchemy import select

from factories import make_dag, make_run, make_source, make_task_instance
from hubflow.config import Core, Email
from hubflow.db import orm
from hubflow.db.engine import Database
from hubflow.db.orm.xcom import WITH_ITS_RUN
from hubflow.db.queries import xcom_store
from hubflow.errors import NotFound, SecretUnreadable, StaleState, TaskNotFound
from hubflow.execution.messages import Request, TryKey
from hubflow.questions import (
    DeleteXCom,
    GetConnections,
    GetPublicUrl,
    GetSource,
    GetVariable,
    NameInstance,
    PullXCom,
    PushXCom,
    SetVariable,
    StoreRendered,
    XComItem,
)
from hubflow.services import connections
from hubflow.services.access import ALL, Actor
from hubflow.services.dto import PostConnection
from hubflow.services.for_tasks import answer
from hubflow.services.unit import Backend
from hubflow.states import TaskState

DATE = datetime(2026, 11, 20, 6, tzinfo=UTC)
ITEM = XComItem(key="k", encoding="json", data=b"1", text="1")


def running_task(database: Database) -> int:
    """Store a run whose first task runs its second try; returns the instance's key."""
    with database.write() as session:
        dag = make_dag(session, "sales")
        run = make_run(session, dag, execution_date=DATE)
        instance = make_task_instance(session, run, "a")
        instance.state, instance.try_number = TaskState.RUNNING, 2
        return instance.id


@pytest.fixture
def backend(core: Core, database: Database) -> Backend:
    return Backend(database, core.paths)


def test_a_push_is_kept_for_the_running_try_only(database: Database, backend: Backend) -> None:
    key = running_task(database)
    answer(backend, Request(id=1, key=TryKey(key, 2), body=PushXCom(item=ITEM)))
    with pytest.raises(StaleState, match="try 1 is over"):
        answer(backend, Request(id=2, key=TryKey(key, 1), body=PushXCom(item=ITEM)))
    pulled = answer(
        backend,
        Request(id=3, body=PullXCom(dag_id="sales", execution_date=DATE, key="k")),
    )
    assert [item["data"] for item in pulled] == [b"1"]


def test_of_earlier_runs_the_newest_value_of_each_task_instance_is_pulled(
    database: Database, backend: Backend
) -> None:
    with database.write() as session:
        dag = make_dag(session, "sales")
        for day in range(4):
            run = make_run(session, dag, execution_date=DATE + timedelta(days=day))
            tasks = {0: "a", 1: "b", 2: "a", 3: "c"}
            instance = make_task_instance(session, run, tasks[day])
            item = structs.replace(ITEM, data=str(day).encode())
            xcom_store.put(session, [(instance.id, item)], DATE)
    question = PullXCom(
        dag_id="sales",
        execution_date=DATE + timedelta(days=2),
        key="k",
        include_prior_dates=True,
    )
    pulled = ask(backend, question)
    assert [(row["task_id"], row["data"]) for row in pulled] == [("a", b"2"), ("b", b"1")]
    every = [row["data"] for row in ask(backend, structs.replace(question, limit=10))]
    assert every == [b"2", b"1", b"0"]
    assert len(ask(backend, structs.replace(question, limit=2))) == 2
    only = ask(backend, structs.replace(question, task_ids=["b"]))
    assert [row["data"] for row in only] == [b"1"]


def test_a_value_for_a_later_date_is_seen_by_the_run_of_that_date(
    database: Database, backend: Backend
) -> None:
    try_key, later = TryKey(running_task(database), 2), DATE + timedelta(days=1)
    ask(backend, PushXCom(item=ITEM), try_key)
    for data in (b"2", b"3"):
        item = structs.replace(ITEM, data=data)
        ask(backend, PushXCom(item=item, execution_date=later), try_key)

    def pulled(at: datetime, **changes: Any) -> list[bytes]:
        question = PullXCom(dag_id="sales", execution_date=at, key="k", **changes)
        return [row["data"] for row in ask(backend, question)]

    assert pulled(DATE) == pulled(DATE, include_prior_dates=True) == [b"1"]
    assert pulled(later) == pulled(later, include_prior_dates=True) == [b"3"]
    assert pulled(later + timedelta(days=1)) == []
    assert pulled(later + timedelta(days=1), include_prior_dates=True) == [b"3"]
    assert pulled(later, task_ids=["b"]) == pulled(later, map_indexes=[0]) == []
    with database.read() as session:
        assert xcom_store.lengths(session, [try_key.task_instance_id], "k") == {1: None}


def test_a_value_for_another_task_of_the_run_is_that_tasks(
    database: Database, backend: Backend
) -> None:
    key = running_task(database)
    with database.write() as session:
        run = session.get_one(orm.TaskInstance, key).dag_run_id
        make_task_instance(session, session.get_one(orm.DagRun, run), "b")
    ask(backend, PushXCom(item=ITEM, task_id="b"), TryKey(key, 2))
    (row,) = ask(backend, PullXCom(dag_id="sales", execution_date=DATE, key="k"))
    assert (row["task_id"], row["execution_date"]) == ("b", DATE)
    with pytest.raises(TaskNotFound, match="'sales' has no task 'absent'"):
        ask(backend, PushXCom(item=ITEM, task_id="absent"), TryKey(key, 2))


def test_a_task_deletes_only_the_value_it_names(database: Database, backend: Backend) -> None:
    try_key, later = TryKey(running_task(database), 2), DATE + timedelta(days=1)
    ask(backend, PushXCom(item=ITEM), try_key)
    ask(backend, PushXCom(item=ITEM, execution_date=later), try_key)
    for wanted in (
        DeleteXCom(execution_date=later, task_id="a", key="k"),
        DeleteXCom(execution_date=DATE, task_id="b", key="k"),
        DeleteXCom(execution_date=DATE, task_id="a", key="other"),
    ):
        ask(backend, wanted, try_key)
    with database.read() as session:
        assert [row.visible_from for row in session.scalars(select(orm.XCom))] == [WITH_ITS_RUN]
    with pytest.raises(StaleState):
        ask(
            backend,
            DeleteXCom(execution_date=DATE, task_id="a", key="k"),
            TryKey(try_key.task_instance_id, 1),
        )


def test_a_source_is_found_by_its_hash(database: Database, backend: Backend) -> None:
    with database.write() as session:
        sha256 = make_source(session, "print(1)\n").sha256
    assert answer(backend, Request(id=1, body=GetSource(source_hash=sha256))) == "print(1)\n"
    with pytest.raises(NotFound):
        answer(backend, Request(id=2, body=GetSource(source_hash="absent")))


def ask(backend: Backend, body: object, key: TryKey | None = None) -> Any:
    return answer(backend, Request(id=1, key=key, body=body))  # type: ignore[arg-type]


def add(backend: Backend, **fields: Any) -> int:
    body = PostConnection(connection_id="db", conn_type="pg", **fields)
    return connections.add(backend, Actor("ada", ALL), body, duplicate=True).id


def test_a_variable_is_set_read_and_deleted(database: Database, backend: Backend) -> None:
    key = TryKey(running_task(database), 2)
    assert ask(backend, GetVariable(key="city"), key) is None
    assert ask(backend, SetVariable(key="city", value="Oslo"), key) is False
    assert ask(backend, GetVariable(key="city")) == "Oslo"
    assert ask(backend, SetVariable(key="city", value=None)) is True
    assert ask(backend, SetVariable(key="city", value=None)) is False


def test_a_try_that_is_over_sets_nothing(database: Database, backend: Backend) -> None:
    key = running_task(database)
    with pytest.raises(StaleState):
        ask(backend, SetVariable(key="city", value="Oslo"), TryKey(key, 1))
    assert ask(backend, GetVariable(key="city")) is None


def test_setting_the_same_value_again_is_no_news(database: Database, backend: Backend) -> None:
    for value in ("Oslo", "Oslo", "Bergen"):
        ask(backend, SetVariable(key="city", value=value))
    with database.read() as session:
        events = session.scalars(select(orm.Event)).all()
    assert [event.data["change"] for event in events] == ["added", "changed"]


def test_every_connection_of_an_id_is_given_in_clear(backend: Backend) -> None:
    add(backend, host="one", password="hunter2", extra='{"a": 1}')
    add(backend, host="two")
    one, two = ask(backend, GetConnections(conn_id="db"))
    assert one == {
        "conn_id": "db",
        "conn_type": "pg",
        "description": None,
        "host": "one",
        "schema": None,
        "login": None,
        "password": "hunter2",
        "port": None,
        "extra": '{"a": 1}',
    }
    assert two["host"] == "two"
    assert ask(backend, GetConnections(conn_id="other")) == []


def test_a_lost_key_names_what_it_hid_and_spares_the_rest(backend: Backend) -> None:
    ask(backend, SetVariable(key="old", value="1"))
    add(backend, host="one", password="hunter2")
    backend.keyring.path.unlink()
    ask(backend, SetVariable(key="new", value="2"))
    assert ask(backend, GetVariable(key="new")) == "2"
    with pytest.raises(SecretUnreadable, match="the variable 'old'"):
        ask(backend, GetVariable(key="old"))
    with pytest.raises(SecretUnreadable, match="the connection 'db'"):
        ask(backend, GetConnections(conn_id="db"))
    add(backend, host="two", password="hunter3")
    assert [c["host"] for c in ask(backend, GetConnections(conn_id="db"))] == ["two"]


def test_rendered_fields_are_those_of_the_newest_try(database: Database, backend: Backend) -> None:
    key = running_task(database)
    ask(backend, StoreRendered(fields={"sql": "select 2"}), TryKey(key, 2))
    ask(backend, StoreRendered(fields={"sql": "select 1"}), TryKey(key, 1))
    ask(backend, StoreRendered(fields={"sql": "?"}), TryKey(key + 1, 1))
    with database.read() as session:
        kept = session.scalars(select(orm.RenderedFields)).all()
    assert [(row.task_instance_id, row.fields) for row in kept] == [(key, {"sql": "select 2"})]


def test_an_instance_is_called_as_its_newest_try_says(database: Database, backend: Backend) -> None:
    key = running_task(database)
    for name, asker in (
        ("new", TryKey(key, 2)),
        ("late", TryKey(key, 1)),
        ("?", TryKey(key + 1, 1)),
    ):
        ask(backend, NameInstance(name=name), asker)
    with database.read() as session:
        assert [row.display_name for row in session.scalars(select(orm.TaskInstance))] == ["new"]


def test_where_people_see_the_page(core: Core, database: Database) -> None:
    backend = Backend(database, core.paths, email=Email(public_url="https://hub.example.org/flow"))
    asked = Request(id=1, key=TryKey(1, 1), body=GetPublicUrl())
    assert answer(backend, asked) == "https://hub.example.org/flow"
