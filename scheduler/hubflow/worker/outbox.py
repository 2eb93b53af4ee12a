"""What the worker has to say to the scheduler, until the scheduler has it for good."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from hubflow import steps
from hubflow.clock import utcnow
from hubflow.execution.messages import Finished, Fired, Message, Resume, Started, TryKey
from hubflow.steps import Step
from hubflow.worker.journal import Journal
from hubflow.worker.processes import identify
from hubflow.worker.result import Result


class Outbox:
    """Numbers reports, journals results, and keeps both until they are acknowledged."""

    def __init__(self, journal: Journal, send: Callable[[Message], object]) -> None:
        self._journal = journal
        self._send = send
        self._seq = journal.last_seq
        self._waiting: dict[int, Started | Finished | Fired] = dict(journal.results)
        self._by_key = Counter(message.key for message in self._waiting.values())

    def __contains__(self, key: TryKey) -> bool:
        return key in self._by_key

    def keys(self) -> set[TryKey]:
        """Return the tries of which something waits to be acknowledged."""
        return set(self._by_key)

    def unacknowledged(self) -> list[Message]:
        """Return what must be sent again after a reconnect, in order."""
        return list(self._waiting.values())

    def started(self, key: TryKey, pid: int) -> None:
        if group := identify(pid):
            self._journal.began(key, group)
        steps.reach(Step.PROCESS_JOURNALED)
        self._report(Started(seq=self._next_seq(), key=key, pid=pid, at=utcnow()))

    def finished(self, key: TryKey, result: Result) -> None:
        message = Finished(
            seq=self._next_seq(),
            key=key,
            at=utcnow(),
            outcome=result.outcome,
            code_at=result.code_at,
            exit_code=result.exit_code,
            error=result.error,
            error_text=result.error_text,
            error_detail=result.error_detail,
            xcoms=list(result.xcoms),
            artifacts=result.artifacts,
            has_called_back=result.has_called_back,
            rules_out=list(result.rules_out),
            reschedule_at=result.reschedule_at,
            deferral=result.deferral,
            callback_error=result.callback_error,
        )
        self._journal.ended(message)
        steps.reach(Step.RESULT_JOURNALED)
        self._report(message)

    def fired(self, key: TryKey, resume: Resume) -> None:
        message = Fired(seq=self._next_seq(), key=key, at=utcnow(), resume=resume)
        self._journal.ended(message)
        steps.reach(Step.RESULT_JOURNALED)
        self._report(message)

    def acknowledged(self, seq: int) -> None:
        steps.reach(Step.RESULT_ACKNOWLEDGED)
        self._journal.acknowledged(seq)
        while self._waiting and (first := next(iter(self._waiting))) <= seq:
            key = self._waiting.pop(first).key
            self._by_key[key] -= 1
            if not self._by_key[key]:
                del self._by_key[key]

    def _report(self, message: Started | Finished | Fired) -> None:
        self._waiting[message.seq] = message
        self._by_key[message.key] += 1
        self._send(message)

    def _next_seq(self) -> int:
        self._seq += 1
        return self._seq
