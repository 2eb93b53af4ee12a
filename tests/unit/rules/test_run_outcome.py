import pytest

from hubflow.rules.run_outcome import (
    keeps_failing,
    nothing_is_under_way,
    run_outcome,
    stopped_by_failure,
)
from hubflow.states import FINISHED, RunEvent, RunState, TaskEvent, TaskState

S, F, U, K = TaskState.SUCCESS, TaskState.FAILED, TaskState.UPSTREAM_FAILED, TaskState.SKIPPED


@pytest.mark.parametrize(
    ("unfinished", "leaves", "outcome"),
    [
        (0, [], RunEvent.SUCCEEDED),
        (0, [S, S], RunEvent.SUCCEEDED),
        (0, [S, K], RunEvent.SUCCEEDED),
        (0, [S, F], RunEvent.FAILED),
        (0, [U, S], RunEvent.FAILED),
        (1, [S], None),
        (0, [S, TaskState.RUNNING], None),
    ],
)
def test_leaves_decide(unfinished: int, leaves: list[TaskState], outcome: RunEvent | None) -> None:
    assert run_outcome(unfinished, leaves) is outcome


def test_in_a_dag_that_fails_fast_any_failure_decides() -> None:
    assert run_outcome(0, [S, K], any_failure=True) is RunEvent.FAILED
    assert run_outcome(1, [S, K], any_failure=True) is None


N = TaskState.NONE


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        ({N: 2, S: 1}, True),
        ({N: 2, TaskState.RUNNING: 0}, True),
        ({N: 2, TaskState.SCHEDULED: 1}, False),
        ({N: 0, S: 3}, False),
        ({}, False),
    ],
)
def test_a_run_in_which_all_that_is_left_waits(counts: dict[TaskState, int], verdict: bool) -> None:
    assert nothing_is_under_way(counts) is verdict


@pytest.mark.parametrize("state", TaskState)
def test_a_failure_stops_what_runs_and_what_waits(state: TaskState) -> None:
    event = stopped_by_failure(state, is_teardown=False)
    if state in FINISHED:
        assert event is None
    elif state in {TaskState.RUNNING, TaskState.RESTARTING}:
        assert event is TaskEvent.MARKED_FAILED
    else:
        assert event is TaskEvent.MARKED_SKIPPED
    assert stopped_by_failure(state, is_teardown=True) is None


@pytest.mark.parametrize(
    ("states", "verdict"),
    [
        ("failed failed", True),
        ("failed failed success", True),
        ("queued failed queued failed", True),
        ("failed", False),
        ("queued failed", False),
        ("failed success failed", False),
        ("running failed failed", False),
        ("failed running failed", False),
        ("", False),
    ],
)
def test_the_latest_runs_that_have_begun_count(states: str, verdict: bool) -> None:
    assert keeps_failing([RunState(name) for name in states.split()], 2) is verdict
