"""`hubflow scheduler`: puts the loop, its executor and its socket together."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from hubflow.cli.base import HubflowApp, ProcessLock, serve
from hubflow.clock import utcnow
from hubflow.config import Scheduler as Settings
from hubflow.db import migrate
from hubflow.db.engine import Database
from hubflow.db.queries import sources, task_moves, xcom_store
from hubflow.errors import BadRequest
from hubflow.execution.messages import GetSource, PullXCom, PushXCom, Request
from hubflow.execution.server import ExecutionServer
from hubflow.executors.local import LocalExecutor
from hubflow.scheduler.loop import Scheduler


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
        await run(
            self.core.paths.scheduler_socket, Settings(config=self.config), self.database, stop
        )


async def run(
    socket_path: Path, settings: Settings, database: Database, stop: asyncio.Event
) -> None:
    """Run a scheduler until ``stop``."""
    scheduler: Scheduler | None = None

    def poke() -> None:
        if scheduler is not None:
            scheduler.poke()

    server = ExecutionServer(
        socket_path, answer=lambda request: answer(database, request), on_poke=poke
    )
    scheduler = Scheduler(settings, database, LocalExecutor(server), server)
    await server.start()
    try:
        await scheduler.run(stop)
    finally:
        await server.close()


def answer(database: Database, request: Request) -> Any:
    """Answer a task's question from the database."""
    body = request.body
    if isinstance(body, GetSource):
        with database.read() as session:
            return sources.get_text(session, body.source_hash)
    if isinstance(body, PullXCom):
        with database.read() as session:
            return xcom_store.pull(session, body)
    if isinstance(body, PushXCom) and request.key is not None:
        with database.write() as session:
            task_moves.require_current(session, *request.key)
            xcom_store.put(session, [(request.key.task_instance_id, body.item)], utcnow())
        return None
    raise BadRequest(f"a {type(body).__name__} needs the try it belongs to")
