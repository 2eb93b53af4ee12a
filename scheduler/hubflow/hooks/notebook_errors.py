"""How a notebook run fails, in one line for people and in parts for the front end."""

from __future__ import annotations

import signal
from typing import NamedTuple

from hubflow.errors import NotebookFailed

EVALUE_LIMIT = 1000


class Place(NamedTuple):
    """The cell that runs: the ``cell``-th of ``total`` code cells."""

    cell: int
    total: int

    def __str__(self) -> str:
        return f"cell {self.cell} of {self.total}"


def cell_failed(place: Place, ename: str, evalue: str) -> NotebookFailed:
    """`cell 3 of 7 failed: KeyError: 'price'`"""
    lines = evalue.strip().splitlines()
    what = f"{ename}: {lines[0]}" if lines else ename
    return NotebookFailed(
        f"{place} failed: {what}",
        kind="cell",
        ename=ename,
        evalue=evalue[:EVALUE_LIMIT],
        **place._asdict(),
    )


def cell_timed_out(place: Place, limit_s: float) -> NotebookFailed:
    """A cell ran longer than a cell may."""
    message = f"{place} ran longer than the {limit_s:g} s that a cell may take"
    return NotebookFailed(message, kind="timeout", **place._asdict())


def notebook_timed_out(place: Place | None, why: str) -> NotebookFailed:
    """The whole notebook ran longer than the task may; ``why`` says so."""
    if place is None:
        return NotebookFailed(why, kind="timeout")
    return NotebookFailed(f"{why}; it was in {place}", kind="timeout", **place._asdict())


def kernel_died(place: Place, exit_code: int | None) -> NotebookFailed:
    """The kernel's process ended while a cell ran: no error of the cell tells why."""
    message = f"the kernel died in {place} ({_how(exit_code)})"
    return NotebookFailed(message, kind="dead-kernel", **place._asdict())


def kernel_did_not_start(kernel: str, why: str) -> NotebookFailed:
    """There was no kernel to run on."""
    return NotebookFailed(f"the kernel {kernel!r} could not be started: {why}", kind="dead-kernel")


def _how(exit_code: int | None) -> str:
    if exit_code is None:
        return "nothing is known about how"
    if exit_code == -signal.SIGKILL:
        return "killed by signal 9; probably out of memory"
    if exit_code < 0:
        return f"killed by signal {-exit_code}, {signal.Signals(-exit_code).name}"
    return f"its process exited with status {exit_code}"
