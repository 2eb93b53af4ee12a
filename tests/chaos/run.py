"""Faults one after another while tasks run, then the judgement. `make chaos` starts this.

python -m chaos.run --kills 200 --tasks 5000 [--seed N] [--database postgresql] [--write]
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from chaos import checker
from chaos.faults import plan
from chaos.trial import Done, Trial
from servers.schemas import KINDS, Server

UNDER_WAY = 24
PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "reliability.md"
BEGIN = "<!-- generated: make chaos {} -->"
END = "<!-- end of generated: make chaos {} -->"


class Result(NamedTuple):
    """What a whole run has shown."""

    seed: int
    done: list[Done]
    tasks: int
    tries: int
    seconds: float
    load: float
    """How many processes wanted a core, on average, ours and others'."""
    violations: list[checker.Violation]


def run(folder: Path, seed: int, kills: int, tasks: int, *, server: Server | None = None) -> Result:
    """Do ``kills`` faults while tasks run, at least ``tasks`` of them; raises AssertionError
    when the system does not come back."""
    began = time.monotonic()
    trial = Trial(folder, seed, UNDER_WAY, server=server)
    try:
        trial.start()
        done, loads = [], [os.getloadavg()[0]]
        for name, argument in plan(random.Random(seed), kills, trial.cluster):
            done.append(trial.strike(name, argument))
            loads.append(os.getloadavg()[0])
            trial.cluster.pause(trial.rng.random() * 0.5)
        found, violations = trial.finish(tasks)
    except AssertionError:
        print(trial.cluster.last_words(), file=sys.stderr)
        raise
    finally:
        trial.close()
    took = time.monotonic() - began
    load = statistics.mean(loads)
    return Result(seed, done, len(found.instances), len(found.tries), took, load, violations)


def table(result: Result) -> str:
    """Return the table of faults as Markdown."""
    times: dict[str, list[float]] = defaultdict(list)
    for done in result.done:
        if done.recovery_s is not None:
            times[done.name].append(done.recovery_s)
    rows = ["| fault | count | median recovery | longest |", "|---|---:|---:|---:|"]
    rows += [
        f"| {name.replace('_', ' ')} | {_columns(some)} |" for name, some in sorted(times.items())
    ]
    every = [took for some in times.values() for took in some]
    rows.append(f"| **all** | {_columns(every)} |")
    kinds = defaultdict(int)
    for violation in result.violations:
        kinds[violation.kind] += 1
    found = ", ".join(f"{count} times {kind}" for kind, count in kinds.items()) or "none"
    text = (
        f"{len(every)} faults while {result.tasks:,} tasks ran ({result.tries:,} tries) in "
        f"{result.seconds / 60:.0f} minutes on {os.cpu_count()} cores, for which "
        f"{result.load:.0f} processes competed; seed {result.seed}.\n\n"
    )
    return text + "\n".join(rows) + f"\n\nViolations of what is promised: **{found}**.\n"


def _columns(times: list[float]) -> str:
    return f"{len(times)} | {statistics.median(times):.1f} s | {max(times):.1f} s"


def write(result: Result, database: str) -> None:
    """Put the table into the page about reliability."""
    begin, end = BEGIN.format(database), END.format(database)
    before, _, rest = PAGE.read_text().partition(begin)
    after = rest.partition(end)[2]
    PAGE.write_text(f"{before}{begin}\n\n{table(result)}\n{end}{after}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--tasks", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--database", choices=["sqlite", *KINDS], default="sqlite")
    parser.add_argument("--keep", action="store_true", help="keep the folder with all logs")
    parser.add_argument("--write", action="store_true", help=f"write the table into {PAGE.name}")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="hubflow-chaos-"))
    print(f"seed {options.seed}, in {folder}", file=sys.stderr)
    kind = KINDS.get(options.database)
    server = None if kind is None else kind(survives_kills=True)
    try:
        result = run(folder, options.seed, options.kills, options.tasks, server=server)
    finally:
        if server is not None:
            server.close()
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    print(table(result))
    for violation in result.violations:
        print(f"{violation.kind}: {violation.what}")
    if options.write:
        write(result, options.database)
    raise SystemExit(1 if result.violations else 0)


if __name__ == "__main__":
    main()
