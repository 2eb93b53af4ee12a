"""What a task asks is answered from the database, for the try that runs."""

from datetime import UTC, datetime

import pytest

from factories import make_dag, make_run, make_source, make_task_instance
from hubflow.config import Core
from hubflow.db.engine import Database
from hubflow.errors import NotFound, StaleState
from hubflow.execution.messages import Request, TryKey
from hubflow.questions import GetSource, PullXCom, PushXCom, XComItem
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


def test_a_source_is_found_by_its_hash(database: Database, backend: Backend) -> None:
    with database.write() as session:
        sha256 = make_source(session, "print(1)\n").sha256
    assert answer(backend, Request(id=1, body=GetSource(source_hash=sha256))) == "print(1)\n"
    with pytest.raises(NotFound):
        answer(backend, Request(id=2, body=GetSource(source_hash="absent")))
