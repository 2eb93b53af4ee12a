"""Whom to tell about the end of a try."""

from __future__ import annotations

from hubflow.states import TaskEvent

TASK_FAILURE, TASK_RETRY = "task_failure", "task_retry"


def mail_reason(
    event: TaskEvent, *, has_recipients: bool, on_failure: bool, on_retry: bool
) -> str | None:
    """Name the reason for which a mail is due after ``event``, or None.

    Source: SEMANTICS 5.7, `email_on_failure` and `email_on_retry`.
    """
    if not has_recipients:
        return None
    if event is TaskEvent.FAILED and on_failure:
        return TASK_FAILURE
    if event is TaskEvent.FAILED_WILL_RETRY and on_retry:
        return TASK_RETRY
    return None
