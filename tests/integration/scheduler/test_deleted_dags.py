"""What comes after a DAG that was deleted has nothing of it."""

from __future__ import annotations

import pytest
from sqlalchemy import text, update

from hubflow.db import orm
from hubflow.db.queries import event_store
from hubflow.serialization.model import SerializedDag
from hubflow.services import dag_details, dags
from hubflow.services.access import ALL, Actor
from hubflow.services.unit import Backend
from integration.scheduler.stage import Stage, task

ADA = Actor("ada", ALL)
# Other databases never give a key again by themselves.
pytestmark = pytest.mark.usefixtures("sqlite_only")


@pytest.fixture
def backend(stage: Stage) -> Backend:
    return Backend(stage.database, stage.paths)


def add(stage: Stage, name: str) -> int:
    """Add a DAG whose only task has the DAG's name."""
    dag = SerializedDag(dag_id=name, path=f"{name}.py", tasks=(task(name),))
    return stage.add_dag(dag, number=len(name))


def run(stage: Stage, dag_key: int) -> list[str]:
    stage.trigger(dag_key)
    stage.turn()
    return stage.finish_all()


def delete(stage: Stage, backend: Backend, name: str) -> None:
    """Delete a DAG whose file is gone."""
    with stage.database.write() as session:
        gone = update(orm.Dag).where(orm.Dag.dag_id == name).values(is_active=False)
        session.execute(
            gone.values(change_id=event_store.append(session, "dag", name, {}, stage.now))
        )
    stage.turn()
    dags.delete(backend, ADA, name)
    stage.turn()


def forget_keys(stage: Stage) -> None:
    """Let the database give the keys of deleted rows away again."""
    with stage.database.write() as session:
        session.execute(text("DELETE FROM sqlite_sequence WHERE name IN ('dag', 'dag_version')"))


def test_its_keys_do_not_come_again(stage: Stage, backend: Backend) -> None:
    before = add(stage, "old")
    delete(stage, backend, "old")
    assert add(stage, "newer") > before


def test_the_next_dag_runs_its_own_tasks_even_under_the_same_keys(
    stage: Stage, backend: Backend
) -> None:
    before = add(stage, "old")
    assert run(stage, before) == ["old"]
    delete(stage, backend, "old")
    forget_keys(stage)
    assert add(stage, "newer") == before
    assert run(stage, before) == ["newer"]


def test_the_next_dag_shows_its_own_tasks_even_under_the_same_keys(
    stage: Stage, backend: Backend
) -> None:
    add(stage, "old")
    assert [t.task_id for t in dag_details.list_tasks(backend, ADA, "old", "task_id").tasks] == [
        "old"
    ]
    delete(stage, Backend(stage.database, stage.paths), "old")
    forget_keys(stage)
    add(stage, "newer")
    assert [t.task_id for t in dag_details.list_tasks(backend, ADA, "newer", "task_id").tasks] == [
        "newer"
    ]
