"""Which ends of tries are mailed, and when a mail is tried again (SEMANTICS 5.7)."""

from datetime import timedelta

import pytest

from hubflow.rules.alerts import mail_reason
from hubflow.rules.mail_retries import wait_after
from hubflow.states import TaskEvent as E


@pytest.mark.parametrize(
    ("event", "recipients", "on_failure", "on_retry", "reason"),
    [
        (E.FAILED, True, True, True, "task_failure"),
        (E.FAILED, True, False, True, None),
        (E.FAILED, False, True, True, None),
        (E.FAILED_WILL_RETRY, True, True, True, "task_retry"),
        (E.FAILED_WILL_RETRY, True, True, False, None),
        (E.FAILED_WILL_RETRY, False, True, True, None),
        (E.SUCCEEDED, True, True, True, None),
        (E.SKIPPED, True, True, True, None),
    ],
)
def test_only_failures_and_retries_that_somebody_asked_for_are_mailed(
    event: E, recipients: bool, on_failure: bool, on_retry: bool, reason: str | None
) -> None:
    found = mail_reason(event, has_recipients=recipients, on_failure=on_failure, on_retry=on_retry)
    assert found == reason


def test_waits_grow_to_an_hour_and_end_with_the_attempts() -> None:
    waits = [wait_after(attempts, 8) for attempts in range(1, 9)]
    assert waits[:3] == [timedelta(seconds=10), timedelta(seconds=40), timedelta(seconds=160)]
    assert waits[-2:] == [timedelta(hours=1), None]
