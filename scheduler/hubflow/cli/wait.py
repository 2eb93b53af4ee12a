"""Wait for something in the database: woken by the scheduler, with a slow look as a safety net."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from hubflow.config import Paths
from hubflow.execution.client import WatcherClient
from hubflow.services import dag_runs
from hubflow.services.access import Actor
from hubflow.services.dto import DagRunDto
from hubflow.services.unit import Backend
from hubflow.states import RUN_FINISHED

SAFETY_POLL_S = 1.0
T = TypeVar("T")


def wait_for_run(backend: Backend, actor: Actor, dag_id: str, run_id: str) -> DagRunDto:
    """Return the run once it is over."""

    def look() -> DagRunDto | None:
        found = dag_runs.get(backend, actor, dag_id, run_id)
        return found if found.state in RUN_FINISHED else None

    return wait_until(backend.paths, look)


def wait_until(paths: Paths, look: Callable[[], T | None]) -> T:
    """Return what ``look`` gives as soon as that is not None."""
    return asyncio.run(_wait(paths, look))


async def _wait(paths: Paths, look: Callable[[], T | None]) -> T:
    news = asyncio.Event()
    watcher = WatcherClient(
        paths.scheduler_socket, "cli", lambda _: news.set(), on_connect=news.set
    )
    watching = asyncio.create_task(watcher.run())
    try:
        while True:
            news.clear()
            if (found := look()) is not None:
                return found
            try:
                async with asyncio.timeout(SAFETY_POLL_S):
                    await news.wait()
            except TimeoutError:
                continue
    finally:
        watching.cancel()
