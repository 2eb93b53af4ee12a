"""Retries, by the vectors of SEMANTICS Appendix B."""

from datetime import timedelta

import pytest

from hubflow.rules.retries import RetryPolicy, after_failure, retry_delay
from hubflow.states import TaskEvent

EXPONENTIAL = RetryPolicy(max_tries=4, retry_delay_s=10, exponential=True)


@pytest.mark.parametrize(
    ("max_tries", "try_number", "allowed", "event"),
    [
        (1, 1, True, TaskEvent.FAILED),
        (2, 1, True, TaskEvent.FAILED_WILL_RETRY),
        (2, 2, True, TaskEvent.FAILED),
        (5, 1, False, TaskEvent.FAILED),
    ],
)
def test_tries_are_counted(
    max_tries: int, try_number: int, allowed: bool, event: TaskEvent
) -> None:
    policy = RetryPolicy(max_tries, 1)
    assert after_failure(policy, try_number, retry_allowed=allowed) is event


def test_a_plain_delay_is_taken_as_it_is() -> None:
    assert retry_delay(RetryPolicy(2, 7.5), 1, "x") == timedelta(seconds=7.5)


@pytest.mark.parametrize(("try_number", "low", "high"), [(1, 10, 20), (2, 20, 40), (3, 40, 80)])
@pytest.mark.parametrize("seed", ["a#b#2020", "other"])
def test_backoff_doubles_with_jitter(try_number: int, low: int, high: int, seed: str) -> None:
    delay = retry_delay(EXPONENTIAL, try_number, seed).total_seconds()
    assert low <= delay < high
    assert delay == retry_delay(EXPONENTIAL, try_number, seed).total_seconds()


def test_the_delay_is_capped() -> None:
    capped = EXPONENTIAL._replace(max_retry_delay_s=25)
    assert retry_delay(capped, 2, "x") <= timedelta(seconds=25)
    assert retry_delay(capped, 3, "x") == timedelta(seconds=25)


def test_a_thousandth_try_does_not_overflow() -> None:
    assert retry_delay(EXPONENTIAL, 1000, "x") == timedelta(days=365)


def test_no_delay_stays_no_delay() -> None:
    assert retry_delay(RetryPolicy(2, 0, exponential=True), 1, "x") == timedelta(0)


@pytest.mark.parametrize("exponential", [False, True])
def test_no_delay_is_too_long_to_compute(exponential: bool) -> None:
    assert retry_delay(RetryPolicy(2, 1e14, exponential), 1, "x") == timedelta(days=365)
