"""One writer at a time, on every database: ids of events come to light in their order."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text, update

from hubflow.db import orm
from hubflow.db.engine import Database
from hubflow.db.queries import event_store
from hubflow.errors import StaleState
from servers.schemas import Opened
from waiting import wait_for

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WAITING = {
    "postgresql": "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
    "AND datname = current_database()",
    "mysql": "SELECT variable_value FROM information_schema.global_status "
    "WHERE variable_name = 'INNODB_ROW_LOCK_CURRENT_WAITS'",
}


def waiters(database: Database) -> int:
    """Count who waits for a lock."""
    with database.engine.connect() as connection:
        return int(connection.execute(text(WAITING[database.backend])).scalar_one())


def append(database: Database, kind: str) -> int:
    with database.write() as session:
        return event_store.append(session, kind, None, {}, NOW)


def seen(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(orm.Event.kind).order_by(orm.Event.id)))


def test_a_second_writer_waits_so_that_no_reader_misses_the_first_ones_event(
    served: Database,
) -> None:
    later = threading.Thread(target=append, args=(served, "later"))
    with served.write() as session:
        first = event_store.append(session, "first", None, {}, NOW)
        later.start()
        wait_for(lambda: waiters(served) == 1, "the second writer to wait")
        # Whoever read the second one's event now would never look for the first one's again.
        assert seen(served) == []
    later.join()
    assert seen(served) == ["first", "later"]
    with served.read() as session:
        assert event_store.last_id(session) > first


def test_readers_see_ids_grow_while_many_write(served: Database) -> None:
    def write() -> None:
        for _ in range(15):
            append(served, "x")

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    found: list[int] = []
    while any(writer.is_alive() for writer in writers) or not found:
        last = found[-1] if found else 0
        with served.read() as session:
            newer = select(orm.Event.id).where(orm.Event.id > last).order_by(orm.Event.id)
            found += session.scalars(newer)
    for writer in writers:
        writer.join()
    with served.read() as session:
        every = session.scalars(select(orm.Event.id).order_by(orm.Event.id)).all()
    assert len(every) == 60
    assert found == list(every)[: len(found)]


def test_what_a_writer_reads_is_what_the_one_before_it_committed(served: Database) -> None:
    """The scheduler reads what others wrote, then moves its mark past its own events."""
    found: list[int] = []

    def read_and_write() -> None:
        with served.write() as session:
            found.append(event_store.last_id(session))
            event_store.append(session, "mine", None, {}, NOW)

    other = threading.Thread(target=read_and_write)
    with served.write() as session:
        first = event_store.append(session, "first", None, {}, NOW)
        other.start()
        wait_for(lambda: waiters(served) == 1, "the other writer to wait")
    other.join()
    assert found == [first]


def test_a_frozen_writer_holds_nobody_up_for_long(served: Opened) -> None:
    script = (
        "import sys, time; from hubflow.config import Core; from hubflow.db.engine import Database;"
        "database = Database(Core(database_url=sys.argv[1]))\n"
        "with database.write(): print('locked', flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", script, served.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as frozen:
        assert frozen.stdout is not None
        assert frozen.stdout.readline() == b"locked\n"
        frozen.send_signal(signal.SIGSTOP)
        since = time.monotonic()
        append(served, "x")
        assert time.monotonic() - since < 10
        frozen.kill()
    assert seen(served) == ["x"]


def test_a_writer_that_is_undone_for_a_deadlock_may_do_it_again(served: Database) -> None:
    """Only somebody else's statements can cause one: hubflow's writers come one by one."""
    with served.write() as session:
        session.add_all(orm.Variable(key=key, value="") for key in "abcdefgh")
    set_ = update(orm.Variable).values(value="x")
    with served.engine.connect() as other:
        if served.backend == "postgresql":
            other.execute(text("SET deadlock_timeout = '60s'"))
        other.execute(set_.where(orm.Variable.key > "a"))  # MySQL undoes who changed fewer rows
        waiting = threading.Thread(
            target=lambda: other.execute(set_.where(orm.Variable.key == "a"))
        )

        def cross() -> None:
            with served.write() as session:
                session.execute(set_.where(orm.Variable.key == "a"))
                waiting.start()
                wait_for(lambda: waiters(served) == 1, "the other one to wait")
                session.execute(set_.where(orm.Variable.key == "b"))

        with pytest.raises(StaleState, match="do it again"):
            cross()
        waiting.join()
        other.commit()
    with served.write() as session:
        session.execute(set_)
