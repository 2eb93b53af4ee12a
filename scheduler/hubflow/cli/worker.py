"""`hubflow worker`: runs tries on this machine."""

from __future__ import annotations

import asyncio

from hubflow.cli.base import HubflowApp, serve
from hubflow.config import Dags, Worker
from hubflow.worker import daemon


class WorkerApp(HubflowApp):
    """Run tries on this machine. One per HUBFLOW_HOME; it outlives the scheduler."""

    description = __doc__

    def run(self) -> None:
        serve(self._serve)

    async def _serve(self, stop: asyncio.Event) -> None:
        await daemon.run(self.core, Worker(config=self.config), stop, Dags(config=self.config))
