"""Triggers, and what a task says when it gives its process back until one fires."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, cast

from hubflow.clock import plain_utc, utcnow
from hubflow.sdk import stored
from hubflow.sdk.exceptions import InvalidDag, TaskDeferred


class TriggerEvent:
    """What a trigger has to say; the task's method gets `payload` as `event`."""

    def __init__(self, payload: Any = None) -> None:
        self.payload = payload

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TriggerEvent) and other.payload == self.payload

    __hash__ = None  # type: ignore[assignment]  # payloads are lists and dicts as often as not

    def __repr__(self) -> str:
        return f"TriggerEvent<{self.payload!r}>"


class BaseTrigger(ABC):
    """Waits for something in an event loop that it shares with all other triggers.

    `run` must never block: it awaits, or calls what blocks by `in_thread`. It runs in another
    process than the task, maybe more than once, so it is made again from what `serialize` returns.
    """

    looks_as_user: ClassVar[bool] = True
    """Whether it sees what the user sees as whom it runs."""

    def __init__(self, **kwargs: Any) -> None:
        self.arguments = kwargs

    @abstractmethod
    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the import path of the class, and the arguments that make an equal trigger.

        The arguments are JSON with datetimes, times and timedeltas.
        """

    @abstractmethod
    def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield one event when what it waits for has come (an async generator)."""

    async def cleanup(self) -> None:
        """Called when the trigger ends, however it ends."""
        return

    def due_at(self) -> datetime | None:
        """Return the moment, if that is all this waits for: then it needs no process."""
        return None

    def run_key(self) -> int | None:
        """Return which DAG run's end this waits for, if that is all."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferring:
    """A deferral ready to be stored; the fields are those of `execution.messages.Deferral`."""

    trigger: str
    trigger_kwargs: bytes
    method: str
    kwargs: bytes
    timeout_at: datetime | None
    due_at: datetime | None
    run_key: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resuming:
    """How a deferred task goes on; the fields are those of `execution.messages.Resume`."""

    method: str
    kwargs: bytes = b"{}"
    event: bytes = b"null"
    error: str | None = None
    timed_out: bool = False


def deferring(request: TaskDeferred) -> Deferring:
    """Encode what a task asked for; raises HubflowException if that cannot be stored."""
    trigger = request.trigger
    if not isinstance(trigger, BaseTrigger):
        raise InvalidDag(f"trigger must be a BaseTrigger, not a {type(trigger).__name__}")
    path, arguments = trigger.serialize()
    kwargs = dict(request.kwargs or {})
    due_at = trigger.due_at()
    return Deferring(
        trigger=path,
        trigger_kwargs=stored.dumps(arguments, f"an argument of {type(trigger).__name__}"),
        method=request.method_name,
        kwargs=stored.dumps(kwargs, "an argument of the deferred method"),
        timeout_at=None if request.timeout is None else plain_utc(utcnow() + request.timeout),
        due_at=None if due_at is None else plain_utc(due_at),
        run_key=trigger.run_key(),
    )


def trigger_class(path: str) -> type[BaseTrigger]:
    """Import the class at ``path``; raises whatever that raises."""
    module, _, name = path.rpartition(".")
    return cast("type[BaseTrigger]", getattr(importlib.import_module(module), name))


def make_trigger(path: str, arguments: bytes) -> BaseTrigger:
    """Import the class at ``path`` and make the trigger; raises whatever that raises."""
    return trigger_class(path)(**stored.loads(arguments))
