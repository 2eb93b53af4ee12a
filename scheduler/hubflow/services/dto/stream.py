"""Messages of the event stream, and what the page says over the same WebSocket."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hubflow.events import Dto


class EventDto(Dto, frozen=True, kw_only=True):
    """One message of the stream. Kinds with an id: "dag", "run", "import". Without (never stored):
    "progress" (ProgressDto), "health" (HealthDto), "log" (LogChunk), "hello" ({"last_id"})."""

    id: int | None
    kind: str
    at: datetime
    dag_id: str | None
    data: Any


class EventsDto(Dto, frozen=True, kw_only=True):
    events: list[EventDto]
    last_id: int


class FollowLog(Dto, frozen=True, kw_only=True, tag_field="type", tag="follow_log"):
    """Sent by the page over the WebSocket: stream this log from `offset`. Replaces any former.

    `map_index` names an instance of a mapped task; without it, it is the first."""

    dag_id: str
    run_id: str
    task_id: str
    try_number: int
    map_index: int | None = None
    offset: int = 0


class UnfollowLog(Dto, frozen=True, kw_only=True, tag_field="type", tag="unfollow_log"):
    """Stop streaming the log."""


class LogChunk(Dto, frozen=True, kw_only=True):
    """Kind "log". `reset` means that text starts at `offset` and replaces what came before."""

    dag_id: str
    run_id: str
    task_id: str
    try_number: int
    map_index: int | None
    offset: int
    next_offset: int
    text: str
    end: bool
