"""One scheduler leads, others stand by: who holds the lease, and how it is taken over.

The lease is a row of the database. Its holder shows every second that it lives; whoever stands by
looks twice a second and, when nothing moved for `lease_s` seconds of its own clock, takes the
lease with a higher token. From then on the former leader can write nothing, whenever it wakes:
each of its transactions begins with a look at the token, and keeps it in place until its end.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import time
from collections.abc import Callable

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from hubflow import __version__, steps
from hubflow.clock import utcnow
from hubflow.config import Scheduler as Settings
from hubflow.db import orm
from hubflow.db.engine import Database
from hubflow.db.queries import leases, process_beats
from hubflow.db.queries.process_beats import Beat
from hubflow.errors import DatabaseUnusable, Deposed, LeadsElsewhere
from hubflow.process_identity import STOPPED, ProcessId, stat_of, this_process
from hubflow.rules.leadership import Verdict, may_lead
from hubflow.steps import Step

RENEW_S = 0.5
LOOK_S = 0.5
# Who writes all the time leaves only short gaps: for the lease, try again at once.
AGAIN_S = 0.01

log = logging.getLogger(__name__)


class Lease:
    """The right to lead, while nobody else has taken it."""

    def __init__(self, token: int) -> None:
        self.token = token
        self._renewed_at = time.monotonic()

    def fence(self, session: Session) -> None:
        """Begin a transaction of the leader: raises Deposed if it does not lead any more."""
        now = time.monotonic()
        if now - self._renewed_at < RENEW_S:
            is_mine = leases.holds(session, leases.SCHEDULER, self.token)
        else:
            is_mine = leases.renew(session, leases.SCHEDULER, self.token)
            self._renewed_at = now
        if not is_mine:
            raise Deposed

    def release(self, database: Database) -> None:
        """Give it back in an orderly way; whoever stands by need not wait."""
        with contextlib.suppress(DatabaseUnusable), database.write() as session:
            leases.release(session, leases.SCHEDULER, self.token)


class Standby:
    """Waits for the lease.

    ``database`` should give up on a lock within about a second: a frozen leader may hold one.
    """

    def __init__(
        self,
        database: Database,
        settings: Settings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._database = database
        self._settings = settings
        self._process = this_process()
        self._seen: orm.Lease | None = None
        self._changed_at = 0.0
        self._beats_seen = 0
        self._beat_at = 0.0
        self._is_locked_out = False

    async def until_leader(self, stop: asyncio.Event) -> Lease | None:
        """Return the lease once it is ours, None when ``stop`` was set first.

        Raises LeadsElsewhere when a scheduler of another machine leads.
        """
        while not stop.is_set():
            try:
                if (lease := self._look()) is not None:
                    return lease
            except (DatabaseUnusable, OperationalError) as exc:
                log.warning("cannot see who leads, looking again: %s", exc)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(AGAIN_S if self._is_locked_out else LOOK_S):
                    await stop.wait()
        return None

    def _look(self) -> Lease | None:
        with self._database.read() as session:
            lease = leases.get(session, leases.SCHEDULER)
        self._is_locked_out = False
        self._notice(lease)
        holder = leases.holder(lease)
        is_elsewhere = holder is not None and holder.host != self._process.host
        verdict = may_lead(
            is_held=holder is not None,
            is_gone=holder is not None and not is_elsewhere and stat_of(holder) is None,
            is_elsewhere=is_elsewhere,
            beats_seen=self._beats_seen,
            silent_s=self._clock() - self._changed_at,
            lease_s=self._settings.lease_s,
        )
        if verdict is Verdict.GIVE_UP and holder is not None:
            raise LeadsElsewhere(holder.host, holder.pid)
        if verdict is Verdict.TAKE:
            return self._take(lease, holder)
        self._beat()
        return None

    def _notice(self, lease: orm.Lease) -> None:
        """Remember when the lease last changed, by our own clock."""
        before, self._seen = self._seen, lease
        if before is None or before.token != lease.token:
            self._changed_at, self._beats_seen = self._clock(), 0
            if lease.host is not None:
                log.info("standing by: pid %s on %s leads", lease.pid, lease.host)
                if lease.version != __version__:
                    log.warning(
                        "the leading scheduler is hubflow %s, this one %s",
                        lease.version,
                        __version__,
                    )
        elif before.beat != lease.beat:
            self._changed_at = self._clock()
            self._beats_seen += 1

    def _take(self, seen: orm.Lease, holder: ProcessId | None) -> Lease | None:
        try:
            with self._database.write() as session:
                token = leases.take(
                    session, leases.SCHEDULER, seen, self._process, __version__, utcnow()
                )
        except OperationalError as exc:
            self._is_locked_out = True
            log.warning("the lease is locked: %s", exc.orig)
            if holder is not None:
                self._end_frozen(holder)
            return None
        if token is None:
            return None
        log.info("leading now", extra={"token": token})
        steps.reach(Step.LEASE_TAKEN)
        return Lease(token)

    def _end_frozen(self, holder: ProcessId) -> None:
        """Kill a stopped leader of this host that holds the lock: nobody could write before it
        wakes up, and what it has open is rolled back."""
        stat = stat_of(holder) if holder.host == self._process.host else None
        if stat is not None and stat.state in STOPPED:
            log.warning("killing the former leader, pid %s: it is stopped", holder.pid)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(holder.pid, signal.SIGKILL)

    def _beat(self) -> None:
        """Show that there is somebody who would take over."""
        since = self._clock() - self._beat_at if self._beat_at else self._settings.heartbeat_s
        if since < self._settings.heartbeat_s:
            return
        self._beat_at = self._clock()
        with self._database.write() as session:
            us = Beat("scheduler", os.uname().nodename, self._process.pid, __version__)
            process_beats.beat(session, us, utcnow())
