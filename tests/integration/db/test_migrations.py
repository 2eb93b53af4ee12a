"""Rows of an older schema come through every migration, up and down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import MetaData, Table, insert, select, text

from hubflow.config import Core
from hubflow.db import migrate
from hubflow.db.engine import Database
from hubflow.db.orm import Base
from hubflow.errors import DatabaseUnusable

AT = datetime(2026, 11, 20, 6)
# One row of each table that the first schema had and a later one changes, with its parents.
FIRST_ROWS: dict[str, dict[str, Any]] = {
    "dag_file": {"id": 1, "path": "sales.py"},
    "dag": {
        "id": 1,
        "dag_id": "sales",
        "dag_file_id": 1,
        "is_active": True,
        "is_paused": False,
        "owners": "ann",
        "tags": b"[]",
        "timezone": "UTC",
        "kind": "dag",
        "max_active_runs": 16,
        "change_id": 1,
        "created_at": AT,
    },
    "dag_run": {
        "id": 1,
        "dag_id": 1,
        "run_id": "manual__1",
        "execution_date": AT,
        "data_interval_start": AT,
        "data_interval_end": AT,
        "state": "success",
        "run_type": "manual",
        "external_trigger": True,
        "queued_at": AT,
        "task_counts": b"{}",
    },
    "task_instance": {
        "id": 1,
        "dag_run_id": 1,
        "task_id": "load",
        "map_index": -1,
        "state": "success",
        "try_number": 1,
        "max_tries": 1,
        "operator": "BashOperator",
    },
    "xcom": {
        "id": 1,
        "task_instance_id": 1,
        "key": "return_value",
        "encoding": "json",
        "data": b"1",
        "text": "1",
        "at": AT,
    },
}


@pytest.fixture
def first(core: Core, bare_url: str) -> Iterator[Database]:
    """A database of the first schema, with rows in it."""
    core.database_url = bare_url
    database = Database(core)
    migrate.upgrade(database, "0001")
    tables = reflected(database)
    with database.engine.begin() as connection:
        for name, row in FIRST_ROWS.items():
            connection.execute(insert(tables[name]), row)
    yield database
    database.dispose()


def reflected(database: Database) -> dict[str, Table]:
    metadata = MetaData()
    metadata.reflect(database.engine)
    return dict(metadata.tables)


def rows(database: Database, table: str) -> list[dict[str, Any]]:
    with database.engine.connect() as connection:
        found = connection.execute(select(reflected(database)[table]))
        return [dict(row._mapping) for row in found]


def test_rows_of_the_first_schema_are_kept_with_the_defaults_of_new_columns(
    first: Database,
) -> None:
    migrate.upgrade(first)
    for name, row in FIRST_ROWS.items():
        assert [row.items() <= found.items() for found in rows(first, name)] == [True], name
    (task,) = rows(first, "task_instance")
    assert (task["pool"], task["pool_slots"]) == ("default_pool", 1)


def test_the_default_pool_is_there_after_the_upgrade(first: Database) -> None:
    migrate.upgrade(first)
    assert [pool["name"] for pool in rows(first, "pool")] == ["default_pool"]


def test_a_downgrade_keeps_the_rows_that_the_first_schema_knows(first: Database) -> None:
    migrate.upgrade(first)
    migrate.downgrade(first, "0001")
    for name, row in FIRST_ROWS.items():
        assert [row.items() <= found.items() for found in rows(first, name)] == [True], name
    assert "variable" not in reflected(first)


def test_values_for_later_runs_are_lost_to_a_schema_that_does_not_know_them(
    first: Database,
) -> None:
    migrate.upgrade(first)
    later = {**FIRST_ROWS["xcom"], "id": 2, "visible_from": datetime(2030, 1, 1)}
    with first.engine.begin() as connection:
        connection.execute(insert(Table("xcom", MetaData(), autoload_with=connection)), later)
    migrate.downgrade(first, "0011")
    assert [row["id"] for row in rows(first, "xcom")] == [FIRST_ROWS["xcom"]["id"]]


def test_dags_have_no_name_but_their_id_until_their_files_are_read_again(first: Database) -> None:
    migrate.upgrade(first)
    assert [row["display_name"] for row in rows(first, "dag")] == [None]
    migrate.downgrade(first, "0014")
    assert ["display_name" in row for row in rows(first, "dag")] == [False]


def test_misses_are_kept_by_a_schema_in_which_nobody_dismisses_them(first: Database) -> None:
    migrate.upgrade(first)
    miss = {
        "id": 1,
        "dag_id": 1,
        "task_id": "load",
        "execution_date": AT,
        "deadline": AT,
        "at": AT,
        "email_sent": True,
        "notification_sent": True,
    }
    dismissed = {**miss, "dismissed_at": AT, "dismissed_by": "ann"}
    with first.engine.begin() as connection:
        connection.execute(insert(reflected(first)["sla_miss"]), dismissed)
    migrate.downgrade(first, "0012")
    assert miss.items() <= rows(first, "sla_miss")[0].items()
    migrate.upgrade(first)
    assert rows(first, "sla_miss")[0]["dismissed_by"] is None


@pytest.mark.usefixtures("sqlite_only")
def test_keys_that_processes_remember_never_come_again(first: Database) -> None:
    migrate.upgrade(first)
    with first.engine.connect() as connection:
        found = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
        made = {name: sql for name, sql in found}
    remembered = {
        table.name
        for table in Base.metadata.sorted_tables
        if table.dialect_options["sqlite"]["autoincrement"]
    }
    assert remembered >= {"dag", "dag_version", "dag_run", "task_instance", "event", "alert"}
    assert {name for name in remembered if "AUTOINCREMENT" not in made[name]} == set()


@pytest.mark.parametrize("use", [migrate.check, migrate.upgrade])
def test_schema_of_a_newer_version_is_refused_with_the_command_that_helps(
    database: Database, use: Callable[[Database], None]
) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("update alembic_version set version_num = '9999'")
    words = rf"schema 9999.*hubflow db downgrade {migrate.head()}"
    with pytest.raises(DatabaseUnusable, match=words):
        use(database)


def test_schema_of_an_older_version_names_the_command(first: Database) -> None:
    with pytest.raises(DatabaseUnusable, match=r"schema 0001.*run `hubflow db upgrade`"):
        migrate.check(first)
