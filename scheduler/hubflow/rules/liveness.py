"""What to do with tries after a worker said which ones it knows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from hubflow.states import TaskState


class Adoption(NamedTuple):
    """Task instance ids: `resubmit` never reached the worker, `lost` died with a former one;
    `strays` run there although the database does not want them."""

    resubmit: list[int]
    lost: list[int]
    strays: list[tuple[int, int]]


def adopt(
    expected: Mapping[int, tuple[TaskState, int]], known: Collection[tuple[int, int]]
) -> Adoption:
    """Compare what the database says is queued or running with what the worker knows.

    Parameters
    ----------
    expected : task instance id -> (QUEUED, RUNNING or RESTARTING, try number).
    known : (task instance id, try number) of every try the worker has waiting, running, or
        finished but not acknowledged.
    """
    at_worker = set(known)
    resubmit: list[int] = []
    lost: list[int] = []
    for key, (state, try_number) in expected.items():
        if (key, try_number) not in at_worker:
            (resubmit if state is TaskState.QUEUED else lost).append(key)
    wanted = {(key, try_number) for key, (_, try_number) in expected.items()}
    return Adoption(resubmit, lost, sorted(at_worker - wanted))
