"""A consistent copy of the database in a file, while hubflow goes on."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL

from hubflow.db import migrate
from hubflow.db.engine import Database
from hubflow.errors import BackupFailed, BadRequest


def backup(database: Database, file: Path) -> str:
    """Write a backup to a ``file`` that is not there yet; returns how to restore it.

    Raises DatabaseUnusable, BadRequest, BackupFailed; there is no file then.
    """
    if file.exists():
        raise BadRequest(f"{file} is there already; name another file")
    migrate.check(database)
    write, restore = {
        "sqlite": (_of_sqlite, f"stop hubflow and copy {file} over hubflow.db"),
        "postgresql": (_by_pg_dump, f"pg_restore --clean --if-exists --dbname=NAME {file}"),
        "mysql": (_by_mysqldump, f"mariadb NAME < {file}"),
    }[database.backend]
    with _whole(file) as draft:
        write(database, draft)
    return restore


@contextmanager
def _whole(file: Path) -> Iterator[Path]:
    """Give the name to write to; what is whole gets its real one, anything else goes."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as exc:
        raise BackupFailed(f"{file} cannot be written: {exc.strerror}") from exc
    try:
        yield draft
        with draft.open("rb+") as written:
            os.fsync(written.fileno())
        draft.rename(file)
    finally:
        draft.unlink(missing_ok=True)


def _of_sqlite(database: Database, draft: Path) -> None:
    """SQLite copies page by page, and begins anew when somebody has written meanwhile."""
    with contextlib.ExitStack() as stack:
        pooled = stack.enter_context(closing(database.engine.raw_connection()))
        copy = stack.enter_context(closing(sqlite3.connect(draft)))
        source = pooled.driver_connection
        assert isinstance(source, sqlite3.Connection)
        try:
            source.backup(copy, pages=-1)
            copy.execute("PRAGMA journal_mode=DELETE")
            (found,) = copy.execute("PRAGMA integrity_check").fetchone()
        except sqlite3.Error as exc:
            raise BackupFailed(f"the backup failed: {exc}") from exc
    if found != "ok":
        raise BackupFailed(f"the copy is damaged, and so may the database be: {found}")


def _by_pg_dump(database: Database, draft: Path) -> None:
    url = database.engine.url
    options = ["--format=custom", f"--file={draft}", *_where(url, "--username")]
    _run(["pg_dump"], [*options, f"--dbname={url.database}"], url, "PGPASSWORD")


def _by_mysqldump(database: Database, draft: Path) -> None:
    url = database.engine.url
    options = ["--single-transaction", "--hex-blob", f"--result-file={draft}"]
    options += [*_where(url, "--user"), str(url.database)]
    _run(["mariadb-dump", "mysqldump"], options, url, "MYSQL_PWD")


def _where(url: URL, user: str) -> Iterator[str]:
    if url.host:
        yield f"--host={url.host}"
    if url.port:
        yield f"--port={url.port}"
    if url.username:
        yield f"{user}={url.username}"


def _run(names: list[str], options: list[str], url: URL, password: str) -> None:
    """Run the first of these programs that is there; a password goes through the environment."""
    program = next((found for name in names if (found := shutil.which(name))), None)
    if program is None:
        command = " ".join([names[0], *options])
        raise BackupFailed(f"{names[0]} is not installed here; where it is, run: {command}")
    environment = dict(os.environ)
    if url.password:
        environment[password] = str(url.password)
    done = subprocess.run(
        [program, *options], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BackupFailed(f"{Path(program).name} failed: {done.stderr.strip()}")
