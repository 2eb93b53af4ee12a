"""Mapped tasks: one instance for each value, once it is known how many values there are.

Until then a mapped task is one waiting instance. When it could run, its values are counted, it
becomes the first of so many, and the others are added to the run. The tasks of a mapped task group
are expanded together.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from hubflow.db.queries import task_moves, xcom_store
from hubflow.execution.messages import Finished
from hubflow.rules.mapping import CannotExpand, instance_count
from hubflow.scheduler import alerts, instances, progress
from hubflow.scheduler.active_runs import Node, RunGraph
from hubflow.scheduler.changes import Changes
from hubflow.scheduler.rows import instance_row
from hubflow.scheduler.world import World
from hubflow.states import TaskEvent, TaskState


def expand(world: World, session: Session, changes: Changes, limit: int) -> None:
    """Expand the mapped tasks that could run now; ``limit`` is the most instances of one."""
    while world.to_expand:
        run_key, task_ids = next(iter(world.to_expand.items()))
        # The others stay there meanwhile: as long as they do, the run is not deadlocked.
        task_ids.remove(task_id := min(task_ids))
        if not task_ids:
            del world.to_expand[run_key]
        run = world.runs.get(run_key)
        # What restarts gives back its process first, and asks again then.
        if run and task_id not in run.expanded and _has_not_begun(run, task_id):
            _expand(world, session, changes, run.nodes[task_id], limit)


def _has_not_begun(run: RunGraph, task_id: str) -> bool:
    return all(one.state is TaskState.NONE for one in run.instances(task_id))


def _expand(world: World, session: Session, changes: Changes, node: Node, limit: int) -> None:
    run, mapped = node.run, node.task.mapped
    assert mapped is not None
    try:
        count = instance_count(
            mapped, lambda task_id, key: _length(session, changes, run, task_id, key), limit
        )
    except CannotExpand as exc:
        _resize(world, session, changes, [node], 1)
        _fail(changes, node, str(exc))
        progress.failed(world, changes, node)
        return
    together = _group(node)
    if count:
        for first in together:
            first.map_index = 0
            task_moves.set_map_index(session, first.id, 0)
    _resize(world, session, changes, together, max(count, 1))
    if count:
        waiting = [one for first in together for one in run.instances(first.task.task_id)]
    else:
        for first in together:
            run.move(first, TaskEvent.SKIPPED)
            first.end_date = changes.at
        waiting = [child for first in together for child in first.children]
    progress.settle(world, changes, run, waiting)


def _group(node: Node) -> list[Node]:
    """Return the first instances of all that is expanded with ``node``: what of its mapped task
    group has not begun, or itself alone."""
    run, mapped = node.run, node.task.mapped
    return [
        other
        for other in run.nodes.values()
        if other is node
        or (
            other.map_index < 1
            and mapped is not None
            and mapped.shares_indexes(other.task.mapped)
            and other.task.task_id not in run.expanded
            and _has_not_begun(run, other.task.task_id)
        )
    ]


def _resize(
    world: World, session: Session, changes: Changes, tasks: Sequence[Node], size: int
) -> None:
    """Give tasks, of which these are the first instances, so many of them; those that have no
    value any more leave nothing behind."""
    run = tasks[0].run
    task_ids = [first.task.task_id for first in tasks]
    run.expanded.update(task_ids)
    for task_id in task_ids:
        there = run.instances(task_id)
        for one in (there[0], *there[size:]):
            changes.touch(one)
    new, gone = instances.resize(run, task_ids, size)
    for extra in gone:
        changes.retried.append(extra.id)
        del world.nodes[extra.id]
    for of_task in new.values():
        _insert(world, session, changes, of_task)


def _insert(world: World, session: Session, changes: Changes, new: list[Node]) -> None:
    """Give new instances their rows; one that was taken out before has one, and its tries."""
    if not new:
        return
    run, task = new[0].run, new[0].task
    removed = task_moves.restore_removed(session, run.id, task, [one.map_index for one in new])
    run.counts[TaskState.REMOVED] -= len(removed)
    keys = task_moves.insert_mapped(
        session, [instance_row(one) for one in new if one.map_index not in removed]
    )
    for one in new:
        if (row := removed.get(one.map_index)) is not None:
            one.id, one.try_number, one.max_tries = row.id, row.try_number, row.max_tries
        else:
            one.id = keys[one.map_index]
        world.nodes[one.id] = one
        changes.touch(one)


def _length(session: Session, changes: Changes, run: RunGraph, task_id: str, key: str) -> int:
    """Return how many items a task gave; of a mapped one, how many of its instances gave any.

    What was reported in this turn is not in the database yet, but counts.
    """
    ids = {node.id for node in run.instances(task_id)}
    lengths = xcom_store.lengths(session, sorted(ids), key)
    for owner, item in changes.xcoms:
        if owner in ids and item.key == key:
            lengths[owner] = item.length
    if task_id not in run.nodes:
        raise CannotExpand(f"the task {task_id!r}, over which it maps, is not part of this run")
    if run.nodes[task_id].task.mapped is not None:
        return len(lengths)
    if not lengths:
        raise CannotExpand(f"the task {task_id!r} has pushed no XCom {key!r} to map over")
    (length,) = lengths.values()
    if length is None:
        raise CannotExpand(
            f"the XCom {key!r} of the task {task_id!r} is neither a list nor a dict: nothing can "
            "be mapped over it"
        )
    return length


def _fail(changes: Changes, node: Node, error: str) -> None:
    """Fail a task that never got as far as a try, with a try that says why."""
    node.try_number += 1
    node.start_date = node.end_date = changes.at
    node.run.move(node, TaskEvent.FAILED)
    report = Finished(
        seq=0, key=node.key, at=changes.at, outcome="failed", error=error, has_called_back=False
    )
    changes.try_never_started(node)
    changes.try_ended(node, report)
    alerts.try_ended(changes, node, TaskEvent.FAILED, report)
