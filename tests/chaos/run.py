"""Faults one after another while tasks run, then the judgement. `make chaos` starts this.

python -m chaos.run --kills 200 --tasks 5000 [--seed N] [--write]
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

from chaos import checker, facts, workload
from chaos.cluster import Cluster
from chaos.faults import Adversary, plan, strike
from chaos.history import Line, Tail, recovery

UNDER_WAY = 24
BACK_WITHIN_S = 30.0
"""After that long without a sign of recovery the whole is a failure."""
END_LIMIT_S = 240.0
PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "reliability.md"
BEGIN, END = "<!-- generated: make chaos -->", "<!-- end of generated: make chaos -->"


class Done(NamedTuple):
    """One fault and how long it took until all was well; None where nobody came to the step."""

    name: str
    argument: str
    recovery_s: float | None


class Result(NamedTuple):
    """What a whole run has shown."""

    seed: int
    done: list[Done]
    tasks: int
    tries: int
    seconds: float
    violations: list[checker.Violation]


def run(folder: Path, seed: int, kills: int, tasks: int, *, database_url: str = "") -> Result:
    """Do ``kills`` faults while tasks run, at least ``tasks`` of them; raises AssertionError
    when the system does not come back."""
    rng = random.Random(seed)
    cluster = Cluster(folder, database_url=database_url)
    tail = Tail(cluster.log)
    adversary = Adversary(cluster, tail, rng)
    began = time.monotonic()
    try:
        cluster.start(workload.source(cluster.log, cluster.url), len(workload.DAGS))
        client = workload.Client(cluster, UNDER_WAY)
        client.start()
        cluster.wait_for(lambda: len(tail.read()) > 50)
        done = []
        for name, argument in plan(rng, kills, cluster):
            done.append(_strike(adversary, name, argument))
            _say(len(done), done[-1])
            cluster.pause(rng.random() * 0.5)
        cluster.set_clock(0)
        cluster.wait_for(lambda: len(client.accepted) * per_run() >= tasks, END_LIMIT_S)
        client.enough.set()
        client.join()
        cluster.wait_for(lambda: cluster.runs_under_way() == 0, END_LIMIT_S)
        found = facts.read(cluster.url)
        violations = checker.check(tail.read(), found, workload.GRAPH, client.accepted)
        if client.error:
            violations.append(checker.Violation("refused", client.error))
    except AssertionError:
        print(cluster.last_words(), file=sys.stderr)
        raise
    finally:
        cluster.close()
    return Result(
        seed, done, len(found.instances), len(found.tries), time.monotonic() - began, violations
    )


def per_run() -> float:
    """Return how many task instances a run has, on average."""
    return workload.TASKS / len(workload.DAGS)


def _strike(adversary: Adversary, name: str, argument: str) -> Done:
    tail, seen = adversary.tail, len(adversary.tail.read())
    print(f"{name} {argument}", end=" ", file=sys.stderr, flush=True)
    try:
        struck = strike(adversary, name, argument)
    except TimeoutError:
        return Done(name, argument, None)
    took = struck.recovery_s
    if took is None:
        took = adversary.cluster.wait_for(
            lambda: _recovery(tail.read()[seen:], struck.since), BACK_WITHIN_S
        )
    return Done(name, argument, took)


def _recovery(lines: list[Line], since: float) -> float | None:
    seconds = recovery(lines, workload.GRAPH.parents, since)
    return seconds if seconds < float("inf") else None


def _say(number: int, done: Done) -> None:
    took = "nobody came there" if done.recovery_s is None else f"{done.recovery_s:.2f} s"
    print(f"(fault {number}): {took}", file=sys.stderr, flush=True)


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
        f"{result.seconds / 60:.0f} minutes on {os.cpu_count()} cores; seed {result.seed}.\n\n"
    )
    return text + "\n".join(rows) + f"\n\nViolations of what is promised: **{found}**.\n"


def _columns(times: list[float]) -> str:
    return f"{len(times)} | {statistics.median(times):.1f} s | {max(times):.1f} s"


def write(result: Result) -> None:
    """Put the table into the page about reliability."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n\n{table(result)}\n{END}{after}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--tasks", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keep", action="store_true", help="keep the folder with all logs")
    parser.add_argument("--write", action="store_true", help=f"write the table into {PAGE.name}")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="hubflow-chaos-"))
    print(f"seed {options.seed}, in {folder}", file=sys.stderr)
    try:
        result = run(folder, options.seed, options.kills, options.tasks)
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    print(table(result))
    for violation in result.violations:
        print(f"{violation.kind}: {violation.what}")
    if options.write:
        write(result)
    raise SystemExit(1 if result.violations else 0)


if __name__ == "__main__":
    main()
