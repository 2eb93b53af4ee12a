"""`hubflow db backup` writes a file from which everything comes back."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from hubflow.clock import utcnow
from hubflow.db import migrate, orm
from hubflow.db.backup import backup
from hubflow.db.engine import Database
from hubflow.db.queries import event_store
from hubflow.errors import BackupFailed, BadRequest
from servers.schemas import Opened, Schemas

PASSWORDS = {"postgresql": "PGPASSWORD", "mysql": "MYSQL_PWD"}


@pytest.fixture
def local(tmp_path: Path) -> Database:
    database = Opened(f"sqlite:///{tmp_path}/hubflow.db")
    migrate.upgrade(database)
    return database


def add(database: Database, kind: str) -> None:
    with database.write() as session:
        event_store.append(session, kind, None, {"data": "x" * 2_000}, utcnow())


def kinds(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(orm.Event.kind).order_by(orm.Event.id)))


def test_a_backup_of_sqlite_is_whole_while_others_write(local: Database, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            add(local, "x")

    add(local, "first")
    writer = threading.Thread(target=write)
    writer.start()
    file = tmp_path / "backup.db"
    try:
        assert "copy" in backup(local, file)
    finally:
        stop.set()
        writer.join()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    restored = Opened(f"sqlite:///{file}")
    migrate.check(restored)
    found = kinds(restored)
    assert found[0] == "first"
    assert found == kinds(local)[: len(found)]
    restored.close()
    local.dispose()


def test_a_damaged_database_makes_no_backup(local: Database, tmp_path: Path) -> None:
    for _ in range(200):
        add(local, "x")
    with local.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    local.dispose()
    with (tmp_path / "hubflow.db").open("rb+") as file:
        size = os.fstat(file.fileno()).st_size
        file.seek(size // 2)
        file.write(b"\xff" * (size // 4))
    with pytest.raises(BackupFailed):
        backup(local, tmp_path / "backup.db")
    assert sorted(path.name for path in tmp_path.glob("*backup*")) == []
    local.dispose()


def test_a_file_that_is_there_is_not_overwritten(local: Database, tmp_path: Path) -> None:
    (tmp_path / "backup.db").write_text("mine")
    with pytest.raises(BadRequest, match="is there already"):
        backup(local, tmp_path / "backup.db")
    with pytest.raises(BackupFailed, match="cannot be written"):
        backup(local, tmp_path / "absent" / "backup.db")
    assert (tmp_path / "backup.db").read_text() == "mine"
    local.dispose()


def test_a_backup_of_a_server_can_be_restored(
    served: Opened, schemas: Schemas, tmp_path: Path
) -> None:
    add(served, "kept")
    file = tmp_path / "backup.dump"
    backup(served, file)
    add(served, "later")
    with schemas.borrow_bare() as url:
        copy = Opened(url)
        at = copy.engine.url
        account = {PASSWORDS[served.backend]: str(at.password)}
        if served.backend == "postgresql":
            command = ["pg_restore", f"--host={at.host}", f"--port={at.port}"]
            command += [f"--username={at.username}", f"--dbname={at.database}", str(file)]
        else:
            command = ["mariadb", f"--host={at.host}", f"--port={at.port}"]
            command += [f"--user={at.username}", str(at.database), f"--execute=source {file}"]
        subprocess.run(command, env={**os.environ, **account}, check=True)
        migrate.check(copy)
        assert migrate.differences(copy) == []
        assert kinds(copy) == ["kept"]
        copy.close()


def test_without_the_program_the_command_to_run_is_told(
    served: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupFailed, match=r"is not installed here; where it is, run: .*--host"):
        backup(served, tmp_path / "backup")
    assert list(tmp_path.glob("*backup*")) == []


def test_a_dump_that_fails_leaves_no_file(served: Opened, tmp_path: Path) -> None:
    program = tmp_path / "programs" / "pg_dump"
    program.parent.mkdir()
    for name in ("pg_dump", "mariadb-dump"):
        program.with_name(name).write_text("#!/bin/sh\necho no luck >&2; exit 3\n")
        program.with_name(name).chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(program.parent), prepend=os.pathsep)
        with pytest.raises(BackupFailed, match="failed: no luck"):
            backup(served, tmp_path / "backup")
    assert list(tmp_path.glob("*backup*")) == []


def test_the_copy_is_one_file(local: Database, tmp_path: Path) -> None:
    backup(local, tmp_path / "backup.db")
    with closing(sqlite3.connect(tmp_path / "backup.db")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert [path.name for path in tmp_path.glob("*backup*")] == ["backup.db"]
    local.dispose()
