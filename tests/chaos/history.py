"""What the tasks themselves wrote while they ran: one line for each thing that they did.

Tasks append whole lines to one file (O_APPEND), so the order of its lines is the order in which
they were written, whatever any clock says.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

START, BEAT, PAUSE, END = "start", "beat", "pause", "end"


class Instance(NamedTuple):
    """One task of one run."""

    dag: str
    run: str
    task: str
    map_index: int = -1


class Line(NamedTuple):
    """One thing that a process of a try did.

    `start`: its user code began. `beat`: it still runs. `pause`: it gives its process back and
    goes on later. `end`: it did all that it should. `parents` are the states of its parents as
    the starting task saw them in the database; None where it did not look.
    """

    instance: Instance
    attempt: int
    event: str
    mono: float
    pid: int
    parents: tuple[tuple[str, int, str], ...] | None = None


def parse(text: str) -> Line:
    """Read one line: nine fields, separated by tabs."""
    dag, run, task, index, attempt, event, mono, _wall, pid, extra = text.split("\t")
    seen = json.loads(extra) if extra else []
    return Line(
        Instance(dag, run, task, int(index)),
        int(attempt),
        event,
        float(mono),
        int(pid),
        tuple((name, number, state) for name, number, state in seen) if extra else None,
    )


def read(file: Path) -> list[Line]:
    """Return every whole line of the file."""
    text = file.read_text() if file.exists() else ""
    return [parse(line) for line in text.split("\n")[:-1]]


class Tail:
    """Reads a growing file from where it was last read."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._offset = 0
        self.lines: list[Line] = []

    def read(self) -> list[Line]:
        """Return all lines so far."""
        if self._file.exists():
            with self._file.open("rb") as file:
                file.seek(self._offset)
                whole, newline, _ = file.read().rpartition(b"\n")
            self._offset += len(whole) + len(newline)
            self.lines += [parse(line) for line in whole.decode().split("\n") if line]
        return self.lines


def recovery(
    lines: Iterable[Line], parents: dict[tuple[str, str], set[str]], since: float
) -> float:
    """Return how long after ``since`` (monotonic) the whole machine was back; infinity if never.

    That is when a task starts whose parent ended after ``since``: its end was reported,
    committed, followed by a decision, and that was committed and carried out.
    """
    ended: set[tuple[str, str, str]] = set()
    for line in lines:
        dag, run, task, _ = line.instance
        if line.mono <= since:
            continue
        if line.event == END:
            ended.add((dag, run, task))
        elif line.event == START and any(
            (dag, run, parent) in ended for parent in parents.get((dag, task), ())
        ):
            return line.mono - since
    return float("inf")
