"""What became of a run, from the states of its tasks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from hubflow.states import FINISHED, RunEvent, RunState, TaskEvent, TaskState

_BAD = frozenset({TaskState.FAILED, TaskState.UPSTREAM_FAILED})


def run_outcome(
    unfinished: int, leaves: Iterable[TaskState], *, any_failure: bool = False
) -> RunEvent | None:
    """Say how a run ends, or None while it goes on.

    Parameters
    ----------
    unfinished : how many task instances are in no final state.
    leaves : states of the tasks without downstream; all final when nothing is unfinished.
    any_failure : whether a failure anywhere fails the run, as one does in a DAG that fails fast.

    Only leaves decide: a failed task whose `all_done` successor succeeded fails nothing.

    Source: SEMANTICS 3.3.
    """
    if unfinished:
        return None
    states = list(leaves)
    if any(state not in FINISHED for state in states):
        return None
    is_bad = any_failure or any(state in _BAD for state in states)
    return RunEvent.FAILED if is_bad else RunEvent.SUCCEEDED


def nothing_is_under_way(counts: Mapping[TaskState, int]) -> bool:
    """Say whether a run has unfinished tasks, and all of them wait for something.

    ``counts`` says how many instances are in which state. Whoever asks must then see whether
    what they wait for can still come; if not, the run is deadlocked (SEMANTICS 3.3).
    """
    unfinished = [state for state, count in counts.items() if count and state not in FINISHED]
    return unfinished == [TaskState.NONE]


def stopped_by_failure(state: TaskState, *, is_teardown: bool) -> TaskEvent | None:
    """Say what becomes of a task when another one fails in a DAG that fails fast.

    What runs fails, what waits is skipped, what tears something down goes on.
    """
    if is_teardown or state in FINISHED:
        return None
    has_process = state in {TaskState.RUNNING, TaskState.RESTARTING}
    return TaskEvent.MARKED_FAILED if has_process else TaskEvent.MARKED_SKIPPED


def keeps_failing(states: Sequence[RunState], limit: int) -> bool:
    """Say whether the ``limit`` latest runs of a DAG have failed.

    ``states`` are those of its runs, the latest execution date first. Queued ones have not begun
    and say nothing; one that runs may still succeed.

    Source: SEMANTICS 1.6, as in Airflow 2.9.
    """
    begun = [state for state in states if state is not RunState.QUEUED][:limit]
    return len(begun) == limit and all(state is RunState.FAILED for state in begun)
