"""What running processes cost, from /proc: CPU time and memory."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def tree(pids: Iterable[int]) -> set[int]:
    """Return these processes and all that descend from them."""
    parents = _parents()
    found, pending = set(), set(pids)
    while pending:
        found |= pending
        pending = {pid for pid, parent in parents.items() if parent in pending} - found
    return found


def cpu_s(pids: Iterable[int]) -> float:
    """Return the CPU seconds of these processes, their descendants, and children that ended."""
    return sum(_ticks(pid) for pid in tree(pids)) / TICKS


def exact_cpu_ms(pid: int) -> float:
    """Return the CPU milliseconds of the living threads of one process, to the microsecond."""
    total = 0
    for stat in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            total += int(stat.read_text(encoding="ascii").split()[0])
        except OSError:
            continue
    return total / 1e6


def pss_mb(pids: Iterable[int]) -> float:
    """Return their share of memory and that of their descendants: shared pages count once."""
    return sum(_pss_kb(pid) for pid in tree(pids)) / 1024


def each(named: Mapping[str, int]) -> str:
    """Say how much memory each process has with its descendants."""
    return ", ".join(f"{name} {pss_mb([pid]):.0f} MB" for name, pid in named.items())


def _fields(pid: int) -> list[str]:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def _parents() -> dict[int, int]:
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    return {pid: int(fields[1]) for pid in pids if (fields := _fields(pid))}


def _ticks(pid: int) -> int:
    # utime, stime, and those of children that were waited for: fields 14 to 17 of proc(5).
    return sum(map(int, _fields(pid)[11:15]))


def _pss_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
