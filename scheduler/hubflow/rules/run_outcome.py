"""What became of a run, from the states of its tasks."""

from __future__ import annotations

from collections.abc import Iterable

from hubflow.states import FINISHED, RunEvent, TaskState

_BAD = frozenset({TaskState.FAILED, TaskState.UPSTREAM_FAILED})


def run_outcome(unfinished: int, leaves: Iterable[TaskState]) -> RunEvent | None:
    """Say how a run ends, or None while it goes on.

    Parameters
    ----------
    unfinished : how many task instances are in no final state.
    leaves : states of the tasks without downstream; all final when nothing is unfinished.

    Only leaves decide: a failed task whose `all_done` successor succeeded fails nothing.

    Source: SEMANTICS 3.3.
    """
    if unfinished:
        return None
    states = list(leaves)
    if any(state not in FINISHED for state in states):
        return None
    return RunEvent.FAILED if any(state in _BAD for state in states) else RunEvent.SUCCEEDED
