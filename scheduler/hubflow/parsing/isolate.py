"""Import a DAG file in a process of its own, with a time limit and a memory limit."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from hubflow.config import Dags, authors_environment
from hubflow.errors import BadRequest, DatabaseUnusable
from hubflow.execution.question_channel import Answerer
from hubflow.forkserver.children import Outcome
from hubflow.forkserver.client import Zygote
from hubflow.parsing.report import Failure, ImportOrder, Report
from hubflow.questions import WHILE_LOADING, Question

# What nearly every file imports, ready to fork; a file for Airflow asks for dates first.
PRELOAD = (
    "hubflow.parsing.child:warm",
    "hubflow.compat.finder:install",
    "hubflow.compat.dates",
)
ENTRY = "hubflow.parsing.child:main"
PLUGINS_ENTRY = "hubflow.parsing.child:load_plugins"
# The child ends itself when its time is up; this is for one that does not.
GRACE_S = 1.0
OUTPUT_MB = 64
_SHOWN_OUTPUT = 4000

_decoder: msgspec.msgpack.Decoder[Report] = msgspec.msgpack.Decoder(Report)


class Imported(NamedTuple):
    """What came of an import, and what the file asked meanwhile."""

    report: Report
    questions: list[Question]


class Importer:
    """Imports files one by one or several at once; starts its zygote when first used.

    ``answer`` answers what a file asks while it is imported; it is called in a thread.
    """

    def __init__(self, folder: Path, settings: Dags, answer: Callable[[Question], Any]) -> None:
        self._folder = folder
        self._settings = settings
        self._answer = answer
        self._zygote: Zygote | None = None
        self._starting = asyncio.Lock()

    async def load(self, path: str, text: str) -> Imported:
        """Return what is in the file, or why it cannot be imported; never raises for that.

        Raises DatabaseUnusable if the file asked while the database was away: that says nothing
        about the file.
        """
        order = ImportOrder(
            folder=str(self._folder),
            path=path,
            text=text,
            timeout_s=self._settings.import_timeout_s,
            memory_mb=self._settings.import_memory_mb,
            catchup_by_default=self._settings.catchup_by_default,
            duplicate_dependency=self._settings.duplicate_dependency,
        )
        outcome, questions = await self._run(ENTRY, msgspec.msgpack.encode(order))
        return Imported(_report(order, outcome), questions)

    async def broken_plugins(self) -> dict[str, str]:
        """Return why plugins cannot be loaded, by file; never raises for that."""
        outcome, _ = await self._run(PLUGINS_ENTRY, str(self._folder).encode())
        if outcome.timed_out or outcome.exit.code != 0:
            return {"plugins": "the plugins could not be loaded: they end or block their process"}
        return msgspec.msgpack.decode(outcome.result, type=dict[str, str])

    async def _run(self, entry: str, payload: bytes) -> tuple[Outcome, list[Question]]:
        """Run a child under the limits; return how it ended, and what it asked meanwhile."""
        zygote = await self._ready()
        questions: list[Question] = []

        answers: list[asyncio.Future[Any]] = []

        def ask(question: Question) -> asyncio.Future[Any]:
            questions.append(question)
            answer = asyncio.ensure_future(asyncio.to_thread(self._answer_checked, question))
            answers.append(answer)
            return answer

        ours, theirs = socket.socketpair()
        answerer = Answerer(ours, ask)
        try:
            outcome = await zygote.run(
                entry,
                payload,
                timeout_s=self._settings.import_timeout_s + GRACE_S,
                fds=[theirs.detach()],
                limits={
                    "AS": self._settings.import_memory_mb << 20,
                    "FSIZE": OUTPUT_MB << 20,
                },
            )
        finally:
            answerer.close()
        errors = [done.exception() for done in answers if done.done() and not done.cancelled()]
        if away := next((error for error in errors if isinstance(error, DatabaseUnusable)), None):
            raise away
        return outcome, questions

    def _answer_checked(self, question: Question) -> Any:
        if not isinstance(question, WHILE_LOADING):
            raise BadRequest("this works only inside a running task, not while its file is read")
        return self._answer(question)

    async def warm_up(self) -> None:
        """Start the zygote before the first file needs it."""
        await self._ready()

    async def close(self) -> None:
        """End the zygote and every import that still runs."""
        if self._zygote is not None:
            await self._zygote.close()

    async def _ready(self) -> Zygote:
        async with self._starting:
            if self._zygote is None or self._zygote.is_closed:
                home = str(self._folder.parent)
                environment = authors_environment(home, self._settings)
                self._zygote = await Zygote.start(PRELOAD, env=environment)
            return self._zygote


def _report(order: ImportOrder, outcome: Outcome) -> Report:
    if outcome.result and not outcome.timed_out and outcome.exit.code == 0:
        try:
            return _decoder.decode(outcome.result)
        except msgspec.DecodeError:
            return _failure(
                "the process that imported the file wrote an unreadable report", outcome
            )
    return _failure(_why(order, outcome), outcome)


def _why(order: ImportOrder, outcome: Outcome) -> str:
    """Say how the process ended that has left no report."""
    code = outcome.exit.code
    if outcome.timed_out:
        return (
            f"importing the file took longer than {order.timeout_s:g} s and did not react; "
            "move slow work into a task"
        )
    if code is None:
        return "the process that imports DAG files ended; save the file again to try once more"
    if code < 0:
        name = signal.Signals(-code).name
        return f"importing the file ended its process with {name}, perhaps for want of memory"
    return (
        f"importing the file ended its process with exit status {code}: "
        "a DAG file must not call os._exit or replace its process"
    )


def _failure(message: str, outcome: Outcome) -> Failure:
    printed = outcome.output[-_SHOWN_OUTPUT:].decode("utf-8", "replace").strip()
    return Failure(message, f"{message}\n\nIts last output:\n{printed}" if printed else message)
