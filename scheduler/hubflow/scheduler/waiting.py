"""Tries that have no process for a while: rescheduled, or deferred until a trigger fires.

Nothing here polls. A moment is an entry in the heap of due times, the end of a child run is
heard when it ends, and every other trigger runs in the worker's one trigger process.
"""

from __future__ import annotations

from datetime import timedelta

import msgspec
from msgspec import structs
from sqlalchemy.orm import Session

from hubflow.clock import isoformat
from hubflow.db.queries import run_moves
from hubflow.execution.messages import Await, Deferral, Finished, Fired, Kill, Pause, Resume
from hubflow.scheduler.active_runs import Node, RunGraph
from hubflow.scheduler.changes import Changes
from hubflow.scheduler.world import World
from hubflow.states import RUN_FINISHED, TaskEvent, TaskState

KIND = "wake"
"""Of the keys in the heap of due times."""
_WAITS_A_WHILE = frozenset({TaskState.UP_FOR_RETRY, TaskState.UP_FOR_RESCHEDULE})


def pause(world: World, changes: Changes, node: Node, report: Finished) -> None:
    """Let a try wait that was just moved to UP_FOR_RESCHEDULE or DEFERRED."""
    waits = Pause(
        leg=node.key.leg + 1, began_at=node.start_date or report.at, deferral=report.deferral
    )
    changes.set_pause(node, waits)
    due_at = report.deferral.due_at if report.deferral else None
    again_at = report.reschedule_at
    if again_at is not None and report.at > changes.at:  # the clock was set back since
        again_at -= report.at - changes.at
    node.retry_at = again_at or due_at
    resume_waiting(world, node)
    if needs_trigger(node):
        changes.awaits.append(await_(node))


def resume_waiting(world: World, node: Node) -> None:
    """See to it that a waiting try is woken; also after its run was read from the database."""
    if node.state is TaskState.UP_FOR_RESCHEDULE:
        world.due.set((KIND, node.id), node.retry_at)
    elif node.state is TaskState.DEFERRED and (deferral := _deferral(node)):
        moments = [at for at in (deferral.due_at, deferral.timeout_at) if at is not None]
        world.due.set((KIND, node.id), min(moments, default=None))
        if deferral.run_key is not None:
            world.parents.setdefault(deferral.run_key, set()).add(node.id)
            world.to_look_up.add(deferral.run_key)
        elif deferral.due_at is None:
            world.awaited[node.id] = node.key


def needs_trigger(node: Node) -> bool:
    """Say whether a trigger has to run in the worker for this try."""
    deferral = _deferral(node) if node.state is TaskState.DEFERRED else None
    return deferral is not None and deferral.due_at is None and deferral.run_key is None


def await_(node: Node) -> Await:
    """Describe the trigger of a deferred try to a worker."""
    run = node.run
    assert node.pause is not None
    assert node.pause.deferral is not None
    return Await(
        key=node.key,
        path=run.dag.path if run.dag else "",
        source_hash=run.source_hash,
        log_path=node.log_path,
        deferral=node.pause.deferral,
    )


def wake(world: World, changes: Changes, node: Node) -> None:
    """The moment that was set for this instance has come, unless it is stale by now."""
    if node.state is TaskState.UP_FOR_RESCHEDULE:
        if node.retry_at is None or node.retry_at <= changes.at:
            changes.touch(node)
            node.run.move(node, TaskEvent.RESCHEDULE_DUE)
            node.retry_at = None
            world.make_ready(node, changes.at)
    elif node.state is TaskState.DEFERRED and (deferral := _deferral(node)):
        if deferral.due_at is not None and deferral.due_at <= changes.at:
            event = msgspec.json.encode(isoformat(deferral.due_at))
            _fire(world, changes, node, _resume(deferral, event=event))
        elif deferral.timeout_at is not None and deferral.timeout_at <= changes.at:
            error = "the task was deferred for longer than its timeout"
            _fire(world, changes, node, _resume(deferral, error=error, timed_out=True))
        else:
            resume_waiting(world, node)


