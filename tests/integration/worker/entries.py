"""Functions that zygotes of the tests call. This folder is on their PYTHONPATH."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time

loaded: list[str] = []


def speak(payload: bytes, fds: tuple[int, ...]) -> None:
    print("to stdout")
    print("to stderr", file=sys.stderr)
    for fd in fds:
        os.write(fd, payload)


def load(payload: bytes, _fds: tuple[int, ...]) -> None:
    loaded.append(payload.decode())


def tell_loaded(_payload: bytes, fds: tuple[int, ...]) -> None:
    os.write(fds[0], ",".join(loaded).encode())


def fail(_payload: bytes, _fds: tuple[int, ...]) -> None:
    raise ValueError("on purpose")


def exit_with(payload: bytes, _fds: tuple[int, ...]) -> int:
    return int(payload)


def die(_payload: bytes, _fds: tuple[int, ...]) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def hang(_payload: bytes, _fds: tuple[int, ...]) -> None:
    time.sleep(600)


def leave_grandchild(_payload: bytes, fds: tuple[int, ...]) -> None:
    """Leave a process that outlives us, and tell its pid."""
    sleeper = subprocess.Popen(["sleep", "600"])
    os.write(fds[0], str(sleeper.pid).encode())
    if _payload == b"hang":
        hang(b"", ())


def tell_limit(_payload: bytes, fds: tuple[int, ...]) -> None:
    os.write(fds[0], str(resource.getrlimit(resource.RLIMIT_NOFILE)[0]).encode())


def eat(_payload: bytes, _fds: tuple[int, ...]) -> None:
    bytearray(4 << 30)


def tell_open_files(_payload: bytes, fds: tuple[int, ...]) -> None:
    mine = sorted(int(name) for name in os.listdir("/proc/self/fd"))
    os.write(fds[0], " ".join(map(str, mine)).encode())
