"""A processor that follows a real folder into a real database."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from hubflow.config import Core, Dags
from hubflow.db import orm
from hubflow.db.engine import Database
from hubflow.execution.messages import Request
from hubflow.parsing.processor import Processor
from hubflow.services import for_tasks
from hubflow.services.unit import Backend

LIMIT_S = 20.0


@dataclass
class Stage:
    """The DAG folder, what the database says about it, and a processor in between."""

    core: Core
    database: Database
    settings: Dags = field(default_factory=lambda: Dags(import_timeout_s=5.0))
    pokes: int = 0

    @property
    def folder(self) -> Path:
        return self.core.paths.dags

    def write(self, path: str, text: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        # In one step, as editors that care do it.
        scratch = file.with_name(f".{file.name}.new")
        scratch.write_text(text)
        os.replace(scratch, file)

    @asynccontextmanager
    async def processor(self) -> AsyncIterator[Processor]:
        stop = asyncio.Event()
        backend = Backend(self.database, self.core.paths)
        processor = Processor(
            self.core,
            self.settings,
            self.database,
            self._poke,
            lambda question: for_tasks.answer(backend, Request(id=0, body=question)),
        )
        running = asyncio.create_task(processor.run(stop))
        try:
            yield processor
        finally:
            stop.set()
            await asyncio.wait_for(running, LIMIT_S)

    def index(self) -> None:
        """Run a processor until the folder as it is now is stored."""

        async def story() -> None:
            async with self.processor() as processor:
                await processor.started.wait()
                await asyncio.wait_for(processor.settled(), LIMIT_S)

        asyncio.run(story())

    def _poke(self) -> None:
        self.pokes += 1

    def dags(self) -> dict[str, orm.Dag]:
        with self.database.read() as session:
            return {dag.dag_id: dag for dag in session.scalars(select(orm.Dag))}

    def file(self, path: str) -> orm.DagFile:
        with self.database.read() as session:
            return session.scalars(select(orm.DagFile).where(orm.DagFile.path == path)).one()

    def active(self) -> set[str]:
        return {dag_id for dag_id, dag in self.dags().items() if dag.is_active}

    def failures(self) -> dict[str, orm.ImportFailure]:
        with self.database.read() as session:
            rows = session.execute(
                select(orm.DagFile.path, orm.ImportFailure).join(
                    orm.DagFile, orm.DagFile.id == orm.ImportFailure.dag_file_id
                )
            )
            return {path: failure for path, failure in rows}

    def versions(self, dag_id: str) -> list[int]:
        with self.database.read() as session:
            return list(
                session.scalars(
                    select(orm.DagVersion.number)
                    .join(orm.Dag, orm.Dag.id == orm.DagVersion.dag_id)
                    .where(orm.Dag.dag_id == dag_id)
                    .order_by(orm.DagVersion.number)
                )
            )

    def events(self) -> list[tuple[str, str | None, str | bool]]:
        with self.database.read() as session:
            rows = session.scalars(select(orm.Event).order_by(orm.Event.id))
            return [
                (e.kind, e.dag_id or e.data["path"], e.data.get("change", e.data.get("broken")))
                for e in rows
            ]
