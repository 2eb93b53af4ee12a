"""After a worker connected, or stayed away: which tries go on, again, or are lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from hubflow.execution.messages import Finished, Hello, Kill, TryKey
from hubflow.rules.liveness import adopt
from hubflow.scheduler.active_runs import Node
from hubflow.scheduler.changes import Changes
from hubflow.scheduler.dispatch import launch
from hubflow.scheduler.progress import finished
from hubflow.scheduler.world import World
from hubflow.states import TaskState

CLEARED = "the task was cleared while it ran; it starts again"
UNWANTED = "the state of this task was set by hand, or its run is gone: this try is not wanted"


def welcome(world: World, changes: Changes, hello: Hello) -> None:
    """Bring the worker's tries and ours together (SEMANTICS 3.2, lost in queue and zombies)."""
    held = {node.id: node for node in world.nodes.values() if node.is_held}
    verdict = adopt({key: (node.state, node.try_number) for key, node in held.items()}, hello.known)
    changes.launches.extend(launch(held[key]) for key in verdict.resubmit)
    lose(world, changes, [held[key] for key in verdict.lost])
    known = set(hello.known)
    cleared = [node for node in held.values() if node.state is TaskState.RESTARTING]
    changes.kills.extend(
        Kill(key=key, reason=CLEARED)
        for node in cleared
        if (key := TryKey(node.id, node.try_number)) in known
    )
    changes.kills.extend(Kill(key=TryKey(*key), reason=UNWANTED) for key in verdict.strays)


def end_unwanted(world: World, changes: Changes, before: Mapping[int, int]) -> None:
    """Kill the tries that ``before`` held a slot (task instance id -> try) and shall not go on."""
    for key, try_number in before.items():
        node = world.nodes.get(key)
        if node is None or node.try_number != try_number or not node.is_held:
            changes.kills.append(Kill(key=TryKey(key, try_number), reason=UNWANTED))
        elif node.state is TaskState.RESTARTING:
            changes.kills.append(Kill(key=TryKey(key, try_number), reason=CLEARED))


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
        key=TryKey(node.id, node.try_number),
        at=at,
        outcome="failed",
        error="the worker that ran this try is gone, and the try with it",
    )
