"""A connection to the scheduler that comes back by itself, for workers and for watchers."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from hubflow.errors import ProtocolBroken
from hubflow.execution.framing import Connection
from hubflow.execution.messages import Committed, Message, Poke, ToWatcher, Transient, Watch
from hubflow.execution.sockets import connect, identity

FIRST_RETRY_S = 0.05
LAST_RETRY_S = 0.5
# How often to see whether another scheduler listens where ours did.
LOOK_S = 0.5

log = logging.getLogger(__name__)
In = TypeVar("In")


class Client(Generic[In]):
    """Keep a connection to ``socket_path`` until `run` is cancelled.

    Parameters
    ----------
    kind : union of the messages that come in.
    greet : returns what is sent first on every new connection.
    on_messages : takes each frame. What it raises ends the connection, not the client.
    """

    def __init__(
        self,
        socket_path: Path,
        kind: object,
        greet: Callable[[], Sequence[Message]],
        on_messages: Callable[[Sequence[In]], None],
    ) -> None:
        self._path = socket_path
        self._kind = kind
        self._greet = greet
        self._on_messages = on_messages
        self._connection: Connection[In] | None = None

    @property
    def is_connected(self) -> bool:
        return self._connection is not None

    def send(self, message: Message) -> bool:
        """Send the message, or return False: nobody is there to hear it."""
        if self._connection is None:
            return False
        self._connection.send(message)
        return True

    async def run(self) -> None:
        """Connect, listen and connect again, for ever."""
        delay = FIRST_RETRY_S
        while True:
            try:
                socket_file = identity(self._path)
                reader, writer = await connect(self._path)
            except OSError:
                await asyncio.sleep(delay)
                delay = min(2 * delay, LAST_RETRY_S)
                continue
            began = asyncio.get_running_loop().time()
            await self._converse(Connection(reader, writer, self._kind), socket_file)
            lasted = asyncio.get_running_loop().time() - began
            # A message that we cannot take comes again on every connection: do not spin on it.
            delay = FIRST_RETRY_S if lasted > LAST_RETRY_S else min(2 * delay, LAST_RETRY_S)
            await asyncio.sleep(delay)

    async def _converse(self, connection: Connection[In], socket_file: tuple[int, int]) -> None:
        watching = asyncio.create_task(self._leave_when_replaced(connection, socket_file))
        try:
            for message in self._greet():
                connection.send(message)
            self._connection = connection
            while messages := await connection.receive():
                self._on_messages(messages)
        except ProtocolBroken:
            log.exception("the scheduler speaks another protocol")
        except Exception:
            log.exception("a message from the scheduler could not be handled")
        finally:
            self._connection = None
            watching.cancel()
            with contextlib.suppress(OSError):
                await connection.close()

    async def _leave_when_replaced(
        self, connection: Connection[In], socket_file: tuple[int, int]
    ) -> None:
        """Hang up when another scheduler has put its socket there: the former one may only be
        frozen, and would never hang up itself."""
        while True:
            await asyncio.sleep(LOOK_S)
            with contextlib.suppress(OSError):
                if identity(self._path) != socket_file:
                    log.warning("another scheduler leads now, connecting to it")
                    connection.abort()
                    return


class WatcherClient:
    """Hears what the scheduler commits, and wakes it.

    ``on_message`` takes each `Committed` and `Transient`; ``on_connect`` is called on every
    (re)connect, when news may have been missed.
    """

    def __init__(
        self,
        socket_path: Path,
        name: str,
        on_message: Callable[[Committed | Transient], None] | None = None,
        on_connect: Callable[[], None] | None = None,
    ) -> None:
        self._name = name
        self._on_message = on_message
        self._on_connect = on_connect
        self._has_poke = False
        self._client: Client[Committed | Transient] = Client(
            socket_path, ToWatcher, self._greet, self._take
        )

    @property
    def connected(self) -> bool:
        return self._client.is_connected

    def poke(self) -> None:
        """Tell the scheduler to look at the database; if it is away, as soon as it is back."""
        self._has_poke = not self._client.send(Poke())

    async def run(self) -> None:
        """Stay connected until cancelled."""
        await self._client.run()

    def _greet(self) -> list[Message]:
        if self._on_connect is not None:
            self._on_connect()
        pokes = [Poke()] if self._has_poke else []
        self._has_poke = False
        return [Watch(name=self._name), *pokes]

    def _take(self, messages: Sequence[Committed | Transient]) -> None:
        if self._on_message is not None:
            for message in messages:
                self._on_message(message)
