"""`hubflow scheduler`: puts the loop, its executor and its socket together."""

from __future__ import annotations

import asyncio

from hubflow.cli.base import HubflowApp, ProcessLock, serve
from hubflow.config import Paths
from hubflow.config import Scheduler as Settings
from hubflow.db import migrate
from hubflow.db.engine import Database
from hubflow.execution.server import ExecutionServer
from hubflow.executors.local import LocalExecutor
from hubflow.scheduler.loop import Scheduler
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
        settings = Settings(config=self.config)
        await run(self.core.paths, settings, self.database, stop, self.core.fernet_key)


async def run(
    paths: Paths,
    settings: Settings,
    database: Database,
    stop: asyncio.Event,
    fernet_key: str = "",
) -> None:
    """Run a scheduler until ``stop``."""
    scheduler: Scheduler | None = None

    def poke() -> None:
        if scheduler is not None:
            scheduler.poke()

    loop = asyncio.get_running_loop()

    def poke_from_thread() -> None:
        loop.call_soon_threadsafe(poke)

    backend = Backend(database, paths, poke=poke_from_thread, fernet_key=fernet_key)
    server = ExecutionServer(
        paths.scheduler_socket,
        answer=lambda request: for_tasks.answer(backend, request),
        on_poke=poke,
    )
    scheduler = Scheduler(settings, database, LocalExecutor(server), server)
    await server.start()
    try:
        await scheduler.run(stop)
    finally:
        await server.close()
