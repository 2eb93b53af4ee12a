"""What a task process and its supervisor say to each other, over one unix stream socket.

The child's side blocks (`ChildChannel`), the supervisor's side is driven by the event loop
(`SupervisorChannel`). Frames are 4-byte lengths with one msgpack message each.
"""

from __future__ import annotations

import asyncio
import itertools
import socket
import struct
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from hubflow.errors import HubflowError, ProtocolBroken
from hubflow.execution.messages import Deferral, Reply
from hubflow.questions import Question, XComItem

MAX_FRAME_BYTES = 64 * 1024 * 1024
LENGTH = struct.Struct(">I")


class Outcome(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The task is over; its process exits next. Fields as in `execution.messages.Finished`."""

    outcome: str
    error: str | None = None
    error_detail: dict[str, Any] | None = None
    xcoms: list[XComItem] = []
    rules_out: list[str] = []
    reschedule_at: datetime | None = None
    deferral: Deferral | None = None


class Ask(msgspec.Struct, frozen=True, tag=True):
    """A question that a `Reply` with the same id answers."""

    id: int
    body: Question


class Progressed(msgspec.Struct, frozen=True, tag=True):
    """``done`` of ``total`` units are done; ``text`` says what is being done now."""

    done: int
    total: int
    text: str


class Artifact(msgspec.Struct, frozen=True, tag=True):
    """A file that the try leaves behind, relative to the artifact folder."""

    kind: str
    path: str


FromChild = Outcome | Ask | Progressed | Artifact
_encode = msgspec.msgpack.Encoder().encode
# Made once, and before a zygote forks: building a decoder costs a millisecond.
_decode_reply = msgspec.msgpack.Decoder(Reply).decode
_decode_from_child = msgspec.msgpack.Decoder(FromChild).decode


class _Frames:
    """Cuts a byte stream into messages."""

    def __init__(self, decode: Callable[[bytes], Any]) -> None:
        self._decode = decode
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Any]:
        """Return the messages that ``data`` completes; raises ProtocolBroken."""
        self._buffer += data
        messages = []
        while len(self._buffer) >= LENGTH.size:
            (length,) = LENGTH.unpack_from(self._buffer)
            if length > MAX_FRAME_BYTES:
                raise ProtocolBroken(f"a task sent a message of {length} bytes")
            end = LENGTH.size + length
            if len(self._buffer) < end:
                break
            body = bytes(memoryview(self._buffer)[LENGTH.size : end])
            del self._buffer[:end]
            try:
                messages.append(self._decode(body))
            except msgspec.MsgspecError as error:
                raise ProtocolBroken(f"a task sent no message that we know: {error}") from error
        return messages


def _frame(message: FromChild | Reply) -> bytes:
    body = _encode(message)
    return LENGTH.pack(len(body)) + body


class ChildChannel:
    """The task's side. Safe to use from several threads of the task."""

    def __init__(self, fd: int) -> None:
        self._socket = socket.socket(fileno=fd)
        self._frames = _Frames(_decode_reply)
        self._ids = itertools.count(1)
        self._lock = threading.Lock()

    def tell(self, message: Outcome | Progressed | Artifact) -> None:
        """Send without waiting for anything."""
        with self._lock:
            self._socket.sendall(_frame(message))

    def ask(self, body: Question) -> Any:
        """Send a question and wait for its answer; raises HubflowError if it is refused."""
        with self._lock:
            question = Ask(next(self._ids), body)
            self._socket.sendall(_frame(question))
            while True:
                data = self._socket.recv(256 * 1024)
                if not data:
                    raise ProtocolBroken("the worker hung up")
                for reply in self._frames.feed(data):
                    if reply.id == question.id:
                        return _value(reply)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def _value(reply: Reply) -> Any:
    if reply.error is not None:
        raise HubflowError(reply.error)
    return reply.value


class SupervisorChannel:
    """The daemon's side: calls ``on_message`` for each message of the task."""

    def __init__(self, sock: socket.socket, on_message: Callable[[FromChild], None]) -> None:
        self._socket = sock
        self._on_message = on_message
        self._frames = _Frames(_decode_from_child)
        self._unsent = bytearray()
        self._loop = asyncio.get_running_loop()
        sock.setblocking(False)
        self._loop.add_reader(sock, self._read)

    def reply(self, reply: Reply) -> None:
        """Answer a question; nothing happens if the task is gone."""
        if self._socket.fileno() >= 0:
            self._unsent += _frame(reply)
            self._write()

    def drain(self) -> None:
        """Take in what the task still sent before it exited, then hang up."""
        while self._socket.fileno() >= 0 and self._read():
            pass
        self.close()

    def close(self) -> None:
        """Hang up."""
        if self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._socket.close()

    def _read(self) -> bool:
        """Take in what is there; False if nothing is, or ever will be."""
        try:
            data = self._socket.recv(256 * 1024)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        try:
            for message in self._frames.feed(data):
                self._on_message(message)
        except ProtocolBroken:
            data = b""  # User code wrote to our descriptor: the exit status has to tell.
        if not data:
            self.close()
        return bool(data)

    def _write(self) -> None:
        try:
            sent = self._socket.send(self._unsent)
        except BlockingIOError:
            sent = 0
        except OSError:
            return self.close()
        del self._unsent[:sent]
        if self._unsent:
            self._loop.add_writer(self._socket, self._write)
        else:
            self._loop.remove_writer(self._socket)
        return None
