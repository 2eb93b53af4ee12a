"""A home with one worker in it, driven by a fake scheduler."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from hubflow import config
from hubflow.execution.messages import Launch
from hubflow.worker import daemon

from .fake_scheduler import FakeScheduler

T = TypeVar("T")


class Home:
    """HUBFLOW_HOME of a test. Change `worker` before `run`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.core = config.Core(home=str(path))
        self.worker = config.Worker(slots=8, warm_kernels=0, kill_grace_s=0.5)
        self.paths = self.core.paths
        self.paths.make()

    def run(self, story: Callable[[FakeScheduler], Awaitable[T]], limit_s: float = 60.0) -> T:
        """Run the story while a worker serves this home."""

        async def play() -> T:
            async with asyncio.timeout(limit_s), self.scheduler() as scheduler:
                stop = asyncio.Event()
                working = asyncio.create_task(daemon.run(self.core, self.worker, stop))
                telling = asyncio.ensure_future(story(scheduler))
                await asyncio.wait([working, telling], return_when=asyncio.FIRST_COMPLETED)
                stop.set()
                if working.done() and not telling.done():
                    telling.cancel()
                await working
                return await telling

        return asyncio.run(play())

    def scheduler(self) -> FakeScheduler:
        return FakeScheduler(self.paths.scheduler_socket)

    def log(self, launch: Launch) -> str:
        return (self.paths.logs / launch.log_path).read_text()
