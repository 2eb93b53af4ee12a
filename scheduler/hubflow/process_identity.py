"""Naming processes so that neither a reused pid nor another machine's is taken for one of ours."""

from __future__ import annotations

import os
import socket
from typing import NamedTuple

STOPPED = (b"T", b"t")


class Stat(NamedTuple):
    """What proc(5) says of a process: ids, when it started (clock ticks), its state letter."""

    pid: int
    group: int
    session: int
    start_ticks: int
    state: bytes


class ProcessId(NamedTuple):
    """One process of one machine, for as long as both are up."""

    host: str
    pid: int
    start_ticks: int


def read_stat(pid: int) -> Stat | None:
    """Return what the kernel says of a process, or None if it is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb", buffering=0) as file:
            # The name in parentheses may hold spaces; fields are numbered as in proc(5).
            fields = file.read(4096).rpartition(b")")[2].split()
    except OSError:
        return None
    return Stat(pid, int(fields[2]), int(fields[3]), int(fields[19]), fields[0])


def this_host() -> str:
    """Name the place whose pids we can see: host name and pid namespace."""
    return f"{socket.gethostname()}/{os.stat('/proc/self/ns/pid').st_ino}"


def this_process() -> ProcessId:
    """Name this process."""
    stat = read_stat(os.getpid())
    return ProcessId(this_host(), os.getpid(), stat.start_ticks if stat else 0)


def stat_of(process: ProcessId) -> Stat | None:
    """Return how a process of this host stands; None if it is gone, or a zombie."""
    stat = read_stat(process.pid)
    if stat is None or stat.start_ticks != process.start_ticks or stat.state == b"Z":
        return None
    return stat
