"""Follow the log of a try while it grows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial

from hubflow.services import task_logs
from hubflow.services.dto import FollowLog, LogChunk
from hubflow_server.base import HubflowHandler


async def follow_log(handler: HubflowHandler, wanted: FollowLog) -> AsyncIterator[LogChunk]:
    """Yield the log from `wanted.offset` on, piece by piece, until its try is over.

    Wakes when the file changes, and on every event of the DAG, which may have ended the try.
    Raises DagRunNotFound, TaskNotFound, NotFound.
    """
    site = handler.site
    which = (wanted.dag_id, wanted.run_id, wanted.task_id, wanted.try_number, wanted.map_index)
    log = await handler.call(task_logs.locate, *which)
    offset = wanted.offset
    with site.feed.logs.following(log.path(site.backend.paths.logs).parent) as touched:
        while True:
            news = site.feed.news_of(wanted.dag_id)
            touched.clear()
            # Looked up before reading: a try that is over writes no more after this.
            log = await handler.call(task_logs.locate, *which)
            page = await handler.run(partial(task_logs.page, site.backend, log, offset))
            start = max(0, page.size + offset) if offset < 0 else min(offset, page.size)
            end = log.is_over and page.next_offset >= page.size
            if page.text or end:
                yield LogChunk(
                    dag_id=wanted.dag_id,
                    run_id=wanted.run_id,
                    task_id=wanted.task_id,
                    try_number=wanted.try_number,
                    map_index=wanted.map_index,
                    offset=start,
                    next_offset=page.next_offset,
                    text=page.text,
                    end=end,
                )
            offset = page.next_offset
            if end:
                return
            if offset >= page.size:
                await _either(touched, news)
                if news.is_set():
                    site.feed.logs.retry()


async def _either(*events: asyncio.Event) -> None:
    """Wait until one of the events is set."""
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
