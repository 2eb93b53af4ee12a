"""Messages over an asyncio stream: 4-byte big-endian length, then a msgpack list of messages.

Everything that is sent during one turn of the event loop leaves in one frame: the scheduler
commits one transaction for each frame that it gets, so batches are what makes it fast.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
from typing import Generic, TypeVar

import msgspec

from hubflow import steps
from hubflow.errors import ProtocolBroken
from hubflow.execution.messages import Message
from hubflow.steps import Step

MAX_FRAME_BYTES = 64 * 1024 * 1024
# A batch is cut here, so that the other side can begin before the last message is written.
BATCH_BYTES = 1024 * 1024
LENGTH = struct.Struct(">I")
LIST_HEADER = struct.Struct(">BI")
MSGPACK_ARRAY_32 = 0xDD

In = TypeVar("In")


class Connection(Generic[In]):
    """One peer. Reads messages of the union ``kind``, writes any `Message`."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, kind: object
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._loop = asyncio.get_running_loop()
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder: msgspec.msgpack.Decoder[list[In]] = msgspec.msgpack.Decoder(
            list[kind]  # type: ignore[valid-type]
        )
        self._batch: list[bytes] = []
        self._batch_bytes = 0

    def send(self, message: Message) -> None:
        """Queue the message; it leaves with the others of this turn of the event loop.

        Does nothing once the connection is closing. Raises ProtocolBroken if it is too large.
        """
        data = self._encoder.encode(message)
        if len(data) + LIST_HEADER.size > MAX_FRAME_BYTES:
            raise ProtocolBroken(f"a {type(message).__name__} of {len(data)} bytes is too large")
        if self._batch_bytes + len(data) > BATCH_BYTES:
            self.flush()
        if not self._batch:
            self._loop.call_soon(self.flush)
        self._batch.append(data)
        self._batch_bytes += len(data)

    def flush(self) -> None:
        """Write the batch now."""
        if self._batch and not self._writer.is_closing():
            header = LIST_HEADER.pack(MSGPACK_ARRAY_32, len(self._batch))
            length = LENGTH.pack(len(header) + self._batch_bytes)
            self._writer.writelines([length, header, *self._batch])
            steps.reach(Step.FRAME_SENT)
        self._batch.clear()
        self._batch_bytes = 0

    async def receive(self) -> list[In]:
        """Wait for one frame; an empty list is the end of the stream.

        Raises ProtocolBroken if the peer talks nonsense.
        """
        try:
            (length,) = LENGTH.unpack(await self._reader.readexactly(LENGTH.size))
            if length > MAX_FRAME_BYTES:
                raise ProtocolBroken(f"the peer sent a frame of {length} bytes")
            return self._decoder.decode(await self._reader.readexactly(length))
        except (asyncio.IncompleteReadError, ConnectionError):
            return []
        except msgspec.MsgspecError as error:
            raise ProtocolBroken(f"the peer sent no message that we know: {error}") from error

    @property
    def backlog_bytes(self) -> int:
        """What the peer has not taken yet; large means that it hangs."""
        return self._batch_bytes + self._writer.transport.get_write_buffer_size()

    async def close(self) -> None:
        """Write what is queued and close."""
        self.flush()
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()

    def abort(self) -> None:
        """Hang up at once, whatever the peer has not taken yet."""
        self._writer.transport.abort()
