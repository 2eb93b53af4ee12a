"""Questions to the scheduler that wait for their answer, through reconnects if need be."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable

from hubflow.errors import HubflowError
from hubflow.execution.messages import Message, Reply, Request, TryKey
from hubflow.questions import Question


class Questions:
    """Numbers requests, and matches replies to them."""

    def __init__(self, send: Callable[[Message], object]) -> None:
        self._send = send
        self._ids = itertools.count(1)
        self._pending: dict[int, tuple[Request, asyncio.Future[object]]] = {}

    def ask(self, key: TryKey | None, body: Question) -> asyncio.Future[object]:
        """Return a future of the answer; it raises HubflowError if the scheduler refuses.

        Cancel it when the answer is of no use any more.
        """
        request = Request(id=next(self._ids), key=key, body=body)
        future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._pending[request.id] = request, future
        future.add_done_callback(lambda _: self._pending.pop(request.id, None))
        self._send(request)
        return future

    def answered(self, reply: Reply) -> None:
        """Take a reply; one that nobody waits for any more is dropped."""
        if (pending := self._pending.get(reply.id)) is None:
            return
        _, future = pending
        if future.done():
            return
        if reply.error is not None:
            future.set_exception(HubflowError(reply.error))
        else:
            future.set_result(reply.value)

    def unanswered(self) -> list[Message]:
        """Return what must be asked again after a reconnect."""
        return [request for request, _ in self._pending.values()]
