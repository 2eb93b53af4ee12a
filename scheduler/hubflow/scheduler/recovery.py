"""After a worker connected, or stayed away: which tries and triggers go on, again, or are lost."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from hubflow.db.queries import task_instances
from hubflow.execution.messages import Finished, Hello, Kill, TryKey
from hubflow.rules.liveness import adopt
from hubflow.scheduler import alerts
from hubflow.scheduler.active_runs import Node
from hubflow.scheduler.changes import Changes
from hubflow.scheduler.dispatch import launch
from hubflow.scheduler.progress import finished
from hubflow.scheduler.waiting import await_, needs_trigger
from hubflow.scheduler.world import World
from hubflow.states import TaskState

CLEARED = "the task was cleared while it ran; it starts again"
_SET_BY_HAND = frozenset({TaskState.SUCCESS, TaskState.FAILED, TaskState.SKIPPED})
UNWANTED = "the state of this task was set by hand, or its run is gone: this try is not wanted"


def welcome(world: World, session: Session, changes: Changes, hello: Hello) -> None:
    """Bring the worker's tries and ours together (SEMANTICS 3.2, lost in queue and zombies)."""
    alerts.welcome(world, hello.known)
    tries = [key for key in hello.known if -key.task_instance_id not in world.callbacks]
    there = {node.id: node for node in world.nodes.values() if node.is_held or needs_trigger(node)}
    verdict = adopt(
        {key: (node.state, node.key[1:]) for key, node in there.items()},
        [(key.task_instance_id, key[1:]) for key in tries],
    )
    again = [there[key] for key in verdict.resubmit]
    changes.launches.extend(launch(node) for node in again if node.is_held)
    changes.awaits.extend(await_(node) for node in again if not node.is_held)
    lose(world, changes, [there[key] for key in verdict.lost])
    known = set(hello.known)
    cleared = [node for node in there.values() if node.state is TaskState.RESTARTING]
    changes.kills.extend(
        Kill(key=node.key, reason=CLEARED) for node in cleared if node.key in known
    )
    _end(session, changes, [TryKey(key, *attempt) for key, attempt in verdict.strays])


def end_unwanted(
    world: World, session: Session, changes: Changes, before: Collection[TryKey]
) -> None:
    """Kill the tries that ``before`` held a slot and shall not go on."""
    unwanted = []
    for key in before:
        node = world.nodes.get(key.task_instance_id)
        if node is None or node.key != key or not node.is_held:
            unwanted.append(key)
        elif node.state is TaskState.RESTARTING:
            changes.kills.append(Kill(key=key, reason=CLEARED))
    _end(session, changes, unwanted)


def _end(session: Session, changes: Changes, tries: list[TryKey]) -> None:
    """Kill tries whose result nobody wants, and say which state their instances got instead."""
    found = task_instances.states_of(session, [key.task_instance_id for key in tries])
    for key in tries:
        state = found.get(key.task_instance_id)
        told = state if state in _SET_BY_HAND else TaskState.NONE
        changes.kills.append(Kill(key=key, reason=UNWANTED, state=told))


def lose(world: World, changes: Changes, nodes: list[Node]) -> None:
    """Fail tries whose process is gone; retries apply."""
    for node in nodes:
        finished(world, changes, _lost(node, changes.at))


def running(world: World) -> list[Node]:
    """Return the tries that end with their worker."""
    started = (TaskState.RUNNING, TaskState.RESTARTING)
    return [node for node in world.nodes.values() if node.state in started]


def _lost(node: Node, at: datetime) -> Finished:
    return Finished(
        seq=0,
        key=node.key,
        at=at,
        outcome="failed",
        error="the worker that ran this try is gone, and the try with it",
        has_called_back=False,
    )
