"""The worker: takes launches from the scheduler, runs them, and reports until it is heard.

It outlives the scheduler: while nobody listens, tries go on and results wait in the journal.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import shutil
import socket
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from hubflow import __version__, config, steps
from hubflow.errors import AlreadyRunning, HomeUnusable
from hubflow.execution.client import Client
from hubflow.execution.messages import (
    Ack,
    Await,
    Hello,
    Kill,
    Launch,
    Message,
    Reply,
    ToWorker,
    TryKey,
)
from hubflow.forkserver.child import PR_SET_CHILD_SUBREAPER, prctl
from hubflow.questions import GetSource, Question
from hubflow.steps import Step
from hubflow.worker.bash import BashEnvironment, BashTry
from hubflow.worker.journal import Journal
from hubflow.worker.kernel_pool import KernelPool
from hubflow.worker.limits import task_environment, task_limits
from hubflow.worker.notebook_use import until_used
from hubflow.worker.orphans import OrphanReaper
from hubflow.worker.outbox import Outbox
from hubflow.worker.processes import groups_writing, kill_groups
from hubflow.worker.python_task import PythonTry
from hubflow.worker.questions import Questions
from hubflow.worker.result import FAILED, Result
from hubflow.worker.scratch import Scratch
from hubflow.worker.slots import Slots
from hubflow.worker.supervisor import Try
from hubflow.worker.trigger_child import Place
from hubflow.worker.triggers import Triggers
from hubflow.worker.zygote import ZygotePool

STOP_GRACE_S = 3.0

log = logging.getLogger(__name__)


async def run(
    core: config.Core,
    worker: config.Worker,
    stop: asyncio.Event,
    dags: config.Dags | None = None,
) -> None:
    """Be the worker of this home until ``stop`` is set.

    Raises AlreadyRunning if another process is, and HomeUnusable.
    """
    paths = core.paths
    paths.make()
    with _only_worker(paths.run / "worker.lock"):
        prctl(PR_SET_CHILD_SUBREAPER, 1)
        daemon = Daemon(core, worker, dags or config.Dags())
        try:
            await daemon.serve(stop)
        finally:
            await daemon.close()


class Daemon:
    """Implements `supervisor.Host`."""

    def __init__(self, core: config.Core, worker: config.Worker, dags: config.Dags) -> None:
        paths = core.paths
        self.logs = paths.logs
        self._dags = paths.dags
        self._worker = worker
        self._env = task_environment(core, dags)
        self._limits = task_limits(worker)
        self._journal = _journal(paths)
        self._client: Client[ToWorker] = Client(
            paths.scheduler_socket, ToWorker, self._greet, self._take
        )
        self._outbox = Outbox(self._journal, self._client.send)
        self._questions = Questions(self._client.send)
        self._slots = Slots(worker.slots)
        self._reaper = OrphanReaper()
        self._is_stopping = False
        self._bash = BashEnvironment(
            bash=shutil.which("bash") or "/bin/bash",
            variables=self._env,
            scratch=Scratch(paths.run / "scratch"),
            memory_mb=worker.task_memory_mb,
            kill_grace_s=worker.kill_grace_s,
            xcom_limit_bytes=int(worker.xcom_limit_mb * 1024 * 1024),
        )
        self._zygotes = ZygotePool(
            lambda question: self._questions.ask(None, question),
            dags=paths.dags,
            env=self._env,
            idle_s=worker.zygote_idle_s,
            limit=worker.max_zygotes,
        )
        self._triggers = Triggers(
            Place(
                dags=str(paths.dags),
                logs=str(paths.logs),
                block_s=worker.trigger_block_s,
                checks=worker.trigger_checks,
                check_s=worker.trigger_check_s,
            ),
            zygote=self._zygotes.plain,
            source=self._source,
            ask=self._questions.ask,
            on_fired=self._outbox.fired,
        )
        self._kernels = KernelPool(paths, worker.warm_kernels, self._env)

    async def serve(self, stop: asyncio.Event) -> None:
        """Clear up after the predecessor, then serve until ``stop``."""
        self._bury_predecessor()
        self._bash.scratch.clear()
        self._zygotes.warm_up()
        tasks = [
            asyncio.create_task(self._client.run()),
            asyncio.create_task(self._be_ready_for_notebooks()),
        ]
        log.info("worker started", extra={"slots": self._worker.slots})
        try:
            await stop.wait()
            await self._end_tries()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _be_ready_for_notebooks(self) -> None:
        if self._worker.warm_kernels:
            await until_used(self._dags, self._zygotes.uses_notebooks)
            self._zygotes.warm_up(notebooks=True)
            await self._kernels.run()

    async def close(self) -> None:
        """End every process that is left."""
        await self._triggers.close()
        await self._zygotes.close()
        self._reaper.close()
        self._journal.close()

    # ---- what a try needs (supervisor.Host) ----------------------------------------------

    def on_starting(self, attempt: Try) -> None:
        self._journal.begins(attempt.key, attempt.launch.log_path)
        steps.reach(Step.START_JOURNALED)

    def on_started(self, attempt: Try, pid: int) -> None:
        steps.reach(Step.PROCESS_SPAWNED)
        self._outbox.started(attempt.key, pid)

    def on_finished(self, attempt: Try, result: Result) -> None:
        steps.reach(Step.PROCESS_ENDED)
        self._slots.finished(attempt)
        self._outbox.finished(attempt.key, result)
        self._reaper.look_soon()

    def tell(self, message: Message) -> object:
        return self._client.send(message)

    def ask(self, key: TryKey, body: Question) -> asyncio.Future[object]:
        return self._questions.ask(key, body)

    # ---- what the scheduler says ------------------------------------------------------------

    def _greet(self) -> list[Message]:
        hello = Hello(
            worker_id=f"{socket.gethostname()}:{os.getpid()}",
            hostname=socket.gethostname(),
            pid=os.getpid(),
            slots=self._worker.slots,
            version=__version__,
            queues=[name.strip() for name in self._worker.queues.split(",") if name.strip()],
            known=sorted(self._slots.keys() | self._outbox.keys() | self._triggers.keys()),
        )
        return [hello, *self._outbox.unacknowledged(), *self._questions.unanswered()]

    def _take(self, messages: Sequence[ToWorker]) -> None:
        for message in messages:
            match message:
                case Launch():
                    self._launch(message)
                case Await():
                    if message.key not in self._outbox:
                        self._triggers.add(message)
                case Kill(key=key, reason=reason, grace_s=grace_s, state=state):
                    self._slots.kill(key, reason, grace_s, state)
                    self._triggers.end(key)
                case Ack(seq=seq):
                    self._outbox.acknowledged(seq)
                case Reply():
                    self._questions.answered(message)

    def _launch(self, launch: Launch) -> None:
        # While we stop, every end makes room for another launch: the next worker gets those.
        is_known = launch.key in self._slots or launch.key in self._outbox
        if not is_known and not self._is_stopping:
            steps.reach(Step.LAUNCH_TAKEN)
            self._slots.add(self._new_try(launch))

    def _new_try(self, launch: Launch) -> Try:
        if launch.bash is not None:
            return BashTry(launch, launch.bash, self, self._bash)
        worker = self._worker
        return PythonTry(
            launch,
            self,
            self._zygotes,
            self._limits,
            worker.kill_grace_s,
            int(worker.xcom_limit_mb * 1024 * 1024),
        )

    async def _source(self, source_hash: str) -> str:
        return str(await self._questions.ask(None, GetSource(source_hash=source_hash)))

    # ---- beginning and end --------------------------------------------------------------------

    def _bury_predecessor(self) -> None:
        """Kill what a killed worker left running, and report those tries as failed."""
        running, beginning = dict(self._journal.running), dict(self._journal.beginning)
        groups = set(running.values())
        for log_path in beginning.values():
            groups |= groups_writing(self.logs / log_path)
        for group in kill_groups(groups):
            log.warning("killed a process group of a dead worker", extra={"pid": group.pid})
        self._bury(running, "the worker died while this task was running")
        self._bury(beginning, "the worker died as it started this task, which may have run")
        steps.reach(Step.PREDECESSOR_BURIED)

    def _bury(self, keys: Iterable[TryKey], error: str) -> None:
        for key in keys:
            result = Result(outcome=FAILED, error=error, has_called_back=False)
            self._outbox.finished(key, result)

    async def _end_tries(self) -> None:
        """End all tries; their results are in the journal if the scheduler is away."""
        self._is_stopping = True
        self._slots.end_all("the worker was stopped", min(STOP_GRACE_S, self._worker.kill_grace_s))
        await self._slots.empty.wait()


def _journal(paths: config.Paths) -> Journal:
    try:
        return Journal(paths.run / "worker.journal")
    except OSError as exc:
        raise HomeUnusable(paths.home, exc) from exc


@contextlib.contextmanager
def _only_worker(lock: Path) -> Iterator[None]:
    try:
        fd = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as exc:
        raise HomeUnusable(lock.parent.parent, exc) from exc
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        raise AlreadyRunning(f"another worker holds {lock}; stop it first") from None
    try:
        yield
    finally:
        os.close(fd)
