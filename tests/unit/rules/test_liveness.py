from hubflow.rules.liveness import adopt
from hubflow.states import TaskState


def test_every_try_is_known_resubmitted_lost_or_stray() -> None:
    expected = {
        1: (TaskState.QUEUED, 1),
        2: (TaskState.QUEUED, 1),
        3: (TaskState.RUNNING, 2),
        4: (TaskState.RUNNING, 2),
        5: (TaskState.DEFERRED, 1),  # its trigger ran in a worker that is gone
        6: (TaskState.DEFERRED, 1),
    }
    verdict = adopt(expected, [(1, 1), (3, 2), (4, 1), (6, 1), (9, 1)])
    assert verdict.resubmit == [2, 5]
    assert verdict.lost == [4]
    assert verdict.strays == [(4, 1), (9, 1)]
