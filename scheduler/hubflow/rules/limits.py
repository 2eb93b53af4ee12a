"""Which ready tasks get a slot now, and in which order."""

from __future__ import annotations

import heapq
import sys
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

UNLIMITED = sys.maxsize


class Candidate(NamedTuple):
    """A ready task instance; the order of the fields is the order in which slots are given."""

    negative_weight: int
    execution_date: datetime
    position: int
    """Place of the task in its DAG, so that equals start in topological order."""
    task_instance_id: int


class Needs(NamedTuple):
    """Whose limits a task instance comes under. Those that need the same wait in one line, so
    that whatever holds back its first one holds back the whole line.

    dag : key of the DAG.
    queue : which workers may take it.
    task_id : only for a task that has a limit of its own over all runs (task_concurrency).
    run_task : (run key, task id), only for a task that has a limit within each of its runs
        (max_active_tis_per_dagrun).
    """

    dag: int
    pool: str = "default_pool"
    pool_slots: int = 1
    task_id: str | None = None
    queue: str = "default"
    run_task: tuple[int, str] | None = None


class Room(NamedTuple):
    """What is free; whatever is missing in a mapping has no room at all.

    total : slots left over everything.
    dags : DAG key -> slots left under its concurrency.
    pools : pool name -> free pool slots, UNLIMITED for a pool without limit.
    tasks : (DAG key, task id) -> instances left under its task_concurrency.
    run_tasks : (run key, task id) -> instances left under its max_active_tis_per_dagrun.
    sizes : pool name -> slots that its tasks can hold at once: its own, or all that there are.
    holds : (DAG key, pool name) -> pool slots that the DAG holds.
    """

    total: int
    dags: Mapping[int, int]
    pools: Mapping[str, int]
    tasks: Mapping[tuple[int, str], int]
    run_tasks: Mapping[tuple[int, str], int]
    sizes: Mapping[str, int] = {}
    holds: Mapping[tuple[int, str], int] = {}


def pick(
    ready: Mapping[Needs, Sequence[Candidate]], room: Room
) -> list[tuple[Needs, list[Candidate]]]:
    """Choose who starts now: a sorted beginning of some of the lines.

    Parameters
    ----------
    ready : what is needed -> those who need it, sorted.

    Returns
    -------
    Pairs in the order in which the candidates should start: first those of DAGs that hold less than
    their fair share of the pool, each the same part of it; then higher weight, then older execution
    date. Who finds no room is passed over and holds back nobody who does.

    The cost grows with the lines and with the chosen, not with how many wait.

    Source: SEMANTICS 2.1, 3.2 and 5.5; fair shares are ours.
    """
    left = _Left(room, fair_shares(ready, room.sizes))
    heads = [
        (left.has_its_share(needs), line[0], needs, 0)
        for needs, line in ready.items()
        if line and left.has_room(needs)
    ]
    heapq.heapify(heads)
    chosen: list[tuple[Needs, list[Candidate]]] = []
    for _ in range(room.total):
        _bring_up_to_date(heads, left)
        if not heads:
            break
        _, candidate, needs, index = heads[0]
        left.take(needs)
        if chosen and chosen[-1][0] == needs:
            chosen[-1][1].append(candidate)
        else:
            chosen.append((needs, [candidate]))
        line = ready[needs]
        if index + 1 < len(line):
            head = (left.has_its_share(needs), line[index + 1], needs, index + 1)
            heapq.heapreplace(heads, head)
        else:
            heapq.heappop(heads)
    return chosen


def fair_shares(
    ready: Mapping[Needs, Sequence[Candidate]], sizes: Mapping[str, int]
) -> dict[str, int]:
    """Return the slots of each pool due to every DAG with ready tasks there, at least 1."""
    competing: dict[str, set[int]] = {}
    for needs, line in ready.items():
        if line:
            competing.setdefault(needs.pool, set()).add(needs.dag)
    return {
        pool: max(1, sizes.get(pool, UNLIMITED) // len(dags)) for pool, dags in competing.items()
    }


def _bring_up_to_date(heads: list[tuple[bool, Candidate, Needs, int]], left: _Left) -> None:
    """Make the first of the heap one that has room, and stands where it belongs by now.

    What is left only shrinks and shares only fill: a line that finds no room finds none later on
    either, and what moves back never moves forward again.
    """
    while heads:
        had_share, candidate, needs, index = heads[0]
        if not left.has_room(needs):
            heapq.heappop(heads)
        elif left.has_its_share(needs) and not had_share:
            heapq.heapreplace(heads, (True, candidate, needs, index))
        else:
            return


class _Left:
    """What is left of a room while slots are given."""

    def __init__(self, room: Room, shares: Mapping[str, int]) -> None:
        self._shares = shares
        self._holds = dict(room.holds)
        self._dags = dict(room.dags)
        self._pools = dict(room.pools)
        self._tasks = dict(room.tasks)
        self._run_tasks = dict(room.run_tasks)

    def has_room(self, needs: Needs) -> bool:
        return (
            self._dags.get(needs.dag, 0) > 0
            and self._pools.get(needs.pool, 0) >= needs.pool_slots
            and (needs.task_id is None or self._tasks.get((needs.dag, needs.task_id), 0) > 0)
            and (needs.run_task is None or self._run_tasks.get(needs.run_task, 0) > 0)
        )

    def has_its_share(self, needs: Needs) -> bool:
        """Say whether the DAG holds its fair share of the pool."""
        return self._holds.get((needs.dag, needs.pool), 0) >= self._shares[needs.pool]

    def take(self, needs: Needs) -> None:
        self._dags[needs.dag] -= 1
        key = (needs.dag, needs.pool)
        self._holds[key] = self._holds.get(key, 0) + needs.pool_slots
        self._pools[needs.pool] -= needs.pool_slots
        if needs.task_id is not None:
            self._tasks[needs.dag, needs.task_id] -= 1
        if needs.run_task is not None:
            self._run_tasks[needs.run_task] -= 1


def pool_obstacle(name: str, needed: int, slots: int | None) -> str | None:
    """Say why a pool can never let a task run, or None if it can.

    Parameters
    ----------
    slots : how many the pool has altogether, -1 without limit; None when there is no such pool.
    """
    if slots is None:
        return f"there is no pool {name!r}; create it, or name another pool in the DAG file"
    if slots < 0 or needed <= slots:
        return None
    if slots == 0:
        return f"the pool {name!r} has no slots at all; give it some"
    return (
        f"the task needs {needed} slots and the pool {name!r} has only {slots} altogether; "
        "give the pool more, or the task less pool_slots"
    )


def queue_obstacle(queue: str, served: Collection[str]) -> str | None:
    """Say why no worker takes tasks of a queue, or None if one does; none served means all."""
    if not served or queue in served:
        return None
    return f"no worker serves the queue {queue!r}; workers serve: {', '.join(sorted(served))}"
