"""Process groups of tries: found by name or by what they write to, and ended."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from hubflow.process_identity import Stat, read_stat


class Identity(NamedTuple):
    """A process group of ours: its leader, when that started (clock ticks), and its session."""

    pid: int
    start_ticks: int
    session: int


def identify(pid: int) -> Identity | None:
    """Return the identity of a running process, or None if it is gone."""
    stat = read_stat(pid)
    return None if stat is None else Identity(pid, stat.start_ticks, stat.session)


_LOOKS = 20
_SECONDS_BETWEEN_LOOKS = 0.005

LOG_VARIABLE = "HUBFLOW_TRY_LOG"
"""Names its log to a process of a try, and the process to us if it writes elsewhere."""


def groups_writing(file: Path) -> set[Identity]:
    """Return the process groups, other than ours, whose standard output is this file, or which were
    started with it as their log."""
    found = set()
    mark = f"{LOG_VARIABLE}={file}".encode()
    with contextlib.suppress(FileNotFoundError):
        wanted = file.stat()
        for stat in _all_stats():
            if stat.group == os.getpgrp():
                continue
            if _is_output(stat.pid, wanted) or mark in _variables(stat.pid):
                found.add(identify(stat.group) or Identity(stat.group, 0, stat.session))
    return found


def kill_groups(groups: Collection[Identity]) -> list[Identity]:
    """SIGKILL whatever is left of these groups, and of the sessions that their leaders lead.

    Returns those that had something left. A group whose leader is gone is known by its session:
    the kernel gives a pid to nobody else while it still names a group or a session.
    """
    wanted = {identity.pid: identity for identity in groups if not _is_taken(identity)}
    killed: dict[int, Identity] = {}
    while found := {pid: one for pid, one in _members(wanted) if pid not in killed}:
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        killed |= found
    return list(set(killed.values()))


def _is_taken(identity: Identity) -> bool:
    """Say whether another process has the leader's number now."""
    now = read_stat(identity.pid)
    return now is not None and now.start_ticks != identity.start_ticks


def _members(wanted: Mapping[int, Identity]) -> Iterator[tuple[int, Identity]]:
    for stat in _all_stats() if wanted else ():
        identity = wanted.get(stat.session) or wanted.get(stat.group)
        # A session that was made after the identity was taken has the leader's number.
        if identity and stat.session in (identity.session, identity.pid) and stat.state != b"Z":
            yield stat.pid, identity


def kill_group(group: int, signum: int) -> None:
    """Signal a process group; nothing happens if it is gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signum)


def zombie_children() -> set[Identity]:
    """Return those of our child processes that are dead and not reaped."""
    try:
        text = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
    except OSError:
        return set()
    stats = map(read_stat, map(int, text.split()))
    return {
        Identity(stat.pid, stat.start_ticks, stat.session)
        for stat in stats
        if stat is not None and stat.state == b"Z"
    }


def _all_stats() -> Iterator[Stat]:
    for name in os.listdir("/proc"):
        if name.isdigit() and (stat := read_stat(int(name))) is not None:
            yield stat


def _variables(pid: int) -> list[bytes]:
    """Return the environment that a process was started with.

    A process in the midst of an `execve` has its new memory before its new environment: it is
    asked again. Kernel threads and the dead have neither; a few have an empty environment.
    """
    process = Path("/proc", str(pid))
    try:
        for _ in range(_LOOKS):
            if text := (process / "environ").read_bytes():
                return text.split(b"\0")
            if (process / "statm").read_bytes().startswith(b"0 "):
                break
            time.sleep(_SECONDS_BETWEEN_LOOKS)
    except OSError:
        pass
    return []


def _is_output(pid: int, file: os.stat_result) -> bool:
    try:
        return os.path.samestat(os.stat(f"/proc/{pid}/fd/1"), file)
    except OSError:
        return False
