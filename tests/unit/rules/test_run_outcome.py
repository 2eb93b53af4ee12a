import pytest

from hubflow.rules.run_outcome import run_outcome
from hubflow.states import RunEvent, TaskState

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
