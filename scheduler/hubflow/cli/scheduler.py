"""`hubflow scheduler`: puts the loop, its executor and its socket together."""

from __future__ import annotations

import asyncio
import errno
import logging
import os

from hubflow.cli.base import HubflowApp, serve
from hubflow.config import Core, Email, Retention
from hubflow.config import Scheduler as Settings
from hubflow.db import migrate
from hubflow.db.engine import Database
from hubflow.errors import Deposed, HomeUnusable
from hubflow.execution.server import ExecutionServer
from hubflow.executors.local import LocalExecutor
from hubflow.scheduler.leadership import Standby
from hubflow.scheduler.loop import Scheduler
from hubflow.scheduler.mailer import Mailer
from hubflow.scheduler.pruner import Pruner
from hubflow.services import for_tasks
from hubflow.services.unit import Backend

# A frozen leader may hold a lock; then it is ended, not waited for.
LOCK_TIMEOUT_S = 1.0

log = logging.getLogger(__name__)


class SchedulerApp(HubflowApp):
    """Decide what runs when, and hand it to the worker.

    Of several on one machine, one leads; the others stand by and take over when it dies or hangs.
    """

    description = __doc__

    def run(self) -> None:
        paths = self.core.paths
        paths.make()
        if not os.access(paths.run, os.W_OK):
            raise HomeUnusable(paths.home, PermissionError(errno.EACCES, "Permission denied"))
        migrate.check(self.database)
        serve(self._serve)

    async def _serve(self, stop: asyncio.Event) -> None:
        settings, email = Settings(config=self.config), Email(config=self.config)
        retention = Retention(config=self.config)
        await run(self.core, settings, email, retention, self.database, stop)


async def run(
    core: Core,
    settings: Settings,
    email: Email,
    retention: Retention,
    database: Database,
    stop: asyncio.Event,
) -> None:
    """Stand by, lead, and stand by again when another one took over, until ``stop``.

    Raises LeadsElsewhere.
    """
    while not stop.is_set():
        if database.is_sqlite:
            # One connection that was opened on a read-only file keeps all others so.
            database.dispose()
        waiting = Database(core, lock_timeout_s=LOCK_TIMEOUT_S)
        try:
            lease = await Standby(waiting, settings).until_leader(stop)
        finally:
            waiting.dispose()
        if lease is None:
            return
        try:
            await lead(core, settings, email, retention, database.fenced(lease.fence), stop)
            lease.release(database)
        except Deposed as exc:
            log.warning("%s", exc)


async def lead(
    core: Core,
    settings: Settings,
    email: Email,
    retention: Retention,
    database: Database,
    stop: asyncio.Event,
) -> None:
    """Be the scheduler until ``stop``; ``database`` refuses, with Deposed, to write for anybody who
    does not lead any more."""
    scheduler: Scheduler | None = None
    mailer = Mailer(email, database)

    def poke() -> None:
        mailer.ring()
        if scheduler is not None:
            scheduler.poke()

    loop = asyncio.get_running_loop()

    def poke_from_thread() -> None:
        loop.call_soon_threadsafe(poke)

    backend = Backend(
        database, core.paths, email=email, poke=poke_from_thread, fernet_key=core.fernet_key
    )
    server = ExecutionServer(
        core.paths.scheduler_socket,
        answer=lambda request: for_tasks.answer(backend, request),
        on_poke=poke,
    )
    scheduler = Scheduler(settings, database, LocalExecutor(server), server, email)
    scheduler.on_mail = mailer.ring
    await server.start()
    pruner = Pruner(retention, database, core.paths)
    helpers = [asyncio.create_task(helper.run()) for helper in (mailer, pruner)]
    try:
        await scheduler.run(stop)
    finally:
        for helper in helpers:
            helper.cancel()
        await asyncio.gather(*helpers, return_exceptions=True)
        await server.close()
