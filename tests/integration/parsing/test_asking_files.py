"""DAG files that ask for variables and connections while they are imported."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select

from hubflow.db import orm
from hubflow.db.queries import dag_store
from hubflow.errors import DatabaseUnusable
from hubflow.execution.messages import Request
from hubflow.parsing.processor import Processor
from hubflow.services import connections, for_tasks, variables
from hubflow.services.access import ALL, Actor
from hubflow.services.dto import PostConnection, PostVariable
from hubflow.services.unit import Backend
from integration.parsing.indexed_folder import Stage
from waiting import until

ADA = Actor("ada", ALL)
HEAD = """
from hubflow import DAG, Variable
from hubflow.hooks.base import BaseHook
from hubflow.operators import BashOperator, PythonOperator
"""
DYNAMIC = (
    HEAD
    + """
with DAG("dynamic", schedule=None, description=Variable.get("text", "none")) as dag:
    for name in Variable.get("names", [], deserialize_json=True):
        BashOperator(task_id=name, bash_command="true")
"""
)


@pytest.fixture
def backend(stage: Stage) -> Backend:
    return Backend(stage.database, stage.core.paths)


def put(backend: Backend, key: str, value: str) -> None:
    variables.put(backend, ADA, PostVariable(key=key, value=value))


def task_ids(stage: Stage, dag_id: str = "dynamic") -> list[str]:
    """Return the tasks of the newest version."""
    return [task["task_id"] for task in stored_dag(stage, dag_id).get("tasks", [])]


def stored_dag(stage: Stage, dag_id: str) -> dict[str, list[dict[str, object]]]:
    with stage.database.read() as session:
        query = (
            "select data from dag_version join dag on dag.version_id = dag_version.id "
            f"where dag.dag_id = '{dag_id}'"
        )
        data = session.connection().exec_driver_sql(query).scalar_one()
    found: dict[str, list[dict[str, object]]] = json.loads(data)
    return found


def follow(stage: Stage, story: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Run a processor that hears news, as those of a scheduler."""

    async def run() -> None:
        async with stage.processor() as processor:
            await processor.started.wait()
            await processor.settled()
            await story(processor.news)

    asyncio.run(run())


def test_tasks_are_made_from_a_variable(stage: Stage, backend: Backend) -> None:
    put(backend, "names", '["a", "b"]')
    stage.write("dynamic.py", DYNAMIC)
    stage.index()
    assert task_ids(stage) == ["a", "b"]


