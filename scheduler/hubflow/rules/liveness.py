"""What to do with tries after a worker said which ones it knows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from hubflow.states import TaskState

Attempt = TypeVar("Attempt")
"""Which try of a task instance, in whatever terms both sides use."""
RESUBMITTED = frozenset({TaskState.QUEUED, TaskState.DEFERRED})


class Adoption(NamedTuple, Generic[Attempt]):
    """Task instance ids: `resubmit` never reached the worker, `lost` died with a former one;
    `strays` run there although the database does not want them."""

    resubmit: list[int]
    lost: list[int]
    strays: list[tuple[int, Attempt]]


def adopt(
    expected: Mapping[int, tuple[TaskState, Attempt]], known: Collection[tuple[int, Attempt]]
) -> Adoption[Attempt]:
    """Compare what the database says is queued or running with what the worker knows.

    Parameters
    ----------
    expected : task instance id -> (its state, which try); a DEFERRED one has its trigger there.
    known : (task instance id, which try) of everything the worker has waiting, running, or
        finished but not acknowledged.
    """
    at_worker = set(known)
    resubmit: list[int] = []
    lost: list[int] = []
    for key, (state, attempt) in expected.items():
        if (key, attempt) not in at_worker:
            (resubmit if state in RESUBMITTED else lost).append(key)
    wanted = {(key, attempt) for key, (_, attempt) in expected.items()}
    strays: list[Any] = sorted(at_worker - wanted, key=lambda stray: stray[0])
    return Adoption(resubmit, lost, strays)
