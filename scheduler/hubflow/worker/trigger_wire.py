"""What the daemon and its trigger process say to each other, over `execution.framing`."""

from __future__ import annotations

from hubflow.execution.messages import Await, Message, Reply, TryKey
from hubflow.questions import Question
from hubflow.worker.order import DagSource


class RunTrigger(Message, frozen=True, kw_only=True):
    """Run this trigger. `source` is set if its class may lie in that DAG file."""

    wanted: Await
    source: DagSource | None = None


class EndTrigger(Message, frozen=True, kw_only=True):
    """Nobody waits for this trigger any more."""

    key: TryKey


class TriggerEnded(Message, frozen=True, kw_only=True):
    """The trigger fired, with `event` as JSON, or failed with `error`."""

    key: TryKey
    event: bytes = b"null"
    error: str | None = None


class TriggerAsks(Message, frozen=True, kw_only=True):
    """A trigger's question; a `Reply` with this id answers it."""

    id: int
    body: Question


ToTriggers = RunTrigger | EndTrigger | Reply
FromTriggers = TriggerEnded | TriggerAsks
