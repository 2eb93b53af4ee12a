"""Functions that zygotes of the tests call. This folder is on their PYTHONPATH."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

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


def leave_daemon(payload: bytes, fds: tuple[int, ...]) -> None:
    """Leave a daemon and its child, each in a session of its own, and tell their pids."""
    os.write(fds[0], " ".join(map(str, _daemons())).encode())
    if payload == b"hang":
        hang(b"", ())


def keep_daemon(payload: bytes, fds: tuple[int, ...]) -> None:
    """Have daemons until a file `go` appears in the folder given; tell whether they live then."""
    folder = Path(payload.decode())
    pids = _daemons()
    (folder / "ready").touch()
    while not (folder / "go").exists():
        time.sleep(0.01)
    states = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] for pid in pids]
    os.write(fds[0], "".join(states).encode())


def _daemons() -> list[int]:
    told, tell = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            sleeper = subprocess.Popen(["sleep", "600"], start_new_session=True)
            os.write(tell, f"{os.getpid()} {sleeper.pid}".encode())
            time.sleep(600)
        os._exit(0)
    os.wait()
    return [int(pid) for pid in os.read(told, 100).split()]


def tell_limit(_payload: bytes, fds: tuple[int, ...]) -> None:
    os.write(fds[0], str(resource.getrlimit(resource.RLIMIT_NOFILE)[0]).encode())


def eat(_payload: bytes, _fds: tuple[int, ...]) -> None:
    bytearray(4 << 30)


def tell_open_files(_payload: bytes, fds: tuple[int, ...]) -> None:
    mine = sorted(int(name) for name in os.listdir("/proc/self/fd"))
    os.write(fds[0], " ".join(map(str, mine)).encode())
