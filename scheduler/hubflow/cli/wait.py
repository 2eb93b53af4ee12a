"""Wait for the end of a run: woken by the scheduler, with a slow look as a safety net."""

from __future__ import annotations

import asyncio

from hubflow.execution.client import WatcherClient
from hubflow.services import dag_runs
from hubflow.services.access import Actor
from hubflow.services.dto import DagRunDto
from hubflow.services.unit import Backend
from hubflow.states import RUN_FINISHED

SAFETY_POLL_S = 1.0


def wait_for_run(backend: Backend, actor: Actor, dag_id: str, run_id: str) -> DagRunDto:
    """Return the run once it is over."""
    return asyncio.run(_wait(backend, actor, dag_id, run_id))


async def _wait(backend: Backend, actor: Actor, dag_id: str, run_id: str) -> DagRunDto:
    news = asyncio.Event()
    watcher = WatcherClient(
        backend.paths.scheduler_socket, "cli", lambda _: news.set(), on_connect=news.set
    )
    watching = asyncio.create_task(watcher.run())
    try:
        while True:
            news.clear()
            found = dag_runs.get(backend, actor, dag_id, run_id)
            if found.state in RUN_FINISHED:
                return found
            try:
                async with asyncio.timeout(SAFETY_POLL_S):
                    await news.wait()
            except TimeoutError:
                continue
    finally:
        watching.cancel()