def test_a_file_that_asks_while_the_database_is_away_is_read_again(
    stage: Stage, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(backend, "names", '["a"]')
    stage.write("dynamic.py", DYNAMIC)
    answer, asked = for_tasks.answer, 0

    def away_at_first(backend: Backend, request: Request) -> object:
        nonlocal asked
        asked += 1
        if asked == 2:
            raise DatabaseUnusable("the server is away")
        return answer(backend, request)

    monkeypatch.setattr(for_tasks, "answer", away_at_first)
    monkeypatch.setattr(Processor, "retry_s", 0.01)
    stage.index()
    assert asked > 2
    assert task_ids(stage) == ["a"]
    with stage.database.read() as session:
        assert session.scalars(select(orm.ImportFailure)).all() == []


def test_a_secrets_backend_answers_before_the_database(
    stage: Stage, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(backend, "names", '["stored"]')
    (stage.core.paths.plugins / "vault.py").write_text(
        "class Vault:\n    def get_variable(self, key):\n        return '[\"a\"]'\n"
    )
    monkeypatch.setenv("HUBFLOW__SECRETS__BACKEND", "vault.Vault")
    stage.write("dynamic.py", DYNAMIC)
    stage.index()
    assert task_ids(stage) == ["a"]


def test_a_connection_is_at_hand(stage: Stage, backend: Backend) -> None:
    body = PostConnection(connection_id="db", conn_type="pg", host="warehouse")
    connections.add(backend, ADA, body)
    text = "DAG(BaseHook.get_connection('db').host, schedule=None)\n"
    stage.write("connected.py", HEAD + f"dag = {text}")
    stage.index()
    assert stage.active() == {"warehouse"}


def test_a_missing_variable_is_an_import_error_with_its_line(stage: Stage) -> None:
    stage.write("broken.py", HEAD + "\nCITY = Variable.get('city')\n")
    stage.index()
    failure = stage.failures()["broken.py"]
    assert "Variable city does not exist" in failure.message
    assert failure.line == 6


def test_a_lost_key_is_an_import_error_that_names_the_variable(
    stage: Stage, backend: Backend
) -> None:
    put(backend, "city", "Oslo")
    backend.keyring.path.unlink()
    stage.write("broken.py", HEAD + "\nCITY = Variable.get('city')\n")
    stage.write("good.py", HEAD + "dag = DAG('good', schedule=None)\n")
    stage.index()
    assert "the variable 'city' cannot be decrypted" in stage.failures()["broken.py"].message
    assert stage.active() == {"good"}


def test_a_file_is_imported_again_when_what_it_read_changes(stage: Stage, backend: Backend) -> None:
    put(backend, "names", '["a"]')
    stage.write("dynamic.py", DYNAMIC)

    async def story(news: asyncio.Event) -> None:
        put(backend, "names", '["a", "b"]')
        news.set()
        await until(lambda: task_ids(stage) == ["a", "b"])
        put(backend, "text", "new")
        news.set()
        await until(lambda: stage.dags()["dynamic"].description == "new")

    follow(stage, story)


def test_a_change_while_nobody_looked_is_noticed(stage: Stage, backend: Backend) -> None:
    put(backend, "names", '["a"]')
    stage.write("dynamic.py", DYNAMIC)
    stage.index()
    variables.delete(backend, ADA, "names")

    async def story(news: asyncio.Event) -> None:
        await until(lambda: task_ids(stage) == [])

    follow(stage, story)


def test_a_broken_file_is_mended_by_the_variable_that_it_lacked(
    stage: Stage, backend: Backend
) -> None:
    stage.write("dag.py", HEAD + "\ndag = DAG(Variable.get('name'), schedule=None)\n")

    async def story(news: asyncio.Event) -> None:
        assert "dag.py" in stage.failures()
        put(backend, "name", "mended")
        news.set()
        await until(lambda: stage.active() == {"mended"})

    follow(stage, story)


def test_what_a_file_sets_itself_does_not_import_it_for_ever(
    stage: Stage, backend: Backend
) -> None:
    text = """
import time
Variable.set("stamp", time.time())
dag = DAG("stamped", schedule=None, description=Variable.get("stamp") + Variable.get("x", ""))
"""
    stage.write("stamped.py", HEAD + text)
    stage.index()
    with stage.database.read() as session:
        (known,) = dag_store.list_known(session)
    assert known.reads is not None
    assert known.reads.names == {"variable:x"}


@pytest.mark.usefixtures("sqlite_only")
def test_a_secret_that_a_file_was_told_is_stored_nowhere(stage: Stage, backend: Backend) -> None:
    put(backend, "db_password", "pass-0816")
    text = """
PASSWORD = Variable.get("db_password")
with DAG("secretive", schedule=None, params={"p": PASSWORD}) as dag:
    BashOperator(task_id="plain", bash_command="echo open")
    BashOperator(task_id="told", bash_command=f"login {PASSWORD}")
    PythonOperator(task_id="args", python_callable=print, op_args=[f"x {PASSWORD}"])
print("printed", PASSWORD)
"""
    stage.write("secretive.py", HEAD + text)
    stage.write("broken.py", HEAD + "raise ValueError(Variable.get('db_password'))\n")
    stage.index()
    assert stage.failures()["broken.py"].message == "ValueError: ***"
    tasks = {task["task_id"]: task for task in stored_dag(stage, "secretive")["tasks"]}
    # A command with a secret in it goes through Python, which is told the secret when it runs.
    assert ("bash" in tasks["plain"], "bash" in tasks["told"]) == (True, False)
    assert tasks["told"]["fields"] == {"bash_command": "login ***"}
    with stage.database.engine.connect() as connection:
        dump = "".join(connection.connection.driver_connection.iterdump())  # type: ignore[union-attr]
    assert "pass-0816" not in dump
    assert b"pass-0816".hex() not in dump.lower()


@pytest.mark.parametrize(
    "line",
    [
        "current_runtime().push_xcom(None)",
        "current_runtime().pull_xcoms(None)",
        "current_runtime().add_artifact('a', 'b')",
        "current_runtime().ask(SendMail(to=[], subject='', html_content=''))",
    ],
)
def test_what_needs_a_task_is_refused_while_a_file_loads(stage: Stage, line: str) -> None:
    text = "from hubflow.sdk import current_runtime\nfrom hubflow.questions import SendMail\n"
    stage.write("early.py", HEAD + text + line + "\n")
    stage.index()
    assert "load" in stage.failures()["early.py"].message or "read" in (
        stage.failures()["early.py"].message
    )
