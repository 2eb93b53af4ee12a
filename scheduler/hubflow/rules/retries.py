"""May a task try again, and how long must it wait?"""

from __future__ import annotations

import hashlib
import math
from datetime import timedelta
from typing import NamedTuple

from hubflow.states import TaskEvent

MAX_DELAY = timedelta(days=365)


class RetryPolicy(NamedTuple):
    """What a task says about retries. `max_tries` is retries + 1; times in seconds."""

    max_tries: int
    retry_delay_s: float
    exponential: bool = False
    max_retry_delay_s: float | None = None


def after_failure(policy: RetryPolicy, try_number: int, *, retry_allowed: bool) -> TaskEvent:
    """Say what a failed try number ``try_number`` (from 1) means for its task instance."""
    if retry_allowed and try_number < policy.max_tries:
        return TaskEvent.FAILED_WILL_RETRY
    return TaskEvent.FAILED


def retry_delay(policy: RetryPolicy, try_number: int, seed: str) -> timedelta:
    """Return the wait after failed try ``try_number``.

    With exponential back-off the n-th wait lies in [d·2^(n-1), d·2^n), at a place that only
    ``seed`` and the try decide, so that a restart computes the same.

    Source: SEMANTICS 2.2.
    """
    seconds = policy.retry_delay_s
    if policy.exponential:
        base = math.ceil(min(policy.retry_delay_s * 2 ** min(try_number - 1, 40), 1e9))
        seconds = base + _jitter(base, f"{seed}#{try_number}")
    if policy.max_retry_delay_s is not None:
        seconds = min(seconds, policy.max_retry_delay_s)
    return timedelta(seconds=min(seconds, MAX_DELAY.total_seconds()))


def _jitter(base: int, seed: str) -> int:
    """Return a whole number of seconds in [0, base)."""
    digest = hashlib.sha256(seed.encode()).digest()
    return int.from_bytes(digest[:8], "big") % base if base else 0
