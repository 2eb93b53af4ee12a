"""One scheduler leads; a former leader can write nothing, however late it wakes."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from subprocess import PIPE

import pytest
from sqlalchemy import select

from hubflow.clock import utcnow
from hubflow.config import Core
from hubflow.config import Scheduler as Settings
from hubflow.db import orm
from hubflow.db.engine import Database
from hubflow.db.queries import event_store, leases
from hubflow.errors import Deposed, LeadsElsewhere
from hubflow.process_identity import ProcessId, read_stat, this_host, this_process
from hubflow.scheduler import leadership
from hubflow.scheduler.leadership import Lease, Standby
from waiting import wait_for

QUICK = Settings(lease_s=1.5)


def stand_by(database: Database, settings: Settings = QUICK, limit_s: float = 30) -> Lease:
    """Wait as a scheduler would, and return the lease."""

    async def wait() -> Lease | None:
        async with asyncio.timeout(limit_s):
            return await Standby(database, settings).until_leader(asyncio.Event())

    lease = asyncio.run(wait())
    assert lease is not None
    return lease


def hold(database: Database, process: ProcessId) -> None:
    """Let another process hold the lease."""
    with database.write() as session:
        seen = leases.get(session, leases.SCHEDULER)
        assert leases.take(session, leases.SCHEDULER, seen, process, "0", utcnow())


@pytest.fixture
def sleeper() -> Iterator[ProcessId]:
    """A process of this host that does nothing."""
    process = subprocess.Popen(["sleep", "600"])
    stat = read_stat(process.pid)
    assert stat is not None
    yield ProcessId(this_host(), process.pid, stat.start_ticks)
    process.kill()
    process.wait()


def test_the_first_scheduler_leads_at_once(database: Database) -> None:
    lease = stand_by(database)
    with database.fenced(lease.fence).write() as session:
        assert leases.holder(leases.get(session, leases.SCHEDULER)) == this_process()


def test_a_lease_that_was_given_back_is_taken_at_once(database: Database) -> None:
    first = stand_by(database)
    first.release(database)
    assert stand_by(database, Settings(lease_s=600)).token == first.token + 1


def test_the_lease_of_a_dead_process_of_this_host_is_taken_at_once(
    database: Database, sleeper: ProcessId
) -> None:
    hold(database, sleeper._replace(start_ticks=sleeper.start_ticks - 1))
    assert stand_by(database, Settings(lease_s=600)).token == 2


def test_a_silent_leader_is_followed_by_another_and_can_write_nothing(
    database: Database, core: Core
) -> None:
    former = stand_by(database)
    hold(database, this_process())  # as if another had taken over while this one was frozen
    frozen = database.fenced(former.fence)
    with pytest.raises(Deposed), frozen.write() as session:
        event_store.append(session, "run", None, {}, utcnow())
    with database.read() as session:
        assert session.scalars(select(orm.Event)).all() == []


def test_a_living_process_that_shows_no_life_loses_the_lease(
    database: Database, sleeper: ProcessId
) -> None:
    hold(database, sleeper)
    assert stand_by(database).token == 2


def test_a_leader_that_shows_life_keeps_the_lease(database: Database, sleeper: ProcessId) -> None:
    hold(database, sleeper)
    now = [0.0]
    standby = Standby(database, QUICK, clock=lambda: now[0])
    for _ in range(8):
        assert standby._look() is None
        with database.write() as session:
            assert leases.renew(session, leases.SCHEDULER, 1)
        now[0] += QUICK.lease_s - 0.1
    assert standby._look() is None
    now[0] += QUICK.lease_s
    assert standby._look() is not None


def test_of_two_that_take_it_at_once_one_leads(database: Database, sleeper: ProcessId) -> None:
    hold(database, sleeper)
    with database.read() as session:
        seen = leases.get(session, leases.SCHEDULER)
    tokens = []
    for _ in range(2):
        with database.write() as session:
            tokens.append(
                leases.take(session, leases.SCHEDULER, seen, this_process(), "0", utcnow())
            )
    assert tokens == [2, None]


def test_nobody_stands_by_for_a_scheduler_of_another_machine(database: Database) -> None:
    hold(database, ProcessId("elsewhere/1", 1, 1))

    async def story() -> None:
        standby = asyncio.create_task(Standby(database, QUICK).until_leader(asyncio.Event()))
        while not standby.done():
            with database.write() as session:
                leases.renew(session, leases.SCHEDULER, 1)
            await asyncio.sleep(0.1)
        with pytest.raises(LeadsElsewhere, match="elsewhere/1"):
            await standby

    asyncio.run(story())


def test_a_stopped_leader_that_holds_the_lock_is_ended(core: Core, database: Database) -> None:
    """SQLite has one lock for all; PostgreSQL and MySQL keep the row."""
    script = (
        "import sys, time; from hubflow.config import Core; from hubflow.db.engine import Database;"
        "database = Database(Core(home=sys.argv[1], database_url=sys.argv[2]))\n"
        "with database.write(): print('locked', flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, core.home, core.database_url], stdout=PIPE
    ) as holder:
        stat = read_stat(holder.pid)
        assert stat is not None
        hold(database, ProcessId(this_host(), holder.pid, stat.start_ticks))
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"locked\n"
        holder.send_signal(signal.SIGSTOP)
        wait_for(lambda: (read_stat(holder.pid) or stat).state == b"T", "the stop")
        impatient = Database(core, lock_timeout_s=0.2)
        try:
            assert stand_by(impatient).token == 2
        finally:
            impatient.dispose()
        assert holder.wait(10) == -signal.SIGKILL


def test_a_scheduler_that_stands_by_is_heard_of_after_the_clock_was_set_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    standby = Standby(database, Settings(heartbeat_s=0.5))

    def heard_at() -> datetime:
        with database.read() as session:
            return session.scalars(select(orm.Process.heartbeat_at)).one()

    standby._beat()
    before = heard_at()
    an_hour = timedelta(hours=1)
    monkeypatch.setattr(leadership, "utcnow", lambda: utcnow() - an_hour)

    def is_heard_of() -> bool:
        standby._beat()
        return heard_at() != before

    wait_for(is_heard_of, "a sign of life", limit_s=10)
    assert before - heard_at() > an_hour / 2
