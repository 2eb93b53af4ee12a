"""File event -> import in a child process -> store a new version, or why the file is broken.

Nothing is scanned on a clock: the operating system says when a file changes.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from collections.abc import Callable, Iterable

from watchfiles import Change, awatch

from hubflow import __version__
from hubflow.clock import utcnow
from hubflow.config import Core, Dags
from hubflow.db.engine import Database
from hubflow.db.queries import dag_store, process_beats
from hubflow.db.queries.dag_store import DagToStore, SourceText
from hubflow.errors import HubflowError
from hubflow.parsing import finder, source
from hubflow.parsing.finder import Stamp
from hubflow.parsing.isolate import Importer
from hubflow.parsing.queue import PathQueue
from hubflow.parsing.report import Failure, Parsed
from hubflow.serialization.decode import decode

AT_ONCE = 2
HEARTBEAT_S = 5.0
DEBOUNCE_MS = 200
STEP_MS = 50
RETRY_S = 5.0

log = logging.getLogger(__name__)


class Processor:
    """Keeps the DAGs in the database like the files in the DAG folder.

    Parameters
    ----------
    poke : called after each commit that the scheduler should look at.
    """

    def __init__(
        self, core: Core, dags: Dags, database: Database, poke: Callable[[], None]
    ) -> None:
        self._folder = core.paths.dags
        self._settings = dags
        self._database = database
        self._poke = poke
        self._importer = Importer(self._folder, dags)
        self._queue = PathQueue()
        self.started = asyncio.Event()
        """Set once the folder is watched and everything that differed is queued."""
        self._seen: dict[str, Stamp] = {}
        # Path -> hash of the text that is stored and fine; None for broken files.
        self._stored: dict[str, str | None] = {}
        # Path -> DAG ids that it cannot have because another file has them.
        self._refused: dict[str, set[str]] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Index the folder, then follow its changes until ``stop``."""
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            async with asyncio.TaskGroup() as group:
                helpers = [group.create_task(self._work()) for _ in range(AT_ONCE)]
                helpers.append(group.create_task(self._beat()))
                await self._index()
                await self._follow(stop)
                for helper in helpers:
                    helper.cancel()
        finally:
            await self._importer.close()
            with self._database.write() as session:
                process_beats.stop(session, "processor", socket.gethostname(), utcnow())

    async def settled(self) -> None:
        """Wait until every change that was noticed so far is stored."""
        await self._queue.join()

    # ---- noticing ------------------------------------------------------------------------------

    async def _index(self) -> None:
        """Read what is stored, and queue what differs from it or was broken."""
        with self._database.read() as session:
            known = dag_store.list_known(session)
        self._stored = {
            file.path: None if file.is_broken else file.sha256
            for file in known
            if file.sha256 is not None
        }
        self._seen = finder.scan(self._folder)
        python = {path for path in self._seen if path.endswith(".py")}
        await self._queue.put(sorted(python | self._stored.keys()))
        last_look = max((file.parsed_at for file in known if file.parsed_at), default=None)
        if last_look is not None:
            since_ns = int(last_look.timestamp() * 1e9)
            recent = [path for path, stamp in self._seen.items() if stamp.modified_ns > since_ns]
            await self._queue.put(self._users_of(recent), force=True)

    async def _follow(self, stop: asyncio.Event) -> None:
        def matters(change: Change, path: str) -> bool:
            return finder.is_watched(os.path.relpath(path, self._folder))

        changes = awatch(
            self._folder,
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
        """Compare the folder with what was seen last; events only say when to look."""
        before, self._seen = self._seen, finder.scan(self._folder)
        changed = finder.changed(before, self._seen)
        if changed:
            await self._queue.put(sorted(path for path in changed if path.endswith(".py")))
            await self._queue.put(self._users_of(changed), force=True)

    def _users_of(self, changed: Iterable[str]) -> list[str]:
        """Return the DAG files that import or name one of the changed files."""
        changed = set(changed)
        if not changed:
            return []
        texts: dict[str, str] = {}
        for path in self._seen:
            if path.endswith(".py"):
                file = self._folder / path
                texts[path] = file.read_text(errors="replace") if file.exists() else ""
        return sorted(finder.dependents(texts, changed) - changed)

    async def _beat(self) -> None:
        while True:
            try:
                with self._database.write() as session:
                    process_beats.beat(
                        session,
                        "processor",
                        socket.gethostname(),
                        pid=os.getpid(),
                        version=__version__,
                        at=utcnow(),
                    )
            except HubflowError:
                log.exception("no heartbeat could be written")
            await asyncio.sleep(HEARTBEAT_S)

    # ---- reading one file ----------------------------------------------------------------------

    async def _work(self) -> None:
        while True:
            path, force = await self._queue.take()
            try:
                await self._process(path, force)
            except Exception:
                log.exception("could not process the DAG file %s; trying again", path)
                await asyncio.sleep(RETRY_S)
                await self._queue.put([path], force=True)
            finally:
                await self._queue.done(path)

    async def _process(self, path: str, force: bool) -> None:
        try:
            found = source.read(self._folder / path) if path in self._seen else None
        except FileNotFoundError:
            found = None
        except source.Unreadable as exc:
            await self._fail(path, source.from_text(""), Failure(str(exc), str(exc)), 0)
            return
        if found is None or not finder.is_dag_file(path, found.text):
            await self._remove(path)
        elif force or self._stored.get(path) != found.sha256:
            await self._parse(path, found)

    async def _parse(self, path: str, found: SourceText) -> None:
        began = time.monotonic()
        report = await self._importer.load(path, found.text)
        duration_ms = round((time.monotonic() - began) * 1000)
        if isinstance(report, Failure):
            await self._fail(path, found, report, duration_ms)
        else:
            await self._store(path, found, report, duration_ms)

    async def _store(self, path: str, found: SourceText, report: Parsed, duration_ms: int) -> None:
        dags = [DagToStore(decode(dag.data), dag.hash, dag.data) for dag in report.dags]
        with self._database.write() as session:
            claims = dag_store.find_claims(session, path, [d.dag.dag_id for d in dags])
            claims = {dag_id: other for dag_id, other in claims.items() if other in self._seen}
            if not claims:
                events = dag_store.store_dags(
                    session,
                    path,
                    found,
                    dags,
                    are_paused_at_creation=self._settings.are_paused_at_creation,
                    duration_ms=duration_ms,
                    at=utcnow(),
                )
        if claims:
            await self._refuse(path, found, claims, duration_ms)
            return
        log.info("read %s: %d DAGs in %d ms", path, len(dags), duration_ms)
        self._stored[path] = found.sha256
        self._refused.pop(path, None)
        await self._changed(events)

    async def _refuse(
        self, path: str, found: SourceText, claims: dict[str, str], duration_ms: int
    ) -> None:
        """Two files have a DAG of the same id: the one that came first keeps it."""
        dag_id, other = next(iter(claims.items()))
        message = (
            f"DAG {dag_id!r} is defined in {other} and in {path}; rename one of the two "
            f"(until then the one in {other} counts)"
        )
        await self._fail(path, found, Failure(message, message), duration_ms)
        self._refused[path] = set(claims)

    async def _fail(self, path: str, found: SourceText, failure: Failure, duration_ms: int) -> None:
        log.warning("cannot import %s: %s", path, failure.message)
        with self._database.write() as session:
            dag_store.store_failure(
                session,
                path,
                found,
                message=failure.message,
                stacktrace=failure.stacktrace,
                line=failure.line,
                duration_ms=duration_ms,
                at=utcnow(),
            )
        self._stored[path] = None
        self._refused.pop(path, None)
        self._poke()

    async def _remove(self, path: str) -> None:
        """Forget a file that is gone or defines no DAGs."""
        if path not in self._stored:
            return
        with self._database.write() as session:
            events = dag_store.remove_file(session, path, utcnow())
        log.info("%s is gone", path)
        del self._stored[path]
        self._refused.pop(path, None)
        await self._changed(events)

    async def _changed(self, events: int) -> None:
        """Wake the scheduler, and try files again whose DAG ids may be free now."""
        if events:
            self._poke()
            await self._queue.put(sorted(self._refused), force=True)


async def run(
    core: Core, dags: Dags, database: Database, poke: Callable[[], None], stop: asyncio.Event
) -> None:
    """Run a processor until ``stop``; raises what makes it impossible to go on."""
    try:
        await Processor(core, dags, database, poke).run(stop)
    except* HubflowError as errors:
        raise errors.exceptions[0] from None