def set_back(world: World, changes: Changes, by: timedelta) -> None:
    """The clock was set back: whoever waits for a while, not for a moment of the calendar, shall
    wait no longer for that."""
    for node in world.nodes.values():
        if node.retry_at is None or node.state not in _WAITS_A_WHILE:
            continue
        changes.touch(node)
        node.retry_at -= by
        kind = KIND if node.state is TaskState.UP_FOR_RESCHEDULE else "retry"
        world.due.set((kind, node.id), node.retry_at)


def fired(world: World, changes: Changes, report: Fired) -> None:
    """A trigger in the worker fired. Stale reports change nothing."""
    node = world.nodes.get(report.key.task_instance_id)
    if node is not None and node.state is TaskState.DEFERRED and node.key == report.key:
        world.awaited.pop(node.id, None)
        _fire(world, changes, node, report.resume)


def run_ended(world: World, changes: Changes, run: RunGraph) -> None:
    """Wake whoever waits for the end of this run."""
    facts = {
        "dag_id": run.dag_id,
        "run_id": run.run_id,
        "execution_date": isoformat(run.execution_date),
        "state": run.state,
    }
    for node, deferral in _parents(world, run.id):
        _fire(world, changes, node, _resume(deferral, event=msgspec.json.encode(facts)))


def look_up(world: World, session: Session, changes: Changes) -> None:
    """Wake those who wait for a run that is over already, or gone."""
    while world.to_look_up:
        run_key = world.to_look_up.pop()
        if run_key in world.runs:
            continue
        ended, _ = changes.runs.get(run_key, (None, None))
        if ended is not None and ended.state in RUN_FINISHED:
            run_ended(world, changes, ended)  # in this very turn: the database does not know yet
            continue
        found = run_moves.find_facts(session, run_key)
        if found is not None and found["state"] not in RUN_FINISHED:
            continue
        for node, deferral in _parents(world, run_key):
            if found is None:
                error = "the DAG run that it waited for was deleted"
                _fire(world, changes, node, _resume(deferral, error=error))
            else:
                _fire(world, changes, node, _resume(deferral, event=msgspec.json.encode(found)))


def look_again(world: World) -> None:
    """Somebody else changed rows: runs that are waited for may be over."""
    world.to_look_up.update(world.parents)


def end_unneeded(world: World, changes: Changes, *, look_at_all: bool) -> None:
    """End the triggers of instances that do not wait any more, whoever moved them.

    What this turn touched is looked at, and everything after somebody else changed rows.
    """
    if not world.awaited:
        return
    keys = set(world.awaited) if look_at_all else world.awaited.keys() & changes.nodes.keys()
    for key in sorted(keys):
        node, awaited = world.nodes.get(key), world.awaited[key]
        if node is None or node.state is not TaskState.DEFERRED or node.key != awaited:
            del world.awaited[key]
            changes.kills.append(Kill(key=awaited, reason="the task does not wait any more"))


def _fire(world: World, changes: Changes, node: Node, resume: Resume) -> None:
    changes.touch(node)
    node.run.move(node, TaskEvent.TRIGGER_FIRED)
    node.retry_at = None
    assert node.pause is not None
    changes.set_pause(
        node, structs.replace(node.pause, leg=node.pause.leg + 1, deferral=None, resume=resume)
    )
    world.make_ready(node, changes.at)


def _resume(
    deferral: Deferral, *, event: bytes = b"null", error: str | None = None, timed_out: bool = False
) -> Resume:
    return Resume(
        method=deferral.method,
        kwargs=deferral.kwargs,
        event=event,
        error=error,
        timed_out=timed_out,
    )


def _parents(world: World, run_key: int) -> list[tuple[Node, Deferral]]:
    """Return and forget the instances that still wait for this run."""
    found = []
    for key in sorted(world.parents.pop(run_key, ())):
        node = world.nodes.get(key)
        if node is None or node.state is not TaskState.DEFERRED:
            continue
        if (deferral := _deferral(node)) and deferral.run_key == run_key:
            found.append((node, deferral))
    return found


def _deferral(node: Node) -> Deferral | None:
    return node.pause.deferral if node.pause else None
