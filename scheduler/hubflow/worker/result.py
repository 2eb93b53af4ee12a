"""How a try ended, in the worker's own words."""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from hubflow.execution.messages import Deferral
from hubflow.questions import XComItem

SUCCESS = "success"
FAILED = "failed"
SKIPPED = "skipped"
FAIL_NOW = "fail_now"
RESCHEDULED = "rescheduled"
DEFERRED = "deferred"


_STATES: Mapping[str, str] = {
    SUCCESS: "SUCCESS",
    SKIPPED: "SKIPPED",
    FAIL_NOW: "FAILED",
    RESCHEDULED: "UP_FOR_RESCHEDULE",
    DEFERRED: "DEFERRED",
}


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """See `execution.messages.Finished`, which it becomes."""

    outcome: str
    code_at: datetime | None = None
    exit_code: int | None = None
    error: str | None = None
    error_text: str | None = None
    error_detail: dict[str, Any] | None = None
    xcoms: Sequence[XComItem] = ()
    artifacts: dict[str, str] = {}
    has_called_back: bool = True
    rules_out: Sequence[str] = ()
    reschedule_at: datetime | None = None
    deferral: Deferral | None = None
    callback_error: str | None = None


def describe_exit(code: int | None, who: str = "the task's process") -> str:
    """Say in a few words how a process that reported nothing ended."""
    if code is None:
        return f"{who} was lost: the zygote that it was forked from died"
    if code >= 0:
        return f"{who} exited with status {code} before the task was over"
    if -code == signal.SIGKILL:
        return f"{who} was killed by signal 9 (out of memory?)"
    return f"{who} was killed by signal {-code} ({signal_name(-code)})"


def signal_name(signum: int) -> str:
    try:
        return signal.Signals(signum).name
    except ValueError:
        return "unknown"


def final_words(set_state: str | None, outcome: str, try_number: int, max_tries: int) -> str:
    """Say which state the task gets, in the words of its log (SEMANTICS 3.2).

    ``set_state`` is the one that it has already, "none" if this try decides nothing any more.
    """
    if set_state == "none":
        return "This try was ended and its result does not count"
    if set_state is not None:
        return f"Marking task as {set_state.upper()}"
    retry = "UP_FOR_RETRY" if try_number < max_tries else "FAILED"
    return f"Marking task as {_STATES.get(outcome, retry)}"
