"""Trigger rules, as the code decides them."""

from __future__ import annotations

from hubflow.rules.readiness import RULES, Readiness, count, readiness
from hubflow.states import TaskState
from reference_tables.markdown import code, table

# The rows of SEMANTICS Appendix B, and what its table leaves out.
UPSTREAM = ("SS", "SF", "SK", "FF", "KK", "FK", "US", "S.", "F.", "K.", "UU", "UK", "..")
LETTERS = {
    "S": TaskState.SUCCESS,
    "F": TaskState.FAILED,
    "U": TaskState.UPSTREAM_FAILED,
    "K": TaskState.SKIPPED,
    ".": TaskState.NONE,
}
WORDS = {
    Readiness.RUN: "**run**",
    Readiness.WAIT: "wait",
    Readiness.SKIP: "skipped",
    Readiness.UPSTREAM_FAILED: "up. failed",
}


def verdicts() -> str:
    """Tabulate each rule against the states of two upstream tasks."""
    rows = [
        (code(rule), *(WORDS[verdict(rule, letters)] for letters in UPSTREAM)) for rule in RULES
    ]
    return table(["rule", *(" ".join(letters).replace(".", "·") for letters in UPSTREAM)], rows)


def verdict(rule: str, letters: str) -> Readiness:
    """Ask the code what becomes of the task."""
    return readiness(rule, count([LETTERS[letter] for letter in letters]))
