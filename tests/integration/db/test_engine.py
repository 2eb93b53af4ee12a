"""Databases that cannot be used, transactions that fail, two writers at once."""

from __future__ import annotations

import stat
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from traitlets.config import Config

from hubflow.config import Core
from hubflow.db import migrate, orm
from hubflow.db.engine import Database, without_password
from hubflow.db.queries import event_store
from hubflow.errors import DatabaseUnusable

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def open_url(url: str) -> Database:
    return Database(Core(config=Config({"Core": {"database_url": url}})))


def add_event(database: Database, data: object = None) -> int:
    with database.write() as session:
        return event_store.append(session, "x", None, data or {}, NOW)


def add_small_and_large(database: Database) -> None:
    with database.write() as session:
        event_store.append(session, "small", None, {}, NOW)
        event_store.append(session, "large", None, {"text": "x" * 1_000_000}, NOW)


@pytest.mark.usefixtures("sqlite_only")
def test_a_read_only_file_is_named_with_what_to_do(core: Core, database: Database) -> None:
    frozen = open_url(f"sqlite:///file:{core.paths.database}?mode=ro&uri=true")
    with pytest.raises(DatabaseUnusable, match=r"hubflow\.db.*readonly.*make the file"):
        add_event(frozen)
    frozen.dispose()


@pytest.mark.usefixtures("sqlite_only")
def test_a_full_disk_is_named_and_nothing_is_half_written(database: Database) -> None:
    add_event(database)
    with database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(DatabaseUnusable, match=r"full; free space"):
        add_small_and_large(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    with database.read() as session:
        assert session.scalars(select(orm.Event.kind)).all() == ["x"]
    assert add_event(database, {"text": "x" * 1_000_000}) == 2


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    absent = open_url(f"sqlite:///{tmp_path}/absent/hubflow.db")
    with pytest.raises(DatabaseUnusable, match="folder"):
        migrate.upgrade(absent)


def test_a_database_without_tables_says_which_command(core: Core, bare_url: str) -> None:
    core.database_url = bare_url
    empty = Database(core)
    with pytest.raises(DatabaseUnusable, match="hubflow db upgrade"):
        migrate.check(empty)
    with pytest.raises(DatabaseUnusable, match="hubflow db upgrade"):
        add_event(empty)
    empty.dispose()


def test_migrations_equal_the_tables_and_can_be_undone(database: Database) -> None:
    assert migrate.differences(database) == []
    migrate.downgrade(database, "base")
    with pytest.raises(DatabaseUnusable):
        migrate.check(database)
    migrate.upgrade(database)
    migrate.check(database)


def test_two_writers_queue_up(database: Database) -> None:
    def write() -> None:
        for _ in range(20):
            with database.write() as session:
                last = event_store.last_id(session)
                assert event_store.append(session, "x", None, {}, NOW) == last + 1

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with database.read() as session:
        assert event_store.last_id(session) == 60


def test_a_naive_time_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="naive"), database.write() as session:
        event_store.append(session, "x", None, {}, datetime(2026, 1, 1))


def test_passwords_are_not_shown() -> None:
    assert without_password("postgresql://me:secret@host/db") == "postgresql://host/db"


def test_a_new_file_is_for_its_owner_only(tmp_path: Path) -> None:
    core = Core(config=Config({"Core": {"home": str(tmp_path)}}))
    core.paths.make()
    database = Database(core)
    migrate.upgrade(database)
    database.dispose()
    assert stat.S_IMODE(core.paths.database.stat().st_mode) == 0o600
