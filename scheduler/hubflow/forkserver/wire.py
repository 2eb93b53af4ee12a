"""What a zygote and its owner say to each other, over a unix stream socket.

Each message is a 4-byte big-endian length and a msgpack struct; file descriptors of a request
travel beside its first byte (SCM_RIGHTS).
"""

from __future__ import annotations

import array
import socket
import struct
from collections import deque
from collections.abc import Iterator, Sequence

import msgspec

LENGTH = struct.Struct(">I")
MAX_FDS = 16
RECEIVE_BYTES = 256 * 1024


class Fork(msgspec.Struct, frozen=True, tag=True):
    """Fork a child that calls ``entry`` ("module:function") with ``payload``.

    The first of the ``fds`` handed over is the log: it becomes stdout and stderr. The second
    of a request to ``derive`` is the control socket of the new zygote. The entry gets the rest.
    ``limits`` maps names of `resource` ("AS", "CPU", "NOFILE"…) to values in their own unit. What
    an ``alone`` child leaves behind is killed with it, even if that has left its process group.
    """

    id: int
    entry: str
    payload: bytes
    fds: int
    limits: dict[str, int] = {}
    derive: bool = False
    alone: bool = False


class Retire(msgspec.Struct, frozen=True, tag=True):
    """Fork nothing more; exit when the last child has."""


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The zygote has imported everything. More than one thread makes forking it unsafe."""

    threads: int


class Broken(msgspec.Struct, frozen=True, tag=True):
    """The zygote could not import what it was told to, and exits."""

    error: str


class Forked(msgspec.Struct, frozen=True, tag=True):
    """The child runs, or ``error`` says why it could not be forked."""

    id: int
    pid: int
    error: str | None = None


class Exited(msgspec.Struct, frozen=True, tag=True):
    """The child is gone, and so is whatever was left of its process group."""

    id: int
    status: int
    max_rss_kb: int


Question = Fork | Retire
Answer = Ready | Broken | Forked | Exited

encode = msgspec.msgpack.Encoder().encode


def frame(message: Question | Answer) -> bytes:
    """Return the message as it goes over the socket."""
    body = encode(message)
    return LENGTH.pack(len(body)) + body


def send_with_fds(sock: socket.socket, data: bytes, fds: Sequence[int]) -> int:
    """Send what fits of ``data``, with all ``fds`` beside its first byte; return the count."""
    rights = array.array("i", fds)
    return sock.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)] if fds else [])


class Receiver:
    """Cut a byte stream with file descriptors into messages of one union of types."""

    def __init__(self, sock: socket.socket, kind: object) -> None:
        self._sock = sock
        self._decoder: msgspec.msgpack.Decoder[object] = msgspec.msgpack.Decoder(kind)
        self._buffer = bytearray()
        self._fds: deque[int] = deque()

    def receive(self) -> bool:
        """Take in what has arrived; False at the end of the stream."""
        data, fds, _, _ = socket.recv_fds(
            self._sock, RECEIVE_BYTES, MAX_FDS, socket.MSG_CMSG_CLOEXEC
        )
        self._buffer += data
        self._fds.extend(fds)
        return bool(data)

    def messages(self) -> Iterator[object]:
        """Yield each complete message."""
        while len(self._buffer) >= LENGTH.size:
            end = LENGTH.size + LENGTH.unpack_from(self._buffer)[0]
            if len(self._buffer) < end:
                return
            message = self._decoder.decode(memoryview(self._buffer)[LENGTH.size : end])
            del self._buffer[:end]
            yield message

    def take_fds(self, count: int) -> list[int]:
        """Return the descriptors that came with the message yielded last."""
        return [self._fds.popleft() for _ in range(count)]
