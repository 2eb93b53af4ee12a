"""One trial: an installation at work, faults, the end of all runs, the judgement."""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path
from typing import NamedTuple

from chaos import checker, facts, workload
from chaos.cluster import Cluster
from chaos.faults import Adversary, strike
from chaos.history import Line, Tail, recovery
from servers.schemas import Server

BACK_WITHIN_S = 30.0
"""After that long without a sign of recovery the whole is a failure."""
END_LIMIT_S = 240.0


class Done(NamedTuple):
    """One fault and how long it took until all was well; None where nobody came to the step."""

    name: str
    argument: str
    recovery_s: float | None


class Trial:
    """Everything at work. What the adversary chooses hangs on ``seed`` alone."""

    def __init__(
        self, folder: Path, seed: int, under_way: int, *, server: Server | None = None
    ) -> None:
        self.rng = random.Random(seed)
        self.cluster = Cluster(folder, server=server)
        self.tail = Tail(self.cluster.log)
        self.adversary = Adversary(self.cluster, self.tail, self.rng)
        self.client = workload.Client(self.cluster, under_way)

    def start(self) -> None:
        """Start all, and wait until tasks run."""
        source = workload.source(self.cluster.log, self.cluster.url)
        self.cluster.start(source, len(workload.DAGS))
        self.client.start()
        self.cluster.wait_for(lambda: len(self.tail.read()) > 30)

    def close(self) -> None:
        self.client.close()
        self.cluster.close()

    def strike(self, name: str, argument: str = "") -> Done:
        """Do one fault and wait until all is well again; raises AssertionError if that never is."""
        seen = len(self.tail.read())
        print(f"{name} {argument}", end=" ", file=sys.stderr, flush=True)
        try:
            struck = strike(self.adversary, name, argument)
        except TimeoutError:
            return self._done(name, argument, None)
        took = struck.recovery_s
        if took is None:
            took = self.cluster.wait_for(
                lambda: _recovery(self.tail.read()[seen:], struck.since), BACK_WITHIN_S
            )
        return self._done(name, argument, took)

    def finish(self, tasks: int = 0) -> tuple[facts.Facts, list[checker.Violation]]:
        """Have at least ``tasks`` run in all, wait until all runs are over, and judge."""
        self.cluster.set_clock(0)
        per_run = workload.TASKS / len(workload.DAGS)
        self.cluster.wait_for(lambda: len(self.client.accepted) * per_run >= tasks, END_LIMIT_S)
        self.client.enough.set()
        self.client.join()
        self.cluster.wait_for(lambda: self.cluster.runs_under_way() == 0, END_LIMIT_S)
        found = facts.read(self.cluster.url)
        violations = checker.check(self.tail.read(), found, workload.GRAPH, self.client.accepted)
        if self.client.error:
            violations.append(checker.Violation("refused", self.client.error))
        return found, violations

    def _done(self, name: str, argument: str, took: float | None) -> Done:
        text = "nobody came there" if took is None else f"{took:.2f} s"
        print(text, time.strftime("(%H:%M:%S)"), file=sys.stderr, flush=True)
        return Done(name, argument, took)


def _recovery(lines: list[Line], since: float) -> float | None:
    seconds = recovery(lines, workload.GRAPH.parents, since)
    return seconds if seconds < float("inf") else None
