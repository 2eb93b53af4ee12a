"""Questions of a process that runs user code, over one unix stream socket.

The asking side blocks (`AskingChannel`), the answering side is driven by an event loop
(`AnsweringChannel`). Frames are 4-byte lengths with one msgpack message each.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import socket
import struct
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec

from hubflow.clock import plain_utc
from hubflow.errors import HubflowError, ProtocolBroken
from hubflow.execution.messages import Reply
from hubflow.questions import Question

MAX_FRAME_BYTES = 64 * 1024 * 1024
LENGTH = struct.Struct(">I")
M = TypeVar("M")


class Ask(msgspec.Struct, frozen=True, tag=True):
    """A question that a `Reply` with the same id answers."""

    id: int
    body: Question


def _plain(value: Any) -> Any:
    """Return a date of a subclass, such as pendulum's, as the standard library's."""
    if isinstance(value, datetime):
        return plain_utc(value)
    raise TypeError(f"a {type(value).__name__} cannot be sent")


_encode = msgspec.msgpack.Encoder(enc_hook=_plain).encode
# Made once, and before a zygote forks: building a decoder costs a millisecond.
_decode_reply = msgspec.msgpack.Decoder(Reply).decode
_decode_ask = msgspec.msgpack.Decoder(Ask).decode


class Frames(Generic[M]):
    """Cuts a byte stream into messages."""

    def __init__(self, decode: Callable[[bytes], M]) -> None:
        self._decode = decode
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[M]:
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


def frame(message: msgspec.Struct) -> bytes:
    """Return a message as it goes over the socket."""
    body = _encode(message)
    return LENGTH.pack(len(body)) + body


class AskingChannel:
    """The side of user code. Safe to use from several threads of one process."""

    def __init__(self, fd: int) -> None:
        self._socket = socket.socket(fileno=fd)
        self._frames = Frames(_decode_reply)
        self._ids = itertools.count(1)
        self._lock = threading.Lock()
        self._pid = os.getpid()

    def tell(self, message: msgspec.Struct) -> None:
        """Send without waiting for anything."""
        with self._lock:
            self._socket.sendall(frame(message))

    def post(self, body: Question) -> None:
        """Send a question whose answer nobody waits for; `ask` passes over it."""
        self.tell(Ask(next(self._ids), body))

    def ask(self, body: Question) -> Any:
        """Send a question and wait for its answer; raises HubflowError if it is refused."""
        if os.getpid() != self._pid:
            # It shares our socket: each of us would take the other's answers.
            raise HubflowError(
                "a process that was forked here cannot ask; ask before it is forked, and hand "
                "it the answer"
            )
        with self._lock:
            question = Ask(next(self._ids), body)
            self._socket.sendall(frame(question))
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


class AnsweringChannel(Generic[M]):
    """Our side: calls ``on_message`` for each message that comes in."""

    def __init__(
        self, sock: socket.socket, decode: Callable[[bytes], M], on_message: Callable[[M], None]
    ) -> None:
        self._socket = sock
        self._on_message = on_message
        self._frames = Frames(decode)
        self._unsent = bytearray()
        self._loop = asyncio.get_running_loop()
        sock.setblocking(False)
        self._loop.add_reader(sock, self._read)

    def reply(self, reply: Reply) -> None:
        """Answer a question; nothing happens if the other side is gone."""
        if self._socket.fileno() >= 0:
            self._unsent += frame(reply)
            self._write()

    def drain(self) -> None:
        """Take in what was still sent before the process exited, then hang up."""
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
            # The other side is gone and reads nothing more. What it said before is still here,
            # and may be how its task ended: reading goes on to the end.
            sent = len(self._unsent)
        del self._unsent[:sent]
        if self._unsent:
            self._loop.add_writer(self._socket, self._write)
        else:
            self._loop.remove_writer(self._socket)


class Answerer:
    """Answers the questions of one process that only asks, such as one that imports a DAG file.

    Parameters
    ----------
    answer : returns a future of the value; what that raises is the refusal.
    """

    def __init__(
        self, sock: socket.socket, answer: Callable[[Question], asyncio.Future[Any]]
    ) -> None:
        self._answer = answer
        self._pending: set[asyncio.Future[Any]] = set()
        self._channel = AnsweringChannel(sock, _decode_ask, self._take)

    def close(self) -> None:
        """Hang up; answers that are still to come are of no use any more."""
        self._channel.close()
        for pending in self._pending:
            pending.cancel()

    def _take(self, ask: Ask) -> None:
        pending = self._answer(ask.body)
        self._pending.add(pending)
        pending.add_done_callback(lambda done: self._reply(ask.id, done))

    def _reply(self, id: int, done: asyncio.Future[Any]) -> None:
        self._pending.discard(done)
        if not done.cancelled():
            self._channel.reply(reply_of(id, done))


def answer_until_hangup(sock: socket.socket, answer: Callable[[Question], Any]) -> None:
    """Answer the questions of one process, blocking, until it closes its side."""
    frames = Frames(_decode_ask)
    while data := sock.recv(256 * 1024):
        for ask in frames.feed(data):
            try:
                reply = Reply(id=ask.id, value=answer(ask.body))
            except HubflowError as exc:
                reply = Reply(id=ask.id, error=str(exc))
            sock.sendall(frame(reply))


def reply_of(id: int, done: asyncio.Future[Any]) -> Reply:
    """Return the reply that a finished future makes."""
    error = done.exception()
    return Reply(id=id, value=done.result()) if error is None else Reply(id=id, error=str(error))
