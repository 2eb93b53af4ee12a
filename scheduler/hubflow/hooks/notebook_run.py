"""Run a notebook cell by cell on a kernel, and tell what happens while it does.

    order = NotebookRun(source=…, shown=…, executed=…)
    NotebookExecution(order, runtime.report_progress, keep).run()

The executed notebook is saved while it grows and at the end, however that comes; the notebook
that was read is never written.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from nbclient.client import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from hubflow.hooks import notebook_errors, notebook_file, notebook_log
from hubflow.hooks.notebook_errors import Place
from hubflow.hooks.notebook_file import Notebook
from hubflow.hooks.notebook_kernel import (
    NotebookKernelManager,
    PromptClient,
    folder_of,
    manager_for,
    wait_until_dead,
)
from hubflow.sdk.exceptions import TaskKilled, TaskTimeout

SAVE_EVERY_S = 1.0
# Output that a dying kernel still sent is on its way this long at most.
LAST_WORDS_S = 0.3
FIRST_LINE_LENGTH = 80

log = logging.getLogger("hubflow.notebook")
Report = Callable[[int, int, str], None]


@dataclass(frozen=True, kw_only=True)
class NotebookRun:
    """What to run. ``source`` is read, ``executed`` is written; ``shown`` names it to people."""

    source: Path
    shown: str
    executed: Path
    parameters: Mapping[str, Any] = field(default_factory=dict)
    kernel_name: str | None = None
    cell_timeout_s: float | None = None
    start_timeout_s: float = 60.0
    hide_parameters: bool = True


class NotebookExecution:
    """One run of one notebook. `run` once; `interrupt` from a signal handler.

    ``report`` hears (k, n, first line) as the k-th of n cells begins; ``keep`` is called when
    there is an executed notebook for the first time.
    """

    def __init__(self, order: NotebookRun, report: Report, keep: Callable[[], None]) -> None:
        self._order = order
        self._report = report
        self._keep = keep
        self._task: asyncio.Task[None] | None = None
        self._interruption: BaseException | None = None
        self._place: Place | None = None
        self._saved_at = 0.0
        self._is_ending = False

    def run(self) -> None:
        """Run the notebook to its end.

        Raises NotebookInvalid or KernelUnknown before anything runs, else NotebookFailed, or
        TaskKilled if it was interrupted.
        """
        order = self._order
        notebook = notebook_file.read(order.source, order.shown)
        kernel, spec = notebook_file.find_kernel(notebook, order.shown, order.kernel_name)
        notebook = notebook_file.inject(
            notebook, order.parameters, kernel, spec.language, order.hide_parameters
        )
        notebook_file.clear_outputs(notebook)
        try:
            asyncio.run(self._run(notebook, kernel, spec))
        except TaskTimeout as error:
            raise notebook_errors.notebook_timed_out(self._place, str(error)) from None
        except asyncio.CancelledError:
            self._raise_interruption()

    def interrupt(self) -> None:
        """End the run soon; safe to call from a signal handler."""
        if self._task is not None:
            with contextlib.suppress(RuntimeError):  # The loop is closed: the run is over.
                self._task.get_loop().call_soon_threadsafe(self._cancel)

    def _cancel(self) -> None:
        if self._task is not None and not self._is_ending:
            self._task.cancel()

    def _raise_interruption(self) -> None:
        """Say why we were cancelled, if the loop swallowed it when it was raised."""
        if isinstance(self._interruption, TaskTimeout):
            raise notebook_errors.notebook_timed_out(self._place, str(self._interruption))
        raise self._interruption or TaskKilled("the notebook was told to end")

    def _on_loop_error(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Keep what a signal handler raised inside some callback of the loop."""
        error = context.get("exception")
        if isinstance(error, TaskTimeout | TaskKilled):
            self._interruption = error
            self.interrupt()
        else:
            loop.default_exception_handler(context)

    async def _run(self, notebook: Notebook, kernel: str, spec: KernelSpec) -> None:
        self._task = asyncio.current_task()
        asyncio.get_running_loop().set_exception_handler(self._on_loop_error)
        manager = manager_for(kernel, spec)
        client = _LoudClient(notebook, km=manager, **self._options())
        notebook_file.save(notebook, self._order.executed)
        self._keep()
        try:
            await self._start(client, manager, kernel)
            await self._execute(client, manager)
        finally:
            self._is_ending = True
            client.set_widgets_metadata()
            notebook_file.save(notebook, self._order.executed)
            if client.kc is not None:
                client.kc.stop_channels()
            await manager.end()

    def _options(self) -> dict[str, Any]:
        limit = self._order.cell_timeout_s
        return {
            # nbclient counts in whole seconds.
            "timeout": None if limit is None else max(1, round(limit)),
            "record_timing": True,
            "coalesce_streams": True,
            "error_on_timeout": None,
            "interrupt_on_timeout": False,
        }

    async def _start(
        self, client: _LoudClient, manager: NotebookKernelManager, kernel: str
    ) -> None:
        began = time.monotonic()
        try:
            await manager.start_kernel(cwd=folder_of(self._order.source))
            ready = manager.client()
            client.kc = ready
            ready.start_channels(stdin=False, hb=False)
            await ready.wait_for_ready(timeout=self._order.start_timeout_s)
        except (OSError, RuntimeError) as error:
            raise notebook_errors.kernel_did_not_start(kernel, str(error)) from error
        log.info("Kernel %s is ready after %.2f s", kernel, time.monotonic() - began)
        if isinstance(ready, PromptClient) and ready.language_info:
            client.nb.metadata["language_info"] = dict(ready.language_info)

    async def _execute(self, client: _LoudClient, manager: NotebookKernelManager) -> None:
        client.reset_execution_trackers()
        cells = [
            (index, cell)
            for index, cell in enumerate(client.nb.cells)
            if cell.cell_type == "code" and cell.source.strip()
        ]
        dead = asyncio.ensure_future(wait_until_dead(manager))
        try:
            for number, (index, cell) in enumerate(cells, 1):
                self._begin(Place(number, len(cells)), cell.source)
                await self._cell(client, index, dead)
                self._save_now_and_then(client.nb)
        finally:
            dead.cancel()

    def _begin(self, place: Place, source: str) -> None:
        self._place = place
        line = source.strip().splitlines()[0][:FIRST_LINE_LENGTH]
        log.info("Executing %s: %s", place, line)
        self._report(place.cell, place.total, line)

    async def _cell(
        self, client: _LoudClient, index: int, dead: asyncio.Future[int | None]
    ) -> None:
        assert self._place is not None
        running = asyncio.ensure_future(client.async_execute_cell(client.nb.cells[index], index))
        try:
            either: list[asyncio.Future[Any]] = [running, dead]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                await asyncio.wait([running], timeout=LAST_WORDS_S)
            if not running.done():
                raise notebook_errors.kernel_died(self._place, dead.result())
            running.result()
        except CellExecutionError as error:
            raise notebook_errors.cell_failed(self._place, error.ename, error.evalue) from None
        except CellTimeoutError:
            limit = self._order.cell_timeout_s or 0.0
            raise notebook_errors.cell_timed_out(self._place, limit) from None
        except DeadKernelError:
            await asyncio.wait([dead], timeout=LAST_WORDS_S)
            code = dead.result() if dead.done() else None
            raise notebook_errors.kernel_died(self._place, code) from None
        finally:
            await _cancelled(running)

    def _save_now_and_then(self, notebook: Notebook) -> None:
        if time.monotonic() - self._saved_at > SAVE_EVERY_S:
            notebook_file.save(notebook, self._order.executed)
            self._saved_at = time.monotonic()


class _LoudClient(NotebookClient):
    """Shows each output in the log as it comes."""

    def process_message(
        self, msg: dict[str, Any], cell: Notebook, cell_index: int
    ) -> Notebook | None:
        notebook_log.show(msg["msg_type"], msg["content"])
        return super().process_message(msg, cell, cell_index)


async def _cancelled(running: asyncio.Future[Any]) -> None:
    if not running.done():
        running.cancel()
        with contextlib.suppress(Exception, asyncio.CancelledError):
            await running
