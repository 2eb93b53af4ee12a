"""A service on a seeded database."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy.orm import Session

import factories as make
from hubflow.config import Core
from hubflow.db import orm
from hubflow.db.engine import Database
from hubflow.states import RunState, TaskState
from integration.server.service import Service

RUN = "scheduled__2026-11-01T06:00:00+00:00"


@pytest.fixture
def service(core: Core, database: Database) -> Iterator[Service]:
    service = Service(core)
    yield service
    service.close()


@pytest.fixture
def write(database: Database) -> Callable[[Callable[[Session], object]], None]:
    """Run a function in one committed transaction."""

    def run(change: Callable[[Session], object]) -> None:
        with database.write() as session:
            change(session)

    return run


@pytest.fixture
def etl(database: Database) -> orm.Dag:
    """A DAG `etl` with one finished run of extract (ok) and load (failed)."""
    with database.write() as session:
        dag = make.make_dag(session, "etl")
        run = make.make_run(session, dag, state=RunState.FAILED)
        extract = make.make_task_instance(session, run, "extract")
        make.make_xcom(session, extract, value={"rows": 3})
        make.make_task_instance(session, run, "load", state=TaskState.FAILED, error="exit 1")
    return dag
