"""`hubflow processor`: watches the DAG folder and keeps the database like it."""

from __future__ import annotations

import asyncio
import contextlib

from hubflow.cli.base import HubflowApp, ProcessLock, serve
from hubflow.config import Dags
from hubflow.db import migrate
from hubflow.execution.client import WatcherClient
from hubflow.parsing import processor


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
        core = self.core
        watcher = WatcherClient(core.paths.scheduler_socket, "processor")
        watching = asyncio.create_task(watcher.run())
        try:
            dags = Dags(config=self.config)
            await processor.run(core, dags, self.database, watcher.poke, stop)
        finally:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching
