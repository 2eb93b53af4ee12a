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

from hubflow.questions import Question, XComItem
from hubflow.serialization.model import BashCommand


class TryKey(NamedTuple):
    """One leg of one try: the identity that makes every message idempotent.

    A try that gives its process back for a while (it is rescheduled or deferred) goes on under the
    next `leg`: what comes late from an earlier one is not taken for news of this one.
    """

    task_instance_id: int
    try_number: int
    leg: int = 0


class Message(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """Base: the class name travels as `type`."""


# ---- scheduler -> worker ------------------------------------------------------------------


class Launch(Message, frozen=True, kw_only=True):
    """Run this try. Idempotent: a worker that knows `key` ignores it.

    `source_hash` names the text of the DAG file (sha256); the worker asks for it once with
    `GetSource`. `timeout_s` is the task's execution_timeout. `log_path` is relative to the log
    folder. `context` holds what templates need and the scheduler knows: see `RunContext`.

    A launch with `callback` calls a callback of the DAG instead of a task; its key is
    (-alert id, attempt). `resume` continues a deferred task where it left off. `began_at` is when
    this try first started, for one that was rescheduled.
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
    map_index: int = -1
    run_as_user: str | None = None
    resume: Resume | None = None
    began_at: datetime | None = None
    callback: Callback | None = None


class Callback(msgspec.Struct, frozen=True, kw_only=True):
    """Which callback to call: "on_success", "on_failure" or "sla_miss" of the DAG,
    "task_on_failure" or "task_on_retry" of the task; `reason` and `data` are what it is told.

    `instance` is the task instance whose context it sees, if that has begun, and `run_state` and
    `run_end_date` tell how its run stands.
    """

    name: str
    reason: str
    data: Any = None
    instance: InstanceFacts | None = None
    run_state: str = "running"
    run_end_date: datetime | None = None


class InstanceFacts(msgspec.Struct, frozen=True, kw_only=True):
    """How a task instance stood when a callback became due."""

    state: str
    try_number: int
    max_tries: int
    log_path: str
    start_date: datetime | None = None
    end_date: datetime | None = None
    hostname: str | None = None
    pid: int | None = None


class Deferral(msgspec.Struct, frozen=True, kw_only=True):
    """What a deferred task waits for, and how it goes on.

    `trigger` is the import path of a trigger class, `trigger_kwargs` and `kwargs` are JSON; the
    method `method` of the operator is called with the trigger's event. Past `timeout_at` the try
    fails.
    Two kinds of triggers need no process: `due_at` is set for those that only wait for a moment,
    `run_key` for those that wait for the end of a DAG run (its primary key).
    """

    trigger: str
    trigger_kwargs: bytes
    method: str
    kwargs: bytes = b"{}"
    timeout_at: datetime | None = None
    due_at: datetime | None = None
    run_key: int | None = None


class Resume(msgspec.Struct, frozen=True, kw_only=True):
    """How a deferred task goes on; `event` is what its trigger said, as JSON.

    With `error` the trigger failed, or (`timed_out`) never fired in time: the task gets an
    exception instead of an event.
    """

    method: str
    kwargs: bytes = b"{}"
    event: bytes = b"null"
    error: str | None = None
    timed_out: bool = False


class Pause(msgspec.Struct, frozen=True, kw_only=True):
    """Where a try stands that has no process for a while; `task_instance.deferral` keeps it.

    `leg` is the one that it waits in, or goes on with; `began_at` is when its first one started.
    A deferred try has a `deferral` until that fires, and a `resume` from then on; a rescheduled
    one has neither.
    """

    leg: int
    began_at: datetime | None = None
    deferral: Deferral | None = None
    resume: Resume | None = None


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
    conf: bytes = b"{}"
    """JSON: msgpack has no integers beyond 64 bits, and people's conf may."""
    owner: str = ""


class Kill(Message, frozen=True, kw_only=True):
    """End this try: SIGTERM to its process group, SIGKILL after `grace_s` seconds.

    `state` is what became of its task instance meanwhile: "success", "failed" or "skipped" if it
    was set to that, "none" if it starts again or is gone.
    """

    key: TryKey
    reason: str
    grace_s: float = 10.0
    state: str = "none"


class Await(Message, frozen=True, kw_only=True):
    """Run this trigger until it fires, then say `Fired`. Idempotent by `key`; `Kill` ends it.

    What it logs goes to `log_path`, the log of its try.
    """

    key: TryKey
    path: str
    source_hash: str
    log_path: str
    deferral: Deferral


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
    """First message of a worker. `known` are all tries it has: waiting, running, unacknowledged.
    `queues` are those whose tasks it takes; none means all.
    """

    worker_id: str
    hostname: str
    pid: int
    slots: int
    version: str
    known: list[TryKey]
    queues: list[str] = []


class Started(Message, frozen=True, kw_only=True):
    """The try's own process is up."""

    seq: int
    key: TryKey
    pid: int
    at: datetime


class Finished(Message, frozen=True, kw_only=True):
    """The try is over. `outcome` is "success", "failed", "skipped", "fail_now" (no retry),
    "rescheduled" (goes on at `reschedule_at`) or "deferred" (goes on when `deferral` fires).

    `error` says in one line what went wrong, `error_text` in all of its lines where there are more;
    `artifacts` maps a kind ("notebook") to a path
    relative to the artifact folder; `code_at` is when the task's own code began, where that is
    later than the start of its process; `rules_out` are the tasks that a branch or short circuit
    skips (SEMANTICS 3.4). `has_called_back` is False where the task's process ended before its
    callbacks were called; `callback_error` is what one of them raised.
    """

    seq: int
    key: TryKey
    at: datetime
    outcome: str
    code_at: datetime | None = None
    exit_code: int | None = None
    error: str | None = None
    error_text: str | None = None
    error_detail: dict[str, Any] | None = None
    xcoms: list[XComItem] = []
    artifacts: dict[str, str] = {}
    rules_out: list[str] = []
    has_called_back: bool = True
    reschedule_at: datetime | None = None
    deferral: Deferral | None = None
    callback_error: str | None = None


class Fired(Message, frozen=True, kw_only=True):
    """The trigger of a deferred task fired: the task goes on as `resume` says."""

    seq: int
    key: TryKey
    at: datetime
    resume: Resume


class Progress(Message, frozen=True, kw_only=True):
    """How far a try is: `done` of `total` units (cells), with a word for people. Not durable."""

    key: TryKey
    done: int
    total: int
    text: str = ""


class Request(Message, frozen=True, kw_only=True):
    """A question whose answer is in the database; see `hubflow.questions`."""

    id: int
    key: TryKey | None = None
    body: Question


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


ToWorker = Launch | Await | Kill | Ack | Reply
FromWorker = Hello | Started | Finished | Fired | Progress | Request
FromWatcher = Watch | Poke
ToWatcher = Committed | Transient
FromPeer = Hello | Started | Finished | Fired | Progress | Request | Watch | Poke
ToPeer = Launch | Await | Kill | Ack | Reply | Committed | Transient
