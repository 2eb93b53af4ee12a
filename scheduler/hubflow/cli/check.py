"""`hubflow dags check PATH`: which DAG files run here, and what the others need."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hubflow.cli.base import ALIASES
from hubflow.cli.local import backend
from hubflow.cli.output import OUTPUT_ALIASES, OutputApp
from hubflow.config import Dags
from hubflow.execution.messages import Request
from hubflow.parsing.check import OK, check, scope
from hubflow.questions import GetConnections, Question
from hubflow.services import for_tasks


class CheckApp(OutputApp):
    """Say of each DAG file in a folder whether it runs here; exit status 1 if any does not.

    `hubflow dags check PATH` imports every file in a process of its own, with the limits of the DAG
    processor, and stores nothing. The status of a file is `ok`, `needs` (it wants something that is
    not here) or `error`.
    """

    description = __doc__
    optional = ("a folder or file",)
    aliases = ALIASES | OUTPUT_ALIASES

    def run(self) -> None:
        dags = self.core.paths.dags
        target = Path(self.words[0]) if self.words else dags
        folder, wanted = scope(target, dags)
        rows = asyncio.run(check(folder, Dags(config=self.config), wanted, self._answers()))
        self.emit(rows, ["file", "status", "needs", "line", "message", "dags"])
        if any(row.status != OK for row in rows):
            raise SystemExit(1)

    def _answers(self) -> Callable[[Question], Any]:
        """Answer from this home's database, or as an empty one would if there is none."""
        if self.core.database_url or self.core.paths.database.exists():
            services = backend(self)
            return lambda question: for_tasks.answer(services, Request(id=0, body=question))
        return lambda question: [] if isinstance(question, GetConnections) else None
