"""After a worker connected, or stayed away: which tries go on, again, or are lost."""

from __future__ import annotations

from datetime import datetime

from hubflow.execution.messages import Finished, Hello, Kill, TryKey
from hubflow.rules.liveness import adopt
from hubflow.scheduler import alerts
from hubflow.scheduler.active_runs import Node
from hubflow.scheduler.changes import Changes
from hubflow.scheduler.dispatch import launch
from hubflow.scheduler.progress import finished
from hubflow.scheduler.world import World
from hubflow.states import TaskState


def welcome(world: World, changes: Changes, hello: Hello) -> None:
    """Bring the worker's tries and ours together (SEMANTICS 3.2, lost in queue and zombies)."""
    held = {node.id: node for node in world.nodes.values() if node.is_held}
    alerts.welcome(world, hello.known)
    tries = [key for key in hello.known if -key.task_instance_id not in world.callbacks]
    verdict = adopt({key: (node.state, node.try_number) for key, node in held.items()}, tries)
    changes.launches.extend(launch(held[key]) for key in verdict.resubmit)
    lose(world, changes, [held[key] for key in verdict.lost])
    changes.kills.extend(
        Kill(key=TryKey(*key), reason="the scheduler does not want this try any more")
        for key in verdict.strays
    )


def lose(world: World, changes: Changes, nodes: list[Node]) -> None:
    """Fail tries whose process is gone; retries apply."""
    for node in nodes:
        finished(world, changes, _lost(node, changes.at))


def running(world: World) -> list[Node]:
    """Return the tries that a worker said it started."""
    return [node for node in world.nodes.values() if node.state is TaskState.RUNNING]


def _lost(node: Node, at: datetime) -> Finished:
    return Finished(
        seq=0,
        key=TryKey(node.id, node.try_number),
        at=at,
        outcome="failed",
        error="the worker that ran this try is gone, and the try with it",
        has_called_back=False,
    )
