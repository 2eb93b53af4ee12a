"""`hubflow scheduler`: puts the loop, its executor and its socket together."""

from __future__ import annotations

import asyncio

from hubflow.cli.base import HubflowApp, ProcessLock, serve
from hubflow.config import Core, Email
from hubflow.config import Scheduler as Settings
from hubflow.db import migrate
from hubflow.db.engine import Database
from hubflow.execution.server import ExecutionServer
from hubflow.executors.local import LocalExecutor
from hubflow.scheduler.loop import Scheduler
from hubflow.scheduler.mailer import Mailer
from hubflow.services import for_tasks
from hubflow.services.unit import Backend


class SchedulerApp(HubflowApp):
    """Decide what runs when, and hand it to the worker. One per HUBFLOW_HOME."""

    description = __doc__

    def run(self) -> None:
        paths = self.core.paths
        paths.make()
        self._lock = ProcessLock(paths.run / "scheduler.pid", "scheduler")
        migrate.check(self.database)
        serve(self._serve)

    async def _serve(self, stop: asyncio.Event) -> None:
        settings, email = Settings(config=self.config), Email(config=self.config)
        await run(self.core, settings, email, self.database, stop)


async def run(
    core: Core, settings: Settings, email: Email, database: Database, stop: asyncio.Event
) -> None:
    """Run a scheduler until ``stop``."""
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
    sending = asyncio.create_task(mailer.run())
    try:
        await scheduler.run(stop)
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        await server.close()
