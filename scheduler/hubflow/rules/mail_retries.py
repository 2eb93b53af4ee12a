"""When to try again to send a mail that the mail server did not take."""

from __future__ import annotations

from datetime import timedelta

FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(hours=1)


def wait_after(attempts: int, max_attempts: int) -> timedelta | None:
    """Return how long to wait after so many failed attempts (from 1); None to give up."""
    if attempts >= max_attempts:
        return None
    return min(FIRST_WAIT * float(4 ** min(attempts - 1, 10)), LONGEST_WAIT)
