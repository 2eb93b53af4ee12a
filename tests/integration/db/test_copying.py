"""`hubflow db copy` moves everything, or leaves nothing behind."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, insert, select, text, update
from traitlets.config import Config

import factories as make
from hubflow.clock import utcnow
from hubflow.config import Core
from hubflow.db import copying, migrate, orm
from hubflow.db.engine import Database
from hubflow.db.queries import event_store, leases, process_beats
from hubflow.db.queries.process_beats import Beat
from hubflow.errors import BadRequest, CopyFailed
from hubflow.process_identity import this_process
from hubflow.states import TaskState
from seed import fill
from servers.schemas import Opened, Schemas


def quiet(progress: copying.Progress) -> None:
    """Say nothing."""


@pytest.fixture
def seeded(tmp_path: Path) -> Iterator[Database]:
    """An SQLite database with something in every corner, and more events than one batch takes."""
    core = Core(config=Config({"Core": {"home": str(tmp_path / "old")}}))
    core.paths.make()
    database = Database(core)
    migrate.upgrade(database)
    with database.write() as session:
        fill(session, core.paths)
        rows = [("x", None, {"n": n}) for n in range(copying.AT_ONCE * 2 + 1)]
        event_store.append_many(session, rows, utcnow())
        session.add(orm.Variable(key="nul", value="a\0b", description="ünï"))
        session.execute(update(orm.Process).values(stopped_at=utcnow()))
        dag = session.scalars(select(orm.Dag)).first()
        assert dag is not None
        gone = make.make_run(session, dag, execution_date=make.EPOCH + timedelta(days=900))
        session.execute(delete(orm.DagRun).where(orm.DagRun.id == gone.id))
    yield database
    database.dispose()


def everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    with database.read() as session:
        return {
            table.name: [tuple(row) for row in session.execute(select(table))]
            for table in orm.Base.metadata.sorted_tables
        }


def next_run_id(database: Database) -> int:
    with database.write() as session:
        dag = session.scalars(select(orm.Dag)).first()
        assert dag is not None
        at = make.EPOCH + timedelta(days=901)
        return make.make_run(session, dag, execution_date=at, tasks={"a": TaskState.NONE}).id


def test_everything_comes_over_and_back_again(
    seeded: Database, served: Opened, tmp_path: Path
) -> None:
    told: list[copying.Progress] = []
    before = everything(seeded)
    counts = copying.copy(seeded, served, told.append)
    assert counts == {name: len(rows) for name, rows in before.items()}
    assert [p.done for p in told if p.table == "event"][:3] == [0, 500, 1000]
    with served.read() as session:
        kept = session.scalars(select(orm.Variable.value).where(orm.Variable.key == "nul")).one()
    assert kept.replace("\ufffd", "\0") == "a\0b"
    back = Opened(f"sqlite:///{tmp_path}/back.db")
    copying.copy(served, back, quiet)
    after = everything(back)
    for name, rows in before.items():
        if name != "variable":
            assert sorted(map(repr, after[name])) == sorted(map(repr, rows)), name
    back.close()


def test_keys_of_deleted_rows_do_not_come_again_in_the_new_database(
    seeded: Database, served: Opened
) -> None:
    copying.copy(seeded, served, quiet)
    assert next_run_id(served) == next_run_id(seeded)


def test_a_target_with_rows_is_refused_and_left_alone(seeded: Database, served: Opened) -> None:
    with served.write() as session:
        session.add(orm.Variable(key="mine", value="x"))
    with pytest.raises(BadRequest, match="is not empty: it has rows in variable"):
        copying.copy(seeded, served, quiet)
    assert [row[1] for row in everything(served)["variable"]] == ["mine"]


def test_a_failure_in_the_middle_leaves_the_target_empty(seeded: Database, served: Opened) -> None:
    def stop(progress: copying.Progress) -> None:
        if progress.table == "task_instance" and progress.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copying.copy(seeded, served, stop)
    left = {name: len(rows) for name, rows in everything(served).items() if rows}
    assert left == {"lease": 1, "pool": 1}
    assert copying.copy(seeded, served, quiet)["event"] > 1_000


def test_a_value_that_does_not_fit_is_named_and_nothing_is_copied(
    seeded: Database, served: Opened
) -> None:
    with seeded.write() as session:
        session.add(orm.Pool(name="p" * 300, slots=1))
    with pytest.raises(BadRequest, match="table pool has a value too large"):
        copying.copy(seeded, served, quiet)
    assert everything(served)["event"] == []


def test_rows_that_are_not_kept_as_they_are_undo_the_copy(
    seeded: Database, schemas: Schemas
) -> None:
    with schemas.borrow_bare() as url:
        target = Opened(url)
        migrate.upgrade(target)
        with target.engine.begin() as connection:
            for statement in _SPOILERS[target.backend]:
                connection.execute(text(statement))
        with pytest.raises(CopyFailed, match="table variable is not the same"):
            copying.copy(seeded, target, quiet)
        assert everything(target)["variable"] == []
        target.close()


_SPOILERS = {
    "postgresql": [
        "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN NEW.value := 'spoilt'; RETURN NEW; END$$",
        "CREATE TRIGGER spoil BEFORE INSERT ON variable FOR EACH ROW EXECUTE FUNCTION spoil()",
    ],
    "mysql": [
        "CREATE TRIGGER spoil BEFORE INSERT ON variable FOR EACH ROW SET NEW.value = 'spoilt'"
    ],
}


def a_leader(database: Database) -> None:
    with database.write() as session:
        seen = leases.get(session, leases.SCHEDULER)
        leases.take(session, leases.SCHEDULER, seen, this_process(), "0", utcnow())


def a_processor(database: Database) -> None:
    with database.write() as session:
        process_beats.beat(session, Beat("processor", "h", 1, "0"), utcnow())


@pytest.mark.parametrize("alive", [a_leader, a_processor])
def test_a_source_at_which_somebody_works_is_refused(
    seeded: Database, tmp_path: Path, alive: Callable[[Database], None]
) -> None:
    alive(seeded)
    target = Opened(f"sqlite:///{tmp_path}/new.db")
    with pytest.raises(BadRequest, match="stop hubflow first"):
        copying.copy(seeded, target, quiet)
    assert everything(target)["event"] == []
    target.close()


def test_the_command_copies_and_says_what_to_do_next(seeded: Database, served: Opened) -> None:
    command = [sys.executable, "-m", "hubflow", "db", "copy"]
    done = subprocess.run(
        [*command, f"--from={seeded.url}", f"--to={served.url}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "are copied and verified" in done.stdout
    assert "HUBFLOW_DATABASE_URL" in done.stdout
    assert "se%2Fcr%40t" not in done.stdout + done.stderr
    with served.read() as session:
        assert (session.scalar(select(func.count()).select_from(orm.Event)) or 0) > 1_000
    with served.write() as session:
        session.execute(insert(orm.table(orm.Pool)).values(name="new", slots=1, include_deferred=0))
