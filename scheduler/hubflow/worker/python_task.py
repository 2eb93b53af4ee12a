"""Tries that run Python: forked from a zygote that has loaded the DAG file."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Mapping

import msgspec

from hubflow.errors import HubflowError
from hubflow.execution.messages import Launch, Progress
from hubflow.execution.question_channel import Ask, reply_of
from hubflow.forkserver.children import Child, Exit
from hubflow.forkserver.sessions import kill_session
from hubflow.worker import fate
from hubflow.worker.channel import Artifact, FromChild, Outcome, Progressed, SupervisorChannel
from hubflow.worker.order import Order
from hubflow.worker.result import FAILED, Result
from hubflow.worker.supervisor import Host, Try, unexpected_end
from hubflow.worker.zygote import ZygotePool

log = logging.getLogger(__name__)

ENTRY = "hubflow.worker.child:main"


class PythonTry(Try):
    """A try whose process is `worker.child`, joined to us by a channel."""

    # The task raises TaskTimeout by itself, where its author can catch it; we come after that.
    timeout_slack_s = 1.0

    def __init__(
        self,
        launch: Launch,
        host: Host,
        zygotes: ZygotePool,
        limits: Mapping[str, int],
        kill_grace_s: float,
        xcom_limit_bytes: int,
    ) -> None:
        super().__init__(launch, host, kill_grace_s)
        self._xcom_limit_bytes = xcom_limit_bytes
        self._zygotes = zygotes
        self._limits = limits
        self._task: asyncio.Task[None] | None = None
        self._child: Child | None = None
        self._channel: SupervisorChannel | None = None
        self._outcome: Outcome | None = None
        self._artifacts: dict[str, str] = {}
        self._questions: set[asyncio.Future[object]] = set()
        self._fate = -1

    def _start(self) -> None:
        self._task = self._loop.create_task(self._launch())
        self._task.add_done_callback(self._launched)

    def _launched(self, task: asyncio.Task[None]) -> None:
        # Not inside `_launch`: one that is cancelled before its first step never runs.
        if task.cancelled():
            self._ended(None)

    async def _launch(self) -> None:
        try:
            launch = self.launch
            lease = await self._zygotes.lease(launch.path, launch.source_hash)
            order = msgspec.msgpack.encode(
                Order(
                    launch=launch,
                    source=lease.source,
                    xcom_limit_bytes=self._xcom_limit_bytes,
                )
            )
            self._fate = fate.make()
            ours, theirs = socket.socketpair()
            self._channel = SupervisorChannel(ours, self._take)
            self._host.on_starting(self)
            self._child = lease.zygote.fork(
                ENTRY,
                order,
                log=os.dup(self._log),
                fds=[theirs.detach(), os.dup(self._fate)],
                limits=self._limits,
            )
            self._child.exited.add_done_callback(self._on_exit)
            self._started(await self._child.started)
        except (HubflowError, OSError) as error:
            self._fail(f"the task could not be started:\n{error}")
        except Exception as error:  # whatever it is, the slot must come free again
            log.exception("a task could not be started")
            self._fail(f"the task could not be started:\n{type(error).__name__}: {error}")

    def _fail(self, error: str) -> None:
        self.note(error, "ERROR")
        last = error.strip().splitlines()[-1]
        self._finish(Result(outcome=FAILED, error=last, has_called_back=False))

    def _signal(self, signum: int) -> None:
        if self._set_state is not None and self._fate >= 0:
            fate.write(self._fate, self._set_state)
        if self._child is not None:
            self._child.kill(signum)
        elif self._task is not None:
            self._task.cancel()

    def _finish(self, result: Result) -> None:
        if self._fate >= 0:
            os.close(self._fate)
            self._fate = -1
        super()._finish(result)

    def _take(self, message: FromChild) -> None:
        match message:
            case Outcome():
                self._outcome = message
            case Artifact(kind=kind, path=path):
                self._artifacts[kind] = path
            case Progressed(done=done, total=total, text=text):
                self._host.tell(Progress(key=self.key, done=done, total=total, text=text))
            case Ask(id=id, body=body):
                question = self._host.ask(self.key, body)
                self._questions.add(question)
                question.add_done_callback(lambda done: self._answer(id, done))

    def _answer(self, id: int, question: asyncio.Future[object]) -> None:
        self._questions.discard(question)
        if self._channel is not None and not question.cancelled():
            self._channel.reply(reply_of(id, question))

    def _on_exit(self, exited: asyncio.Future[Exit]) -> None:
        if exited.result().status is None and self._child and self._child.pid:
            # Its zygote died, and it with that; what it had started did not.
            kill_session(self._child.pid)
        if self._channel is not None:
            self._channel.drain()
        for question in tuple(self._questions):
            question.cancel()
        self._ended(exited.result().code)

    def _result(self, code: int | None) -> Result:
        told = self._outcome
        if told is None:
            ended = unexpected_end(code)
            return msgspec.structs.replace(ended, artifacts=self._artifacts)
        return Result(
            outcome=told.outcome,
            code_at=told.code_at,
            exit_code=code,
            error=told.error,
            error_text=told.error_text,
            error_detail=told.error_detail,
            xcoms=told.xcoms,
            artifacts=self._artifacts,
            rules_out=told.rules_out,
            reschedule_at=told.reschedule_at,
            deferral=told.deferral,
            callback_error=told.callback_error,
        )
