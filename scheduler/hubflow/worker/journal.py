"""What must outlive a killed worker: which process groups run, and results nobody has yet.

An append-only file of length-prefixed msgpack records. A record is written before what it
announces is acted on; a torn last record is dropped. Not flushed to the disk: a killed worker
loses nothing, and after a power cut the scheduler finds the tries lost and runs them again.
"""

from __future__ import annotations

import contextlib
import logging
import os
import struct
from collections.abc import Iterator
from pathlib import Path

import msgspec

from hubflow.execution.messages import Finished, Fired, TryKey
from hubflow.worker.processes import Identity

COMPACT_BYTES = 4 * 1024 * 1024
EMPTY_BYTES = 64 * 1024
LENGTH = struct.Struct(">I")

log = logging.getLogger(__name__)


class Begins(msgspec.Struct, frozen=True, tag=True):
    """A process for a try is started now; it writes to ``log_path``, below the logs."""

    key: TryKey
    log_path: str


class Began(msgspec.Struct, frozen=True, tag=True):
    """A try's process group runs."""

    key: TryKey
    group: Identity


class Ended(msgspec.Struct, frozen=True, tag=True):
    """A try is over, or a trigger has fired; the scheduler does not know yet."""

    result: Finished | Fired


class Acknowledged(msgspec.Struct, frozen=True, tag=True):
    """The scheduler has all results up to ``seq``."""

    seq: int


Record = Begins | Began | Ended | Acknowledged
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Record).decode


class Journal:
    """The journal of this worker, with what its predecessor left in it.

    Attributes
    ----------
    beginning : where a try logs, by try; of those that may or may not have a process.
    running : process groups by try; of tries without a result.
    results : results by seq, in order, that are not acknowledged.
    last_seq : the highest seq ever given out.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.beginning: dict[TryKey, str] = {}
        self.running: dict[TryKey, Identity] = {}
        self.results: dict[int, Finished | Fired] = {}
        self.last_seq = 0
        self._fd = -1
        self._size = 0
        for record in _read(path):
            self._apply(record)
        self._rewrite()

    def begins(self, key: TryKey, log_path: str) -> None:
        """Raises OSError if that cannot be written: a successor would not know of the process."""
        self._append(Begins(key, log_path))

    def began(self, key: TryKey, group: Identity) -> None:
        self._write(Began(key, group))

    def ended(self, result: Finished | Fired) -> None:
        self._write(Ended(result))

    def acknowledged(self, seq: int) -> None:
        if any(known <= seq for known in self.results):
            self._write(Acknowledged(seq))
        is_empty = not (self.results or self.running or self.beginning)
        if self._size > (EMPTY_BYTES if is_empty else COMPACT_BYTES):
            try:
                self._rewrite()
            except OSError as error:
                log.error("the journal cannot be made smaller: %s", error)

    def close(self) -> None:
        os.close(self._fd)

    def _apply(self, record: Record) -> None:
        match record:
            case Begins(key=key, log_path=log_path):
                self.beginning[key] = log_path
            case Began(key=key, group=group):
                self.beginning.pop(key, None)
                self.running[key] = group
            case Ended(result=result):
                self.beginning.pop(result.key, None)
                self.running.pop(result.key, None)
                self.results[result.seq] = result
                self.last_seq = max(self.last_seq, result.seq)
            case Acknowledged(seq=seq):
                self.last_seq = max(self.last_seq, seq)
                for known in [known for known in self.results if known <= seq]:
                    del self.results[known]

    def _write(self, record: Record) -> None:
        try:
            self._append(record)
        except OSError as error:
            # We still know it ourselves; only a successor would not, and reports the try as lost.
            log.error("the journal cannot be written: %s", error)
            self._apply(record)

    def _append(self, record: Record) -> None:
        data = _pack(record)
        try:
            _write_all(self._fd, data)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, self._size)
            raise
        self._size += len(data)
        self._apply(record)

    def _rewrite(self) -> None:
        """Start a new file with what still matters, then put it in place of the old one."""
        live: list[Record] = [Acknowledged(min(self.results, default=self.last_seq + 1) - 1)]
        live += [Begins(key, log_path) for key, log_path in self.beginning.items()]
        live += [Began(key, group) for key, group in self.running.items()]
        live += [Ended(result) for result in self.results.values()]
        fresh = self._path.with_suffix(".new")
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC
        fd = os.open(fresh, flags, 0o600)
        data = b"".join(map(_pack, live))
        try:
            _write_all(fd, data)
        except OSError:
            os.close(fd)
            raise
        self._size = len(data)
        fresh.replace(self._path)
        if self._fd >= 0:
            os.close(self._fd)
        self._fd = fd


def _write_all(fd: int, data: bytes) -> None:
    """Write to a file; raises OSError if the disk takes only a part."""
    written = os.write(fd, data)
    while written < len(data):
        # The next write says why.
        written += os.write(fd, data[written:])


def _pack(record: Record) -> bytes:
    body = _encode(record)
    return LENGTH.pack(len(body)) + body


def _read(path: Path) -> Iterator[Record]:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return
    offset = 0
    while offset + LENGTH.size <= len(data):
        start = offset + LENGTH.size
        offset = start + LENGTH.unpack_from(data, offset)[0]
        if offset > len(data):
            return
        yield _decode(data[start:offset])
