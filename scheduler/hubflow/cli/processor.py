"""`hubflow processor`: watches the DAG folder and keeps the database like it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from hubflow.cli.base import HubflowApp, ProcessLock, serve
from hubflow.config import Dags, Email
from hubflow.db import migrate
from hubflow.execution.client import WatcherClient
from hubflow.execution.messages import Request
from hubflow.parsing import processor
from hubflow.parsing.processor import Processor
from hubflow.questions import Question
from hubflow.services import for_tasks
from hubflow.services.unit import Backend


class ProcessorApp(HubflowApp):
    """Read DAG files when they change. One per HUBFLOW_HOME."""

    description = __doc__

    def run(self) -> None:
        paths = self.core.paths
        paths.make()
        self._lock = ProcessLock(paths.run / "processor.pid", "processor")
        migrate.check(self.database)
        serve(self._serve)

    async def _serve(self, stop: asyncio.Event) -> None:
        core, loop = self.core, asyncio.get_running_loop()
        watcher = WatcherClient(
            core.paths.scheduler_socket, "processor", lambda _: reader.news.set()
        )

        def poke_from_thread() -> None:
            loop.call_soon_threadsafe(watcher.poke)

        backend = Backend(
            self.database,
            core.paths,
            email=Email(config=self.config),
            poke=poke_from_thread,
            fernet_key=core.fernet_key,
        )

        def answer(question: Question) -> Any:
            return for_tasks.answer(backend, Request(id=0, body=question))

        dags = Dags(config=self.config)
        reader = Processor(core, dags, self.database, watcher.poke, answer)
        watching = asyncio.create_task(watcher.run())
        try:
            await processor.run(reader, stop)
        finally:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching
