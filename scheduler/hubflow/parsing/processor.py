"""File event -> import in a child process -> store a new version, or why the file is broken.

Nothing is scanned on a clock: the operating system says when a file changes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from watchfiles import Change, awatch

from hubflow import __version__
from hubflow.clock import utcnow
from hubflow.config import Core, Dags
from hubflow.db.engine import Database
from hubflow.db.queries import dag_store, process_beats
from hubflow.db.queries.process_beats import Beat
from hubflow.errors import HubflowError
from hubflow.parsing import finder, source
from hubflow.parsing.finder import Stamp
from hubflow.parsing.intake import BESIDE, Intake
from hubflow.parsing.queue import PathQueue
from hubflow.parsing.read_with import ReadWith
from hubflow.parsing.wishes import Wishes
from hubflow.questions import Question

AT_ONCE = 2
HEARTBEAT_S = 5.0
REREAD_S = 1.0
DEBOUNCE_MS = 200
STEP_MS = 50

log = logging.getLogger(__name__)


class Processor:
    """Keeps the DAGs in the database like the files in the DAG folder.

    Parameters
    ----------
    poke : called after each commit that the scheduler should look at.
    answer : answers what files ask while they are imported; called in a thread.
    """

    retry_s = 5.0
    """Seconds until a file is tried again whose result could not be stored."""

    def __init__(
        self,
        core: Core,
        dags: Dags,
        database: Database,
        poke: Callable[[], None],
        answer: Callable[[Question], Any],
    ) -> None:
        self._folder = core.paths.dags
        self._plugins = core.paths.plugins
        self._database = database
        self._intake = Intake(self._folder, dags, database, poke, answer)
        self._read_with = ReadWith(core.paths.run / "dag_files_read_with", dags)
        self._wishes = Wishes(database)
        self.news = asyncio.Event()
        """Set it when somebody has committed something: variables may have changed."""
        self._queue = PathQueue()
        self.started = asyncio.Event()
        """Set once the folder is watched and everything that differed is queued."""
        self._seen: dict[str, Stamp] = {}
        self._seen_plugins: dict[str, Stamp] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Index the folder, then follow its changes until ``stop``."""
        for folder in (self._folder, self._plugins):
            folder.mkdir(parents=True, exist_ok=True)
        try:
            async with asyncio.TaskGroup() as group:
                helpers = [group.create_task(self._work()) for _ in range(AT_ONCE)]
                helpers.append(group.create_task(self._beat()))
                helpers.append(group.create_task(self._intake.warm_up()))
                await self._index()
                helpers.append(group.create_task(self._remember_settings()))
                helpers.append(group.create_task(self._reread()))
                await self._follow(stop)
                for helper in helpers:
                    helper.cancel()
        finally:
            await self._intake.close()
            with contextlib.suppress(HubflowError), self._database.write() as session:
                process_beats.stop(
                    session, "processor", socket.gethostname(), os.getpid(), utcnow()
                )

    async def settled(self) -> None:
        """Wait until every change that was noticed so far is stored."""
        await self._queue.join()

    # ---- noticing ------------------------------------------------------------------------------

    async def _index(self) -> None:
        """Read what is stored, and queue what differs from it or was broken."""
        with self._database.read() as session:
            known = dag_store.list_known(session)
        self._intake.remember(known)
        self._seen = finder.scan(self._folder)
        python = set(filter(finder.may_be_dag_file, self._seen))
        stored = {path for path in self._intake.paths if not path.startswith(BESIDE)}
        await self._queue.put(sorted(python | stored), force=not self._read_with.is_same())
        self._seen_plugins = finder.scan(self._plugins)
        if self._seen_plugins or stored != self._intake.paths:
            await self._intake.take_plugins()
        last_look = max((file.parsed_at for file in known if file.parsed_at), default=None)
        if last_look is not None:
            since_ns = int(last_look.timestamp() * 1e9)
            await self._queue.put(self._users_of(_written(self._seen, since_ns)), force=True)
            if _written(self._seen_plugins, since_ns):
                await self._queue.put(self._users_of_plugins(), force=True)

    async def _remember_settings(self) -> None:
        await self.settled()
        self._read_with.write()

    async def _follow(self, stop: asyncio.Event) -> None:
        def matters(change: Change, path: str) -> bool:
            return finder.is_watched(os.path.relpath(path, self._folder))

        changes = awatch(
            self._folder,
            self._plugins,
            watch_filter=matters,
            debounce=DEBOUNCE_MS,
            step=STEP_MS,
            stop_event=stop,
        )
        # The generator begins to watch when it is first asked; only then may we look at what
        # has changed since the index, or a change in between would be missed.
        event = asyncio.ensure_future(anext(changes, None))
        await asyncio.sleep(0)
        await self._notice()
        self.started.set()
        while await event is not None:
            await self._notice()
            event = asyncio.ensure_future(anext(changes, None))

    async def _notice(self) -> None:
        """Compare the folders with what was seen last; events only say when to look."""
        await self._notice_plugins()
        before, self._seen = self._seen, finder.scan(self._folder)
        changed = finder.changed(before, self._seen)
        if changed:
            await self._queue.put(sorted(filter(finder.may_be_dag_file, changed)))
            users = await asyncio.to_thread(self._users_of, changed)
            await self._queue.put(users, force=True)

    async def _notice_plugins(self) -> None:
        before, self._seen_plugins = self._seen_plugins, finder.scan(self._plugins)
        if finder.changed(before, self._seen_plugins):
            await self._intake.take_plugins()
            await self._queue.put(self._users_of_plugins(), force=True)

    def _users_of_plugins(self) -> list[str]:
        """Return the DAG files that may use a plugin: which one asks for it is not to be seen."""
        return sorted(path for path, text in self._texts().items() if "airflow" in text)

    def _users_of(self, changed: Iterable[str]) -> list[str]:
        """Return the DAG files that import or name one of the changed files."""
        changed = set(changed)
        if not changed:
            return []
        return sorted(finder.dependents(self._texts(), changed) - changed)

    def _texts(self) -> dict[str, str]:
        texts: dict[str, str] = {}
        for path in self._seen:
            if path.endswith(".py"):
                with contextlib.suppress(source.Unreadable, OSError):
                    texts[path] = source.read(self._folder, path).text
        return texts

    async def _reread(self) -> None:
        """Queue files whose variables or connections have changed, at most once a second."""
        while True:
            try:
                await self._queue.put(self._intake.stale(), force=True)
                await self._queue.put(self._wishes.take(), force=True)
            except HubflowError:
                log.exception("cannot see which variables have changed; trying again")
            await asyncio.sleep(REREAD_S)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(HEARTBEAT_S):
                    await self.news.wait()
            self.news.clear()

    async def _beat(self) -> None:
        us = Beat("processor", socket.gethostname(), os.getpid(), __version__)
        while True:
            try:
                with self._database.write() as session:
                    process_beats.beat(session, us, utcnow())
            except HubflowError as exc:
                log.error("no heartbeat could be written: %s", exc)
            await asyncio.sleep(HEARTBEAT_S)

    # ---- reading one file ----------------------------------------------------------------------

    async def _work(self) -> None:
        while True:
            path, force = await self._queue.take()
            try:
                if await self._intake.take(path, exists=path in self._seen, force=force):
                    await self._queue.put(sorted(self._intake.refused), force=True)
            except Exception as exc:
                traceback = not isinstance(exc, HubflowError)
                log.error(
                    "could not process the DAG file %s; trying again: %s",
                    path,
                    exc,
                    exc_info=traceback,
                )
                await asyncio.sleep(self.retry_s)
                await self._queue.put([path], force=True)
            finally:
                await self._queue.done(path)


def _written(seen: Mapping[str, Stamp], since_ns: int) -> list[str]:
    return [path for path, stamp in seen.items() if stamp.modified_ns > since_ns]


async def run(processor: Processor, stop: asyncio.Event) -> None:
    """Run a processor until ``stop``; raises what makes it impossible to go on."""
    try:
        await processor.run(stop)
    except* HubflowError as errors:
        raise errors.exceptions[0] from None
