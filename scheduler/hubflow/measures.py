"""What a scheduler counts and measures of itself: kept in memory, written with its heartbeat.

Counts start at 0 with each process, as Prometheus expects of counters.
"""

from __future__ import annotations

import bisect

import msgspec

BOUNDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0)
"""Upper bounds, in seconds, of the buckets of every histogram; one more takes the rest."""


class Histogram(msgspec.Struct):
    """How often a duration fell below each of `BOUNDS`, not counting those below the one before."""

    counts: list[int] = msgspec.field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    total_s: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one duration; one that a clock set back made negative counts as none."""
        seconds = max(0.0, seconds)
        self.counts[bisect.bisect_left(BOUNDS, seconds)] += 1
        self.total_s += seconds

    def cumulative(self) -> list[tuple[str, int]]:
        """Return (upper bound, count of all below it), as Prometheus wants them."""
        names = [*map(str, BOUNDS), "+Inf"]
        so_far, found = 0, []
        for name, count in zip(names, self.counts, strict=True):
            so_far += count
            found.append((name, so_far))
        return found


class Measures(msgspec.Struct):
    """Since the start of one scheduler, but for the last three, which are of now.

    ready_to_start : from when a task lacks nothing but a slot until its process is up.
    turn : one turn of the loop that had something to do, with its commit.
    tries : ended tries by outcome.
    """

    ready_to_start: Histogram = msgspec.field(default_factory=Histogram)
    turn: Histogram = msgspec.field(default_factory=Histogram)
    tries: dict[str, int] = {}
    runs: dict[str, int] = {}
    failed_turns: int = 0
    ready: int = 0
    held: int = 0
    active_runs: int = 0

    def count_try(self, outcome: str) -> None:
        self.tries[outcome] = self.tries.get(outcome, 0) + 1

    def count_run(self, state: str) -> None:
        self.runs[state] = self.runs.get(state, 0) + 1
