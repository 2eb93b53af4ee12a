"""Zygotes of this worker: one with the SDK, one with the notebook libraries, and one derived
for each DAG file version, which has loaded that file.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from hubflow.errors import HubflowError, ZygoteFailed
from hubflow.execution.question_channel import Answerer
from hubflow.forkserver.client import Zygote
from hubflow.questions import GetSource, Question
from hubflow.worker.limits import LOAD_TIMEOUT_S
from hubflow.worker.notebook_use import NOTEBOOK_MARK
from hubflow.worker.order import DagSource

TASK_PRELOAD = (
    "hubflow.worker.child",
    "hubflow.worker.trigger_child",
    "hubflow.operators.bash",
    "hubflow.operators.dummy",
    "hubflow.operators.python",
    "hubflow.worker.child:warm",
    "hubflow.compat.finder:install",
)
NOTEBOOK_PRELOAD = (*TASK_PRELOAD, "hubflow.hooks.notebook_libraries:load")
LOAD_ENTRY = "hubflow.worker.child:load"
# Whoever leased a zygote forks from it within a moment; until then it must not be ended.
QUIET_S = 1.0


class Lease(NamedTuple):
    """Where to fork a try from. `source` is set if the child must load the DAG file itself."""

    zygote: Zygote
    source: DagSource | None


class ZygotePool:
    """Gives out zygotes by DAG file version; ends those unused for long, oldest first.

    ``ask`` gets the texts of DAG files, and what these ask while they are imported.
    `uses_notebooks` is set when a file does.
    """

    def __init__(
        self,
        ask: Callable[[Question], asyncio.Future[Any]],
        *,
        dags: Path,
        env: Mapping[str, str],
        idle_s: float,
        limit: int,
    ) -> None:
        self._ask = ask
        self._dags = dags
        self._env = env
        self._idle_s = idle_s
        self._limit = limit
        self._bases: dict[tuple[str, ...], asyncio.Task[Zygote]] = {}
        self._leases: OrderedDict[tuple[str, str], asyncio.Task[Lease]] = OrderedDict()
        self._used_at: dict[tuple[str, str], float] = {}
        self._loop = asyncio.get_running_loop()
        self._sweeper: asyncio.TimerHandle | None = None
        self.uses_notebooks = asyncio.Event()

    def warm_up(self, *, notebooks: bool = False) -> None:
        """Start a base zygote before the first task asks for it."""
        self._base(NOTEBOOK_PRELOAD if notebooks else TASK_PRELOAD)

    async def lease(self, path: str, source_hash: str) -> Lease:
        """Return where tries of this DAG file version fork from.

        Raises ZygoteFailed with the traceback if the file cannot be imported, and another
        HubflowError if the scheduler does not give its text.
        """
        key = (path, source_hash)
        task = self._leases.get(key)
        if task is None or _is_gone(task):
            task = self._leases[key] = self._loop.create_task(self._derive(path, source_hash))
            task.add_done_callback(lambda _: self._use(key))
        self._use(key)
        try:
            # One caller that is cancelled must not take the zygote from the others.
            return await asyncio.shield(task)
        except (HubflowError, OSError):
            if self._leases.get(key) is task:
                self._retire(key)
            raise

    async def plain(self) -> Zygote:
        """Return the zygote that has the SDK and no DAG file."""
        return await asyncio.shield(self._base(TASK_PRELOAD))

    async def close(self) -> None:
        """Kill all zygotes and everything that they forked."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        tasks: list[asyncio.Task[Lease] | asyncio.Task[Zygote]] = []
        for task in [*tasks, *self._leases.values(), *self._bases.values()]:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, HubflowError, OSError):
                await _zygote(await task).close()

    def _base(self, preload: tuple[str, ...]) -> asyncio.Task[Zygote]:
        task = self._bases.get(preload)
        if task is None or _is_gone(task):
            task = self._loop.create_task(Zygote.start(preload, env=self._env))
            self._bases[preload] = task
        return task

    async def _derive(self, path: str, source_hash: str) -> Lease:
        text = str(await self._ask(GetSource(source_hash=source_hash)))
        has_notebooks = NOTEBOOK_MARK in text
        if has_notebooks:
            self.uses_notebooks.set()
        preload = NOTEBOOK_PRELOAD if has_notebooks else TASK_PRELOAD
        base = await asyncio.shield(self._base(preload))
        source = DagSource(folder=str(self._dags), path=path, text=text)
        derived, has_asked = await self._load(base, source)
        if derived.threads == 1 and not has_asked:
            return Lease(derived, None)
        # The file started threads when it was imported: they would be missing, with whatever
        # locks they hold, in a fork. Or it asked for a variable or a connection, which may be
        # another one by the time of the next try. Each try of it loads the file in its own
        # process instead.
        await derived.close()
        return Lease(base, source)

    async def _load(self, base: Zygote, source: DagSource) -> tuple[Zygote, bool]:
        """Return a zygote that has imported the file, and whether the file asked for anything."""
        questions: list[Question] = []

        def ask(question: Question) -> asyncio.Future[Any]:
            questions.append(question)
            return self._ask(question)

        log = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
        ours, theirs = socket.socketpair()
        answerer = Answerer(ours, ask)
        loading = base.derive(
            LOAD_ENTRY, msgspec.msgpack.encode(source), log=log, fds=[theirs.detach()]
        )
        try:
            return await asyncio.wait_for(loading, LOAD_TIMEOUT_S), bool(questions)
        except TimeoutError:
            raise ZygoteFailed(f"{source.path} took over {LOAD_TIMEOUT_S:g} s to import") from None
        finally:
            answerer.close()

    def _use(self, key: tuple[str, str]) -> None:
        if key in self._leases:
            self._leases.move_to_end(key)
            self._used_at[key] = self._loop.time()
        self._sweep()

    def _sweep(self) -> None:
        """End what is idle for long, and what is too much; come back when more will be."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        now = self._loop.time()
        quiet = [key for key, task in self._leases.items() if task.done()]
        for key in quiet:
            limit_s = QUIET_S if len(self._leases) > self._limit else self._idle_s
            if now - self._used_at[key] >= limit_s:
                self._retire(key)
        if self._leases:
            is_too_much = len(self._leases) > self._limit
            delay = QUIET_S if is_too_much else self._idle_s
            oldest = self._used_at[next(iter(self._leases))]
            self._sweeper = self._loop.call_at(max(oldest + delay, now + 0.1), self._sweep)

    def _retire(self, key: tuple[str, str]) -> None:
        task = self._leases.pop(key)
        del self._used_at[key]
        if not task.cancelled() and not task.exception() and task.result().source is None:
            task.result().zygote.retire()


def _is_gone(task: asyncio.Task[Lease] | asyncio.Task[Zygote]) -> bool:
    if not task.done():
        return False
    if task.cancelled() or task.exception():
        return True
    return _zygote(task.result()).is_closed


def _zygote(ready: Lease | Zygote) -> Zygote:
    return ready.zygote if isinstance(ready, Lease) else ready
