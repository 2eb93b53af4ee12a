"""What the scheduler needs of whatever runs its tries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from hubflow.execution.messages import (
    Await,
    Finished,
    Fired,
    Hello,
    Kill,
    Launch,
    Progress,
    Started,
)

Report = Started | Finished | Fired
"""What an executor reports about a try."""


class Executor(Protocol):
    """Runs tries elsewhere. Nothing here blocks; reports wait until they are taken.

    The scheduler calls `submit` only for tries whose QUEUED state is committed, and
    `acknowledge` only after the reports it took are committed.
    """

    on_wake: Callable[[], None]
    """Called whenever `take_reports` or `take_hello` would return something new."""

    @property
    def is_connected(self) -> bool:
        """Whether a worker is there to take tries."""

    @property
    def has_hello(self) -> bool:
        """Whether `take_hello` would return something."""

    def submit(self, launches: Sequence[Launch]) -> None:
        """Hand tries over; a worker that knows one ignores it."""

    def await_triggers(self, awaits: Sequence[Await]) -> None:
        """Hand over triggers of deferred tries; they report when they fire."""

    def kill(self, kills: Sequence[Kill]) -> None:
        """Ask for tries to be ended; they report as failed. Triggers just end."""

    def take_reports(self) -> list[Report]:
        """Return and forget the reports that came in since the last call, in order."""

    def take_hello(self) -> Hello | None:
        """Return and forget what the newest worker said when it connected."""

    def take_progress(self) -> list[Progress]:
        """Return and forget how far tries are."""

    def restart(self) -> None:
        """Drop what was reported and hang up: the worker connects again, says hello, and resends
        every report that was not acknowledged."""

    def acknowledge(self) -> None:
        """Tell the worker that every report taken so far is committed."""
