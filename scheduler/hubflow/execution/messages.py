"""Every message between the scheduler and a worker daemon. Frames are msgpack lists of them.

A worker connects to the scheduler's local socket and says `Hello`. The scheduler answers with
launches; the worker reports. Results carry a growing `seq` and are sent again after a
reconnect until the scheduler has committed them and said `Ack`.

Watchers (the service, the processor) use the same socket: they say `Watch`, send `Poke` after
they wrote something the scheduler should look at, and hear `Committed` after each commit.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from hubflow.serialization.model import BashCommand


class TryKey(NamedTuple):
    """One try of one task instance: the identity that makes every message idempotent."""

    task_instance_id: int
    try_number: int


class Message(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """Base: the class name travels as `type`."""


class XComItem(msgspec.Struct, frozen=True, kw_only=True):
    """One pushed value.

    `data` is JSON text (UTF-8) if `encoding` is "json", else a pickle, which only task
    processes ever load. `text` is the repr that people see, at most 4,096 characters.
    """

    key: str
    encoding: str
    data: bytes
    text: str


# ---- scheduler -> worker ------------------------------------------------------------------


class Launch(Message, frozen=True, kw_only=True):
    """Run this try. Idempotent: a worker that knows `key` ignores it.

    `source_hash` names the text of the DAG file (sha256); the worker asks for it once with
    `GetSource`. `timeout_s` is the task's execution_timeout. `log_path` is relative to the log
    folder. `context` holds what templates need and the scheduler knows: see `RunContext`.
    """

    key: TryKey
    dag_id: str
    task_id: str
    run_id: str
    path: str
    source_hash: str
    log_path: str
    max_tries: int
    timeout_s: float | None = None
    bash: BashCommand | None = None
    context: RunContext


class RunContext(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The facts about a run that a task sees through its template context."""

    execution_date: datetime
    data_interval_start: datetime
    data_interval_end: datetime
    run_type: str
    external_trigger: bool
    run_start_date: datetime | None = None
    prev_execution_date: datetime | None = None
    next_execution_date: datetime | None = None
    prev_execution_date_success: datetime | None = None
    prev_start_date_success: datetime | None = None
    conf: bytes = b"{}"
    """JSON: msgpack has no integers beyond 64 bits, and people's conf may."""
    owner: str = ""


class Kill(Message, frozen=True, kw_only=True):
    """End this try: SIGTERM to its process group, SIGKILL after `grace_s` seconds."""

    key: TryKey
    reason: str
    grace_s: float = 10.0


class Ack(Message, frozen=True, kw_only=True):
    """Results up to and with `seq` are committed; the worker may forget them."""

    seq: int


class Reply(Message, frozen=True, kw_only=True):
    """Answer to a `Request`. `error` is None on success; `value` depends on the request."""

    id: int
    value: Any = None
    error: str | None = None


# ---- worker -> scheduler ------------------------------------------------------------------


class Hello(Message, frozen=True, kw_only=True):
    """First message of a worker. `known` are all tries it has: waiting, running, unacknowledged."""

    worker_id: str
    hostname: str
    pid: int
    slots: int
    version: str
    known: list[TryKey]


class Started(Message, frozen=True, kw_only=True):
    """The try's own process is up."""

    seq: int
    key: TryKey
    pid: int
    at: datetime


class Finished(Message, frozen=True, kw_only=True):
    """The try is over. `outcome` is "success", "failed", "skipped" or "fail_now" (no retry).

    `error` says in one line what went wrong; `artifacts` maps a kind ("notebook") to a path
    relative to the artifact folder; `skipped_tasks` are task ids that a branch ruled out.
    """

    seq: int
    key: TryKey
    at: datetime
    outcome: str
    exit_code: int | None = None
    error: str | None = None
    error_detail: dict[str, Any] | None = None
    xcoms: list[XComItem] = []
    artifacts: dict[str, str] = {}


class Progress(Message, frozen=True, kw_only=True):
    """How far a try is: `done` of `total` units (cells), with a word for people. Not durable."""

    key: TryKey
    done: int
    total: int
    text: str = ""


class Request(Message, frozen=True, kw_only=True):
    """A question whose answer is in the database; `body` is one of the structs below."""

    id: int
    key: TryKey | None = None
    body: GetSource | PullXCom | PushXCom


class RequestBody(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Base of the questions."""


class GetSource(RequestBody, frozen=True, kw_only=True):
    """-> str, the text of the DAG file with this sha256."""

    source_hash: str


class PullXCom(RequestBody, frozen=True, kw_only=True):
    """-> list of {"task_id", "key", "encoding", "data"} by SEMANTICS 5.1, newest first.

    `task_ids` None means any task; the caller picks and orders. Only the same execution date,
    unless `include_prior_dates`.
    """

    dag_id: str
    execution_date: datetime
    task_ids: list[str] | None = None
    key: str | None = "return_value"
    include_prior_dates: bool = False


class PushXCom(RequestBody, frozen=True, kw_only=True):
    """-> None, stored at once: for values that others may pull while this task still runs."""

    item: XComItem


# ---- watchers -----------------------------------------------------------------------------


class Watch(Message, frozen=True, kw_only=True):
    """First message of a watcher."""

    name: str


class Poke(Message, frozen=True, kw_only=True):
    """Something in the database changed that the scheduler should look at now."""


class Committed(Message, frozen=True, kw_only=True):
    """Events up to `event_id` are committed."""

    event_id: int


class Transient(Message, frozen=True, kw_only=True):
    """News that is shown but never stored, such as the progress of a try.

    `data` is JSON-ready; see the event kinds in `services.dto`.
    """

    kind: str
    data: dict[str, Any]


ToWorker = Launch | Kill | Ack | Reply
FromWorker = Hello | Started | Finished | Progress | Request
FromWatcher = Watch | Poke
ToWatcher = Committed | Transient
FromPeer = Hello | Started | Finished | Progress | Request | Watch | Poke
ToPeer = Launch | Kill | Ack | Reply | Committed | Transient
