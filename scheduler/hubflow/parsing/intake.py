"""One DAG file: read it, import it in a child process, store its DAGs or why it is broken."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from hubflow import steps
from hubflow.clock import utcnow
from hubflow.config import Dags
from hubflow.db.engine import Database
from hubflow.db.queries import dag_store
from hubflow.db.queries.dag_store import DagToStore, KnownFile, Reads, SourceText
from hubflow.errors import ZygoteFailed
from hubflow.parsing import finder, source
from hubflow.parsing.isolate import Importer
from hubflow.parsing.reads import ReadBook, names_read
from hubflow.parsing.report import Failure, Parsed
from hubflow.parsing.second_chances import SecondChances
from hubflow.questions import Question
from hubflow.serialization.decode import decode
from hubflow.steps import Step

# How the paths of files begin that do not lie in the DAG folder.
BESIDE = "../"

log = logging.getLogger(__name__)


class Intake:
    """Brings what the database says about one file up to date, file by file.

    Parameters
    ----------
    poke : called after each commit that the scheduler should look at.
    answer : answers what a file asks while it is imported; called in a thread.
    """

    def __init__(
        self,
        folder: Path,
        settings: Dags,
        database: Database,
        poke: Callable[[], None],
        answer: Callable[[Question], Any],
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._database = database
        self._poke = poke
        self._importer = Importer(folder, settings, answer)
        self._reads = ReadBook(database)
        # Path -> hash of the text that is stored and fine; None for broken files.
        self._stored: dict[str, str | None] = {}
        # Path -> DAG ids that it cannot have because another file has them.
        self._refused: dict[str, set[str]] = {}
        self._chances = SecondChances()

    def remember(self, known: Iterable[KnownFile]) -> None:
        """Take what is stored: unchanged files are not imported again, broken ones are."""
        known = list(known)
        self._reads.remember(known)
        for file in known:
            if file.sha256 is not None:
                self._stored[file.path] = None if file.is_broken else file.sha256

    @property
    def paths(self) -> set[str]:
        """The files that are stored."""
        return set(self._stored)

    @property
    def refused(self) -> set[str]:
        """Files to try again when another file has changed: it may have freed their DAG ids."""
        return set(self._refused)

    def stale(self) -> list[str]:
        """Return files to import again: variables or connections that they read have changed, or
        they are broken and get another chance."""
        return sorted({*self._reads.stale(), *self._chances.due(time.monotonic())})

    async def warm_up(self) -> None:
        """Be ready to import before the first file asks for it."""
        try:
            await self._importer.warm_up()
        except ZygoteFailed:
            log.exception("cannot import DAG files yet; trying again with the first one")

    async def close(self) -> None:
        """End imports that still run."""
        await self._importer.close()

    async def take(self, path: str, *, exists: bool, force: bool) -> bool:
        """Bring one file up to date; return whether any DAG was added, changed or removed.

        ``exists`` says whether the file counts; ``force`` imports it even if unchanged.
        """
        try:
            found = source.read(self._folder, path) if exists else None
        except FileNotFoundError:
            found = None
        except source.Unreadable as exc:
            self._fail(path, source.from_text(""), Failure(str(exc), str(exc)), 0)
            return False
        safe_mode = self._settings.safe_mode
        if found is None or not finder.is_dag_file(path, found.text, safe_mode=safe_mode):
            return self._remove(path)
        if not force:
            self._chances.forget(path)
        if force or self._stored.get(path) != found.sha256:
            return await self._parse(path, found)
        return False

    async def take_plugins(self) -> None:
        """Load the plugins, and store which are broken like broken DAG files."""
        try:
            broken = await self._importer.broken_plugins()
        except ZygoteFailed:
            log.exception("cannot load plugins")
            return
        for path in [path for path in self._stored if path.startswith(BESIDE)]:
            if path.removeprefix(BESIDE) not in broken:
                self._remove(path)
        for file, why in broken.items():
            message = f"Broken plugin: {why}"
            self._fail(f"{BESIDE}{file}", source.from_text(""), Failure(message, message), 0)
            self._chances.forget(f"{BESIDE}{file}")

    async def _parse(self, path: str, found: SourceText) -> bool:
        began, since = time.monotonic(), self._reads.mark()
        report, questions = await self._importer.load(path, found.text)
        duration_ms = round((time.monotonic() - began) * 1000)
        names = names_read(questions)
        reads = Reads(names, since) if names else None
        self._reads.note(path, reads)
        if isinstance(report, Failure):
            self._fail(path, found, report, duration_ms, reads)
            return False
        return self._store(path, found, report, duration_ms, reads)

    def _store(
        self, path: str, found: SourceText, report: Parsed, duration_ms: int, reads: Reads | None
    ) -> bool:
        dags = [DagToStore(decode(dag.data), dag.hash, dag.data) for dag in report.dags]
        with self._database.write() as session:
            claims = dag_store.find_claims(session, path, [d.dag.dag_id for d in dags])
            claims = {d: other for d, other in claims.items() if source.exists(self._folder, other)}
            if not claims:
                events = dag_store.store_dags(
                    session,
                    path,
                    found,
                    dags,
                    are_paused_at_creation=self._settings.are_paused_at_creation,
                    duration_ms=duration_ms,
                    at=utcnow(),
                    reads=reads,
                )
            steps.reach(Step.DAG_WRITTEN)
        steps.reach(Step.DAG_COMMITTED)
        if claims:
            self._refuse(path, found, claims, duration_ms, reads)
            return False
        log.info("read %s: %d DAGs in %d ms", path, len(dags), duration_ms)
        self._stored[path] = found.sha256
        self._refused.pop(path, None)
        self._chances.forget(path)
        return self._changed(events)

    def _refuse(
        self,
        path: str,
        found: SourceText,
        claims: dict[str, str],
        duration_ms: int,
        reads: Reads | None,
    ) -> None:
        """Two files have a DAG of the same id: the one that came first keeps it."""
        dag_id, other = next(iter(claims.items()))
        message = (
            f"DAG {dag_id!r} is defined in {other} and in {path}; rename one of the two "
            f"(until then the one in {other} counts)"
        )
        self._fail(path, found, Failure(message, message), duration_ms, reads)
        self._refused[path] = set(claims)
        self._chances.forget(path)

    def _fail(
        self,
        path: str,
        found: SourceText,
        failure: Failure,
        duration_ms: int,
        reads: Reads | None = None,
    ) -> None:
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
                reads=reads,
            )
        self._stored[path] = None
        self._refused.pop(path, None)
        self._chances.failed(path, time.monotonic(), duration_ms / 1000)
        self._poke()

    def _remove(self, path: str) -> bool:
        """Forget a file that is gone or defines no DAGs."""
        if path not in self._stored:
            return False
        with self._database.write() as session:
            events = dag_store.remove_file(session, path, utcnow())
        log.info("%s is gone", path)
        del self._stored[path]
        self._reads.note(path, None)
        self._refused.pop(path, None)
        self._chances.forget(path)
        return self._changed(events)

    def _changed(self, events: int) -> bool:
        if events:
            self._poke()
        return events > 0
