from hubflow.rules.liveness import adopt
from hubflow.states import TaskState


def test_every_try_is_known_resubmitted_lost_or_stray() -> None:
    expected = {
        1: (TaskState.QUEUED, 1),
        2: (TaskState.QUEUED, 1),
        3: (TaskState.RUNNING, 2),
        4: (TaskState.RUNNING, 2),
    }
    verdict = adopt(expected, [(1, 1), (3, 2), (4, 1), (9, 1)])
    assert verdict.resubmit == [2]
    assert verdict.lost == [4]
    assert verdict.strays == [(4, 1), (9, 1)]
